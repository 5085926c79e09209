import FoundationEssentials
import Npy

/// The result for any number of files, as JSON has it.
struct InspectionDocument: Codable, Sendable {
  var format = ArrayInspection.formatName
  var version = ArrayInspection.formatVersion
  var arrays: [ArrayInspection] = []
  var errors: [Failure] = []
  /// Which came first: arrays and errors in the order of the files, for the table.
  var order: [Row] = []

  struct Failure: Codable, Sendable {
    let path: String
    let message: String
  }

  enum Row: Sendable {
    case array(Int)
    case error(Int)
  }

  enum CodingKeys: String, CodingKey {
    case format, version, arrays, errors
  }

  mutating func add(_ array: ArrayInspection) {
    order.append(.array(arrays.count))
    arrays.append(array)
  }

  mutating func add(_ error: NpyError, path: String) {
    order.append(.error(errors.count))
    errors.append(Failure(path: path, message: error.description))
  }

  /// The document as text, with a line feed at the end.
  var json: String {
    var text = ""
    writeJSON { text += $0 }
    return text
  }

  /// Hands out the document as text piece by piece: an encoder of the whole takes many times the
  /// memory of the result.
  func writeJSON(_ output: (String) -> Void) {
    let empty = "\"arrays\" : [\n\n  ]"
    var frame = self
    frame.arrays = []
    let whole = JSONText.of(frame)
    guard !arrays.isEmpty, let place = whole.firstRange(of: empty) else { return output(whole) }
    output(whole[..<place.lowerBound] + "\"arrays\" : [\n")
    for (index, array) in arrays.enumerated() {
      let lines = JSONText.of(array).split(separator: "\n").map { "    \($0)" }
      output(lines.joined(separator: "\n") + (index < arrays.count - 1 ? ",\n" : "\n"))
    }
    output("  ]" + whole[place.upperBound...])
  }
}

/// JSON as this module writes it: indented, keys sorted, numbers that JSON lacks as strings.
enum JSONText {
  static func of(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { return "{}\n" }
    return Printable.json(String(decoding: data, as: UTF8.self)) + "\n"
  }
}
