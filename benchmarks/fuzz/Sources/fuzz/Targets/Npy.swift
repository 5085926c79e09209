import CEngine
import Engine
import Npy

extension Target {
  /// A .npy file, for the inspector and for the reader of rows.
  static let npy = Target(name: "npy") { input in
    let path = Scratch.write(input, as: "input.npy")
    inspect(path, quantiles: input.count % 32 == 0)
    guard let array = try? NpyArray(path: path) else { return }
    let floats = try? array.floats()
    let doubles = try? array.doubles()
    _ = try? array.ints()
    _ = try? array.floats(rows: array.rows / 2..<array.rows)
    expect(floats?.count == doubles?.count, "\(array.elementType) is read in either width or none")
  }

  /// Has the inspector look at a file.
  static func inspect(_ path: String, quantiles: Bool) {
    let settings = quantiles ? "{\"quantiles\": true}" : nil
    let text = Calls.make({ defib_inspect(path, &$1, $0) }, settings: settings)
    Calls.takeJSON(text, "an inspection")
  }
}
