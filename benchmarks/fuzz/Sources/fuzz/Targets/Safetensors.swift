import CEngine
import Engine
import Npy

extension Target {
  /// A .safetensors file, for the inspector, and each tensor for the reader of rows.
  static let safetensors = Target(name: "safetensors") { input in
    let path = Scratch.write(input, as: "input.safetensors")
    inspect(path, quantiles: input.count % 32 == 0)
    guard let file = try? Safetensors(path: path) else { return }
    for member in file.members.prefix(8) {
      let array = file.array(of: member)
      _ = try? array.floats()
      _ = try? array.ints()
    }
  }
}
