import Glibc
import Inspection
import Npy
import Support
import Testing

/// First rows, tables that fit, and the search for what is not finite.
@Suite struct ElementTests {
  let folder = TemporaryFolder()

  private func show(
    _ names: [String], format: InspectionRequest.Format = .text,
    _ change: (inout InspectionRequest) -> Void = { _ in }
  ) -> String {
    var request = InspectionRequest(
      paths: names.map { folder.file($0) }, format: format, threads: 1)
    change(&request)
    var text = ""
    _ = Inspector.run(request, output: { text += $0 }, errors: { text += "error: \($0)\n" })
    return text.replacing(folder.path + "/", with: "")
  }

  @Test func `first rows are shown as they are`() throws {
    try NpyWriter.write(
      [0.1, 1e-8, .nan, -3, 5, 6] as [Float], shape: [2, 3], to: folder.file("a.npy"))
    let text = show(["a.npy"]) { $0.head = 1 }
    #expect(
      text == """
        a.npy  float32 (2, 3)
             0      1    2
        0  0.1  1e-08  nan
        … and 1 more row

        """)
    let rows = show(["a.npy"], format: .csv) { $0.head = 5 }
    #expect(rows == "0.1,1e-08,nan\n-3.0,5.0,6.0\n")
    #expect(show(["a.npy[1, ::-1]"], format: .tsv) { $0.head = 2 } == "6.0\n5.0\n")
    let json = show(["a.npy"], format: .json) { $0.head = 2 }
    let dense = String(json.filter { $0 != " " && $0 != "\n" })
    #expect(
      dense == #"[{"path":"a.npy","shape":[2,3],"type":"float32","#
        + #""values":[[0.1,1e-08,"nan"],[-3,5,6]]}]"#
        || dense.contains(#""values":[[0.1,1e-08,"nan"],[-3,5,6]]"#), "\(dense)")
  }

  @Test func `elements of every type are shown`() throws {
    func file(_ descr: String, _ data: [UInt8], _ shape: String = "(1,)") -> String {
      _ = folder.write(
        NpyFixture.file(NpyFixture.header("'\(descr)'", shape), data: data), to: "e.npy")
      return show(["e.npy"], format: .csv) { $0.head = 1 }
    }
    #expect(file("<u8", NpyFixture.bytes([UInt64.max])) == "18446744073709551615\n")
    #expect(file(">i8", NpyFixture.bytes([Int64.min.byteSwapped])) == "-9223372036854775808\n")
    #expect(file("|b1", [1]) == "True\n")
    #expect(file("<c8", NpyFixture.bytes([1, -2] as [Float])) == "1.0-2.0j\n")
    #expect(file("|S3", Array("a,\"".utf8)) == "\"a,\"\"\"\n")
    #expect(file("<U2", NpyFixture.bytes([233, 0] as [UInt32])) == "\u{e9}\n")
    #expect(file("|V3", [1, 2, 255]) == "0x0102ff\n")
    #expect(file("<M8[s]", NpyFixture.bytes([12 as Int64])) == "12\n")
    #expect(file("|O", [1, 2]).contains("not pickles"))
  }

  @Test func `headers alone are shown without a look at the elements`() throws {
    try NpyWriter.write([1, .nan] as [Float], shape: [2], to: folder.file("a.npy"))
    let page = show(["a.npy"]) { $0.options.isMeta = true }
    #expect(page.contains("shape     (2,), C order") && !page.contains("NaN"))
    let table = show(["a.npy", "a.npy"], format: .csv) { $0.options.isMeta = true }
    #expect(table == "file,type,shape,elements,bytes\na.npy,float32,2,2,8\na.npy,float32,2,2,8\n")
  }

  @Test func `figures as lines of a table`() throws {
    try NpyWriter.write([1, 2, .infinity] as [Double], shape: [3], to: folder.file("a,b.npy"))
    let text = show(["a,b.npy"], format: .csv) { $0.options.quantiles = true }
    #expect(
      text == "file,type,shape,elements,bytes,min,max,mean,std,zeros,negative,nan,"
        + "positive_infinity,negative_infinity,q0.01,q0.05,q0.25,q0.5,q0.75,q0.95,q0.99\n"
        + "\"a,b.npy\",float64,3,3,24,1.0,2.0,1.5,0.5,0,0,0,1,0,1.01,1.05,1.25,1.5,1.75,1.95,1.99\n"
    )
  }

  @Test(arguments: [40, 60, 80, 120])
  func `a table is no wider than the terminal`(width: Int) throws {
    mkdir(folder.file("a folder with quite a long name"), 0o700)
    for index in 0..<3 {
      try NpyWriter.write(
        [-1.23456e-30, 2, 3] as [Double], shape: [1, 1, 3],
        to: folder.file("a folder with quite a long name/transformer.\(index).attention.npy"))
    }
    let table = show(["a folder with quite a long name"]) { $0.width = width }
    for line in table.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
    #expect(table.contains("1.attention.npy"), "\(table)")
    let head = show(["a folder with quite a long name"]) {
      $0.head = 1
      $0.width = width
    }
    #expect(head.contains("-1.23456e-30"))
  }

  @Test func `what is not finite is found`() throws {
    try NpyWriter.write([1, 2] as [Float], shape: [2], to: folder.file("a.npy"))
    try NpyWriter.write(
      [0, .nan, .infinity, .nan] as [Double], shape: [2, 2], to: folder.file("b.npy"))
    try NpyWriter.write([1, 2] as [Int64], shape: [2], to: folder.file("c.npy"))
    func check(_ names: [String]) -> (text: String, status: Int32) {
      var text = ""
      let status = FiniteCheck.run(
        InspectionRequest(paths: names.map { folder.file($0) }), output: { text += $0 },
        errors: { text += $0 })
      return (text.replacing(folder.path + "/", with: ""), status)
    }
    #expect(check(["a.npy", "c.npy"]) == ("2 arrays, neither NaN nor Inf\n", 0))
    let bad = check(["a.npy", "b.npy"])
    #expect(bad.status == 1)
    #expect(
      bad.text
        == "b.npy: 2 NaN, 1 infinite; first at [0, 1]\n1 of 2 arrays with NaN or Inf\n")
    #expect(check(["b.npy[0, 0]"]).status == 0)
    #expect(check(["b.npy", "none.npy"]).status == 2)
  }
}
