import FoundationEssentials
import Glibc
import Inspection
import Npy
import Support
import Testing

/// What people and programs get to see.
@Suite struct ReportTests {
  let folder = TemporaryFolder()

  @Test func `a page for one array`() throws {
    try NpyWriter.write(
      [-1, 0, 0.5, 1, .nan, 3, 3, 3] as [Float], shape: [2, 4], to: file("w.npy"))
    let (text, _, status) = inspect(["w.npy"], columns: 3, bins: 4)
    #expect(status == 0)
    #expect(
      text == """
        DIR/w.npy
        type      float32 (<f4), little-endian
        shape     (2, 4), C order
        elements  8
        size      32 B
        header    version 1.0, data at byte 128

        min       -1 at [0, 0]
        max       3 at [1, 1]
        mean      1.35714
        std       1.52864
        zeros     1 (12.5 %)
        negative  1 (12.5 %)
        NaN       1 (12.5 %)
        +Inf      0
        -Inf      0
        distinct  6

        -1  to  0  1  █████████████▍
         0  to  1  2  ██████████████████████████▋
         1  to  2  1  █████████████▍
         2  to  3  3  ████████████████████████████████████████

        column  min  max  mean   std  zeros  NaN  Inf
             0   -1   -1    -1     0      0    1    0
             1    0    3   1.5   1.5      1    0    0
             2  0.5    3  1.75  1.25      0    0    0
        … and 1 more column

        warning: 1 NaN

        """)
  }

  /// A document is handed out in pieces, and is the same as if it had been encoded at once.
  @Test(arguments: 0..<4)
  func `a document of any number of arrays is one value`(count: Int) throws {
    for index in 0..<count {
      try NpyWriter.write(
        [1, .nan, Float(index)] as [Float], shape: [3], to: file("\(index) \"é\u{202E}.npy"))
    }
    _ = folder.write([1], to: "z.npy")
    let (text, _, status) = inspect(["."], format: .json)
    #expect(status == 2)
    struct Whole: Codable {
      struct Failure: Codable {
        let path: String
        let message: String
      }
      let format: String
      let version: Int
      let arrays: [ArrayInspection]
      let errors: [Failure]
    }
    let whole = try JSONDecoder().decode(Whole.self, from: Data(text.utf8))
    #expect(whole.arrays.count == count && whole.errors.count == 1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let again = Printable.json(String(decoding: try encoder.encode(whole), as: UTF8.self))
    #expect(text == again.replacing(folder.path, with: "DIR") + "\n")
  }

  @Test func `many arrays get one line each`() throws {
    try NpyWriter.write([1, 2, 3] as [Double], shape: [3], to: file("a.npy"))
    try NpyWriter.write([0, .infinity] as [Float], shape: [2, 1], to: file("b.npy"))
    _ = folder.write(Array("hello".utf8), to: "bad.npy")
    mkdir(file("sub"), 0o700)
    let member = NpyFixture.file(NpyFixture.header("'|S2'", "(1,)"), data: [65, 66])
    _ = folder.write(NpyZip.archive([.init(stored: member, name: "s.npy")]), to: "sub/c.npz")
    let (text, errors, status) = inspect(["."])
    #expect(status == 2)
    #expect(errors == ["DIR/bad.npy: begins with 'hello', expected the .npy magic '\\x93NUMPY'"])
    // The width of the first column depends on the folder.
    let lines = text.split(separator: "\n").map { line in
      line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
    #expect(
      lines == [
        "file type shape size min max mean std zeros NaN Inf",
        "DIR/a.npy float64 (3,) 24 B 1 3 2 0.816497 0 % 0 0",
        "DIR/b.npy float32 (2, 1) 8 B 0 0 0 0 50.0 % 0 1",
        "error: DIR/bad.npy: begins with 'hello', expected the .npy magic '\\x93NUMPY'",
        "DIR/sub/c.npz:s S2 (1,) 2 B - - - - - - -",
        "total: 3 arrays, 1 error 6 elements 34 B 0 3 20.0 % 0 1",
      ])
  }

  @Test func `the keys of the document are fixed`() throws {
    try NpyWriter.write([1, .nan, .infinity, 4] as [Float], shape: [2, 2], to: file("a.npy"))
    let (text, _, _) = inspect(["a.npy", "none.npy"], format: .json)
    for key in [
      "arrays", "errors", "format", "version", "aligned", "byte_order", "columns", "count",
      "data_bytes", "data_offset", "descr", "figures", "constant", "distinct", "finite", "max",
      "max_index", "mean", "min", "min_index", "nan", "negative", "negative_infinity",
      "positive_infinity", "std", "zeros", "file_bytes", "header_version", "histogram", "counts",
      "edges", "item_size", "kind", "order", "path", "shape", "trailing_bytes", "type", "warnings",
      "total", "shown", "inf", "message",
    ] {
      #expect(text.contains("\"\(key)\" : "), "\(key)")
    }
    #expect(text.contains("\"format\" : \"npyinspect\""))
    #expect(text.hasSuffix("}\n"))
  }

  @Test func `one path gives an object or a document`() throws {
    try NpyWriter.write([1] as [Float], shape: [], to: file("a.npy"))
    let single = try Inspector.json(path: file("a.npy"))
    #expect(single.contains("\"figures\""))
    #expect(!single.contains("\"arrays\""))
    #expect(try Inspector.json(path: folder.path).contains("\"arrays\""))
    #expect(throws: NpyError.self) { try Inspector.json(path: file("none.npy")) }
  }

  @Test func `colours are only for those who want them`() throws {
    try NpyWriter.write([1, .nan] as [Float], shape: [2], to: file("a.npy"))
    #expect(!inspect(["a.npy"]).text.contains("\u{1B}"))
    #expect(inspect(["a.npy"], color: true).text.contains("\u{1B}[33mwarning: 1 NaN\u{1B}[0m"))
  }

  @Test func `control characters stay off the terminal`() throws {
    let name = "a\u{1B}[2J.npy"
    try NpyWriter.write([1, 2] as [Float], shape: [2], to: file(name))
    #expect(!inspect([name]).text.contains("\u{1B}"))
  }

  @Test func `empty and described arrays have no figures`() throws {
    try NpyWriter.write([] as [Float], shape: [0, 3], to: file("a.npy"))
    #expect(inspect(["a.npy"]).text.contains("warning: no elements"))
    _ = folder.write(
      NpyFixture.file(NpyFixture.header("'|O'", "(2,)"), data: [1, 2, 3]), to: "o.npy")
    let text = inspect(["o.npy"]).text
    #expect(text.contains("type      object (|O)"))
    #expect(text.contains("warning: elements of this type are only described"))
  }

  private func file(_ name: String) -> String { folder.file(name) }

  private func inspect(
    _ names: [String], format: InspectionRequest.Format = .text, columns: Int? = nil,
    bins: Int = 16, color: Bool = false
  ) -> (text: String, errors: [String], status: Int32) {
    let request = InspectionRequest(
      paths: names.map { $0 == "." ? folder.path : file($0) }, format: format, columns: columns,
      bins: bins, threads: 2, color: color)
    var text = ""
    var errors: [String] = []
    let status = Inspector.run(
      request, output: { text += $0 }, errors: { errors.append(hide($0)) })
    return (hide(text), errors, status)
  }

  private func hide(_ text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while let range = rest.firstRange(of: folder.path) {
      result += rest[..<range.lowerBound] + "DIR"
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
