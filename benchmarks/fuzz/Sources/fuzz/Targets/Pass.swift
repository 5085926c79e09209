import CEngine
import Engine

extension Target {
  /// The description of a pass, as a worker gets it: first the kind, then what the frame holds.
  static let pass = Target(name: "pass") { input in
    guard let kind = input.first else { return }
    let bytes = SeedShards.sealed(.pass, kind: kind, owner: identity, input.dropFirst())
    let text = Calls.make { out, options in
      defib_shard_run(SeedShards.opened, bytes, bytes.count, 0, 1, &options, out)
    }
    defib_text_free(text)
  }

  /// What the run of `SeedShards` is known by.
  private static let identity: UInt64 = {
    nonisolated(unsafe) var identity: UInt64 = 0
    guard let run = SeedShards.opened else { return identity }
    SeedShards.measure(run, isCheck: false) { request in
      identity = SeedShards.owner(of: request.pass)
    }
    return identity
  }()
}
