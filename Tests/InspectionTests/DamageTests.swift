import Inspection
import Support
import Testing

/// Damaged files are described or refused, whatever they say.
@Suite struct DamageTests {
  @Test func `random damage never traps`() {
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: 11)
    let data = NpyFixture.bytes((0..<60).map { Float($0) })
    let headers = [
      NpyFixture.header("'<f4'", "(3, 4, 5)"), NpyFixture.header("'>c8'", "(6, 5)", fortran: true),
      NpyFixture.header("'<f8'", "(30, 1)"), NpyFixture.header("'<V2'", "(2, 60)", fortran: true),
    ]
    let digits = Array("0123456789, fcui".utf8)
    var shown = 0
    for round in 0..<1500 {
      var header = Array(headers[round % headers.count].utf8)
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        // Places where the numbers stand, so that many of the files can be read.
        let place = Int.random(in: 10..<header.count, using: &random)
        guard digits.contains(header[place]) else { continue }
        header[place] = digits[Int.random(in: 0..<digits.count, using: &random)]
      }
      let bytes = NpyFixture.file(String(decoding: header, as: UTF8.self), data: data)
      let path = folder.write(bytes, to: "damaged.npy")
      let request = InspectionRequest(paths: [path], threads: 1)
      let status = Inspector.run(request, output: { _ in }, errors: { _ in })
      if status == 0 { shown += 1 }
    }
    #expect(shown > 100)
  }

  @Test func `an unreadable folder does not hide the others`() throws {
    let folder = TemporaryFolder()
    let request = InspectionRequest(
      paths: [folder.file("none"), folder.write([], to: "empty.npy")], threads: 1)
    var errors: [String] = []
    let status = Inspector.run(request, output: { _ in }, errors: { errors.append($0) })
    #expect(status == 2)
    #expect(errors.count == 2)
    #expect(errors[1].hasSuffix("is empty, expected the .npy magic '\\x93NUMPY'"))
  }
}
