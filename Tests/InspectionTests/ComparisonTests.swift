import Glibc
import Inspection
import Npy
import Support
import Testing

/// What the comparison of arrays and folders says.
@Suite struct ComparisonTests {
  let folder = TemporaryFolder()

  private func compare(
    _ a: String, _ b: String, format: InspectionRequest.Format? = .csv, atol: Double = 0,
    rtol: Double = 0
  ) -> (text: String, errors: [String], status: Int32) {
    var request = ComparisonRequest(
      first: folder.file(a), second: folder.file(b), format: format)
    request.tolerance.absolute = atol
    request.tolerance.relative = rtol
    var text = ""
    var errors: [String] = []
    let status = Comparison.run(
      request, output: { text += $0 }, errors: { errors.append($0) })
    return (text, errors, status)
  }

  private func write(_ values: [Double], _ shape: [Int], _ name: String) throws {
    try NpyWriter.write(values, shape: shape, to: folder.file(name))
  }

  private static let head =
    "array,status,elements,moved,non_finite,relative_norm,largest,index\n"

  @Test func `equal arrays are equal, NaN included`() throws {
    try write([1, .nan, -0.0, .infinity], [4], "a.npy")
    try write([1, .nan, 0.0, .infinity], [4], "b.npy")
    #expect(compare("a.npy", "b.npy").status == 0)
    let found = compare("a.npy", "b.npy", format: .text)
    #expect(found.text == "equal\n" && found.status == 0)
    #expect(compare("a.npy", "a.npy", format: nil).text.isEmpty)
  }

  @Test func `what moved is measured`() throws {
    try write([3, 4, 0, 0, 1, 1], [3, 2], "a.npy")
    try write([3, 4.5, 0, -1, 1, .nan], [3, 2], "b.npy")
    let found = compare("a.npy", "b.npy")
    // Norms over what is finite in both: √(0.25 + 1) over √(9 + 16 + 1).
    let relative = (1.25 / 26).squareRoot()
    #expect(found.text == Self.head + ",moved,6,3,1,\(relative),1.0,1 1\n")
    #expect(found.status == 1 && found.errors.isEmpty)
    #expect(compare("a.npy", "b.npy", atol: 0.6).text.contains(",moved,6,2,1,"))
    #expect(compare("a.npy", "b.npy", rtol: 0.125).text.contains(",moved,6,2,1,"))
  }

  /// Tiles of ordinary numbers, and others among them.
  @Test func `many elements are compared as one by one`() throws {
    var random = SeededGenerator(seed: 8)
    let a = (0..<40_003).map { _ in Double.random(in: -2...2, using: &random) }
    var b = a
    for index in stride(from: 5, to: b.count, by: 97) { b[index] += Double(index % 3) * 1e-3 }
    b[20_000] = 1e200
    b[30_001] = .nan
    try write(a, [a.count], "a.npy")
    try write(b, [b.count], "b.npy")
    for (atol, rtol) in [(0, 0), (1.5e-3, 0), (0, 1e-3), (1e-3, 1e-3)] {
      let pairs = zip(a, b).filter { $0.1.isFinite }
      let moved = pairs.count { abs($0.0 - $0.1) > atol + rtol * abs($0.0) }
      let found = compare("a.npy", "b.npy", atol: atol, rtol: rtol)
      #expect(found.text.contains(",moved,40003,\(moved + 1),1,"), "\(found)")
      #expect(found.text.hasSuffix(",1e+200,20000\n"), "\(found)")
    }
    b[20_000] = a[20_000]
    b[30_001] = a[30_001]
    try write(b, [b.count], "b.npy")
    let squares = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let relative = (squares / a.reduce(0) { $0 + $1 * $1 }).squareRoot()
    let line = try #require(compare("a.npy", "b.npy").text.split(separator: "\n").last)
    #expect(isClose(Double(line.split(separator: ",")[4]), relative), "\(line)")
  }

  @Test func `other types, orders and sizes of files are compared by value`() throws {
    var random = SeededGenerator(seed: 2)
    let shape = [60, 50, 7]
    let values = (0..<21_000).map { _ in Float.random(in: -1...1, using: &random) }
    try NpyWriter.write(values, shape: shape, to: folder.file("c.npy"))
    var fortran = [Double](repeating: 0, count: values.count)
    for i in 0..<60 {
      for j in 0..<50 {
        for k in 0..<7 { fortran[i + 60 * (j + 50 * k)] = Double(values[(i * 50 + j) * 7 + k]) }
      }
    }
    fortran[11 + 60 * (2 + 50 * 3)] += 2
    try NpyFixture.bytes(fortran.map(\.bitPattern.byteSwapped)).withUnsafeBytes {
      try NpyWriter.write(
        bytes: $0, type: .float64, byteOrder: .big, shape: shape, fortranOrder: true,
        to: folder.file("f.npy"))
    }
    for (a, b) in [("c.npy", "f.npy"), ("f.npy", "c.npy")] {
      let found = compare(a, b)
      #expect(found.text.contains(",moved,21000,1,0,"), "\(found)")
      #expect(found.text.hasSuffix(",2.0,11 2 3\n"))
    }
    #expect(compare("f.npy[:, 0:2]", "c.npy[:, :2]").status == 0)
  }

  @Test func `integers that no double holds are told apart`() throws {
    let big: Int64 = 1 << 53
    try NpyWriter.write([big, big + 1], shape: [2], to: folder.file("a.npy"))
    try NpyWriter.write([big, big], shape: [2], to: folder.file("b.npy"))
    #expect(compare("a.npy", "b.npy").text.hasSuffix(",1.0,1\n"))
  }

  @Test func `norms neither overflow nor vanish`() throws {
    for scale in [1e300, 1e-300, .leastNonzeroMagnitude] {
      try write([3 * scale, 0], [2], "a.npy")
      try write([6 * scale, 0], [2], "b.npy")
      #expect(compare("a.npy", "b.npy").text.contains(",moved,2,1,0,1.0,"), "\(scale)")
    }
  }

  @Test func `shapes and types that do not fit are differences`() throws {
    try write([1, 2], [2], "a.npy")
    try write([1, 2], [1, 2], "b.npy")
    _ = folder.write(
      NpyFixture.file(NpyFixture.header("'|S2'", "(2,)"), data: [65, 66, 67, 68]), to: "s.npy")
    _ = folder.write(
      NpyFixture.file(NpyFixture.header("'|S2'", "(2,)"), data: [65, 66, 67, 69]), to: "t.npy")
    #expect(
      compare("a.npy", "b.npy", format: .text).text.contains("shapes differ: (2,) and (1, 2)"))
    #expect(compare("a.npy", "s.npy").status == 1)
    #expect(compare("s.npy", "t.npy").text.contains(",moved,2,1,0,,,"))
    #expect(compare("s.npy", "s.npy").status == 0)
  }

  @Test func `folders are compared by name, and runs by their settings`() throws {
    for run in ["a", "b"] {
      mkdir(folder.file(run), 0o700)
      mkdir(folder.file("\(run)/weights"), 0o700)
      try write([1, 2], [2], "\(run)/weights/same.npy")
      _ = folder.write(Array("{\"run\": \"\(run)\"}".utf8), to: "\(run)/run.json")
    }
    try write([1, 1], [2], "a/weights/w.npy")
    try write([1, 3], [2], "b/weights/w.npy")
    try write([1], [1], "a/weights/old.npy")
    try write([1], [1], "b/weights/new.npy")
    _ = folder.write([1], to: "b/broken.npy")
    let found = compare("a", "b", format: .text)
    #expect(found.status == 2 && found.errors.count == 1)
    let lines = found.text.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(lines.count == 6, "\(found.text)")
    #expect(lines[1].hasPrefix("weights/w (2,) 50.0 % 0 1.41 2 [1]: 1 → 3"))
    #expect(lines[2] == "weights/new: only in \(folder.file("b"))")
    #expect(lines[3] == "weights/old: only in \(folder.file("a"))")
    #expect(lines[4] == "run.json differs" && lines[5] == "3 of 4 arrays differ")
  }

  @Test func `an archive is compared with a folder of the same arrays`() throws {
    mkdir(folder.file("d"), 0o700)
    try write([1, 2], [2], "d/w.npy")
    try write([5], [1], "d/v.npy")
    let members = ["w", "v"].map { name in
      NpyZip.Member(stored: folder.read("d/\(name).npy"), name: "\(name).npy")
    }
    _ = folder.write(NpyZip.archive(members), to: "a.npz")
    #expect(compare("a.npz", "d", format: .text).text == "2 arrays, all equal\n")
  }

  @Test func `nothing to compare is an error`() {
    mkdir(folder.file("x"), 0o700)
    let found = compare("x", "x")
    #expect(found.status == 2 && found.errors.count == 1)
    #expect(compare("none.npy", "none.npy").status == 2)
  }
}
