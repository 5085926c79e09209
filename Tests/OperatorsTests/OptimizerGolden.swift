import Glibc
import Npy
import Testing

/// Twenty updates by a framework: a file whose name holds kind and settings.
struct OptimizerGolden: Sendable, CustomTestStringConvertible {
  let file: String
  let kind: String
  let settings: [String: Double]

  var testDescription: String { file }

  /// Beside this file.
  private static let folder =
    "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
    + "/Goldens/optimizers"

  static let all: [OptimizerGolden] = {
    guard let listing = opendir(folder) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".npy") { names.append(name) }
    }
    return names.sorted().map(OptimizerGolden.init)
  }()

  init(_ file: String) {
    self.file = file
    let words = file.dropLast(4).split(separator: ",")
    kind = words.count > 1 ? String(words[1]) : ""
    var settings: [String: Double] = [:]
    for word in words.dropFirst(2) {
      let sides = word.split(separator: "=")
      if sides.count == 2 { settings[String(sides[0])] = Double(sides[1]) }
    }
    self.settings = settings
  }

  /// Weights and gradient of every update, the start before them.
  func rows() throws -> [(weights: [Float], gradient: [Float])] {
    let array = try NpyArray(path: "\(Self.folder)/\(file)")
    let width = try #require(array.shape.last)
    try #require(array.shape == [21, 2, width], "made by scripts/goldens_optimizers.py")
    let values = try array.floats()
    return (0..<21).map { row in
      let start = 2 * row * width
      return (
        Array(values[start..<(start + width)]), Array(values[(start + width)..<(start + 2 * width)])
      )
    }
  }
}
