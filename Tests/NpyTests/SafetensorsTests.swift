import Npy
import Support
import Testing

/// Files of the safetensors format, sound and damaged.
@Suite struct SafetensorsTests {
  let folder = TemporaryFolder()

  private func write(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> String {
    let size = length ?? UInt64(header.utf8.count)
    return folder.write(
      NpyFixture.bytes([size]) + Array(header.utf8) + data, to: "a.safetensors")
  }

  @Test func `arrays are read from where they are`() throws {
    let data =
      NpyFixture.bytes([1, 2, 3, 4, 5, 6] as [Float]) + NpyFixture.bytes([7, -8] as [Int64])
    let path = write(
      #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
        + #""e\u00e9\ud83d\ude00":{"dtype":"I64","shape":[2],"data_offsets":[24,40]}}  "#, data)
    let file = try Safetensors(path: path)
    #expect(file.metadata == ["format": "pt"])
    #expect(file.members.map(\.name) == ["e\u{e9}\u{1F600}", "w"])
    #expect(try file.array(of: file.members[0]).ints() == [7, -8])
    let matrix = file.array(of: file.members[1])
    #expect(matrix.shape == [2, 3] && matrix.elementType == .float32)
    #expect(try matrix.floats() == [1, 2, 3, 4, 5, 6])
    #expect(matrix.file == "\(path):w")
    let row = try matrix.part(#require(Subscript("1, ::-1")))
    #expect(try row.doubles() == [6, 5, 4])
  }

  static let damaged: [(header: String, names: String)] = [
    ("", "a Python literal|a JSON"),
    ("[]", "an object in braces"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}"#, "a key in quotes"),
    (#"{'w':{}}"#, "a key in quotes"),
    (#"{"w":True}"#, "a JSON object"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{}}"#, "twice"),
    (#"{"w":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, "F31"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}"#, "is truncated"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "where it begins and ends"),
    (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, "8 bytes for 'w', expected 4"),
    (#"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#, "not negative"),
    (#"{"w":{"dtype":"F32","shape":[2]}}"#, "data_offsets"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#, "'x'"),
    (
      #"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#,
      "can be addressed"
    ),
    (
      #"{"v":{"dtype":"F32","shape":[1],"data_offsets":[2,6]},"#
        + #""w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "'w' and 'v'"
    ),
  ]

  @Test(arguments: damaged)
  func `a damaged header gets a message`(_ example: (header: String, names: String)) {
    let path = write(example.header, [UInt8](repeating: 0, count: 8))
    let error = #expect(throws: NpyError.self) { try Safetensors(path: path) }
    let message = error?.description ?? ""
    #expect(
      example.names.split(separator: "|").contains { message.contains($0) }, "\(message)")
    #expect(message.hasPrefix(path))
  }

  @Test func `lengths that cannot be are refused`() {
    for length in [UInt64.max, 1 << 40, 1 << 20] {
      let path = write("{}", length: length)
      #expect(throws: NpyError.self) { try Safetensors(path: path) }
    }
    #expect(throws: NpyError.self) { try Safetensors(path: folder.write([1], to: "s.safetensors")) }
  }

  @Test func `random damage never traps`() {
    var random = SeededGenerator(seed: 7)
    let header = Array(
      #"{"a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"__metadata__":{"k":"v"}}"#.utf8)
    let sound = NpyFixture.bytes([UInt64(header.count)]) + header + [UInt8](repeating: 1, count: 8)
    for _ in 0..<1500 {
      var bytes = sound
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      let path = folder.write(bytes, to: "damaged.safetensors")
      guard let file = try? Safetensors(path: path) else { continue }
      for member in file.members { _ = try? file.array(of: member).doubles() }
    }
  }
}
