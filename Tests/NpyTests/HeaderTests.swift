import Npy
import Support
import Testing

/// The grammar of headers: what is read, and the exact words for what is not.
@Suite struct HeaderTests {
  struct Accepted: Sendable, CustomTestStringConvertible {
    let header: String
    let type: ElementType
    let shape: [Int]
    var version: UInt8 = 1
    var fortran = false
    var order = ByteOrder.little
    var testDescription: String { header }
  }

  static let accepted: [Accepted] = [
    .init(header: NpyFixture.header("'<f4'", "(3,)"), type: .float32, shape: [3]),
    .init(header: NpyFixture.header("'<f4'", "()"), type: .float32, shape: []),
    .init(header: NpyFixture.header("'=f4'", "(2, 3)"), type: .float32, shape: [2, 3]),
    .init(header: NpyFixture.header("'|f4'", "(2,3,)"), type: .float32, shape: [2, 3]),
    .init(
      header: NpyFixture.header("'>i8'", "(0, 7)", fortran: true), type: .int64, shape: [0, 7],
      fortran: true, order: .big),
    .init(
      header: "{\"shape\":(1L,),\"fortran_order\":False,\"descr\":\"<u2\"}", type: .uint16,
      shape: [1]),
    .init(
      header: " { 'shape' : ( 4 , ) , 'descr' : '|b1' , 'fortran_order' : False } \t\n",
      type: .bool, shape: [4], order: .notApplicable),
    .init(
      header: NpyFixture.header("'<f8'", "(5,)"), type: .float64, shape: [5], version: 2),
    .init(
      header: NpyFixture.header("[('漢', '<i4')]", "(2,)"),
      type: .structured(fields: []), shape: [2], version: 3, order: .notApplicable),
    .init(header: NpyFixture.header("'<V2'", "(3,)"), type: .bfloat16, shape: [3]),
    .init(header: NpyFixture.header("'|V2'", "(3,)"), type: .bfloat16, shape: [3]),
    .init(
      header: NpyFixture.header("'|V5'", "(1,)"), type: .void(size: 5), shape: [1],
      order: .notApplicable),
    .init(
      header: NpyFixture.header("'|S3'", "(1,)"), type: .bytes(size: 3), shape: [1],
      order: .notApplicable),
    .init(header: NpyFixture.header("'<U3'", "(1,)"), type: .unicode(length: 3), shape: [1]),
    .init(
      header: NpyFixture.header("'<M8[25us]'", "(1,)"), type: .datetime(unit: "25us"), shape: [1]),
    .init(header: NpyFixture.header("'<m8'", "(1,)"), type: .timedelta(unit: ""), shape: [1]),
    .init(header: NpyFixture.header("'<f16'", "(1,)"), type: .longDouble(size: 16), shape: [1]),
    .init(
      header: NpyFixture.header("'<c32'", "(1,)"), type: .complexLongDouble(size: 32), shape: [1]),
    .init(header: NpyFixture.header("'|O'", "(1,)"), type: .object, shape: [1], order: .little),
  ]

  @Test(arguments: accepted) func `accepts`(_ example: Accepted) throws {
    let header = try parse(NpyFixture.file(example.header, version: example.version))
    if case .structured = example.type {
      #expect(header.elementType.name == "{漢: int32}")
    } else {
      #expect(header.elementType == example.type)
      if example.type != .object { #expect(header.byteOrder == example.order) }
    }
    #expect(header.shape == example.shape)
    #expect(header.fortranOrder == example.fortran)
    #expect(header.version.major == Int(example.version))
    #expect(header.count == example.shape.reduce(1, *))
    #expect(header.dataSize == header.count * header.elementType.itemSize)
  }

  @Test func `structured types know their size and fields`() throws {
    let descr =
      "[(('title', 'a'), '<f4', (2, 3)), ('', '|V4'), ('b', [('c', '>i2'), ('d', '|S7')])]"
    let header = try parse(NpyFixture.file(NpyFixture.header(descr, "(10,)")))
    #expect(header.elementType.name == "{a: float32 (2, 3), b: {c: int16, d: S7}}")
    #expect(header.elementType.itemSize == 24 + 4 + 9)
    #expect(header.dataSize == 370)
  }

  @Test func `old versions are read as Latin-1 and new ones as UTF-8`() throws {
    var bytes = NpyFixture.file(NpyFixture.header("[('#', '<i4')]", "(2,)"))
    let place = try #require(bytes.firstIndex(of: UInt8(ascii: "#")))
    bytes[place] = 0xE9
    #expect(try parse(bytes).elementType.name == "{é: int32}")
    bytes = NpyFixture.file(NpyFixture.header("[('#', '<i4')]", "(2,)"), version: 3)
    bytes[place + 2] = 0xE9
    #expect(throws: NpyError.self) { try parse(bytes) }
  }

  @Test(arguments: RejectedHeader.all) func `rejects`(_ example: RejectedHeader) {
    #expect { try parse(example.bytes) } throws: { error in
      "\(error)" == "x.npy: \(example.message)"
    }
  }

  @Test func `the whole of every message is printable`() {
    let hostile = NpyFixture.file("{'\\x1b[2J\\n\(String(repeating: "a", count: 5000))': 1}")
    #expect {
      try parse(hostile)
    } throws: { error in
      let text = "\(error)"
      return text.count < 400 && text.unicodeScalars.allSatisfy { $0.value >= 32 }
    }
  }

  private func parse(_ bytes: [UInt8]) throws -> NpyHeader {
    try bytes.withUnsafeBytes { try NpyHeader(parsing: $0, file: "x.npy") }
  }
}
