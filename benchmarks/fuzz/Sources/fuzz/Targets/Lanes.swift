import Runs

extension Target {
  /// What a worker returns for lanes of a pass, as the process that asked gets it: first the kind of
  /// pass, then what the frame holds. Afterwards the pass is finished, and its result written out. One
  /// input of 256 goes through a whole check, by the C interface.
  static let lanes = Target(name: "lanes") { input in
    guard let kind = input.first else { return }
    guard let run = SeedShards.opened, let passes = SeedShards.passes else { return }
    guard Digest.of(bytes: Array(input)) % 256 == 0 else {
      return passes.take(kind, Array(input.dropFirst())[...])
    }
    SeedShards.measure(run, isCheck: true) { request in
      guard request.kind == kind else { return }
      _ = request.deliver(
        SeedShards.sealed(
          .lanes, kind: kind, owner: Digest.of(bytes: request.pass), input.dropFirst()))
    }
  }
}
