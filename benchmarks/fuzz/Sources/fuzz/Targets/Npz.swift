import CEngine
import Engine
import Npy

extension Target {
  /// A zip archive of .npy files, for the inspector, and each member for the reader of rows.
  static let npz = Target(name: "npz") { input in
    let path = Scratch.write(input, as: "input.npz")
    inspect(path, quantiles: input.count % 32 == 0)
    guard let archive = try? NpyArchive(path: path) else { return }
    for member in archive.members.prefix(8) {
      guard let array = try? archive.array(named: member.name) else { continue }
      _ = try? array.floats()
      _ = try? array.ints()
    }
  }
}
