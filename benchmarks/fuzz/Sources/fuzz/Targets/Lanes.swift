import Runs

extension Target {
  /// What a worker returns for lanes of a pass, as the process that asked gets it: first the kind of
  /// pass, then what the frame holds. Afterwards the pass is finished, and its result written out.
  static let lanes = Target(name: "lanes") { input in
    guard let kind = input.first else { return }
    SeedShards.use { run in
      SeedShards.measure(run, isCheck: kind > 3) { request in
        guard request.kind == kind else { return }
        _ = request.deliver(
          SeedShards.sealed(
            .lanes, kind: kind, owner: Digest.of(bytes: request.pass), input.dropFirst()))
      }
    }
  }
}
