import Diagnosis
import Engine
@testable import Replay
import Reports
import Runs

/// The passes of `SeedShards` by their kind, each ready to take lanes of a worker. A check takes a
/// thousand times as long to come to its last pass.
struct LanesOfPasses {
  private let takers: [UInt8: (ArraySlice<UInt8>) -> Void]

  /// - Parameter asked: by kind, the bytes of a pass and what the library itself gives for its lanes.
  init(_ run: Run, _ asked: [UInt8: (pass: [UInt8], done: [UInt8])]) {
    takers = asked.mapValues { entry in
      let taker = try? Self.taker(run, entry.pass, entry.done)
      return { input in taker?(input) }
    }
  }

  /// Has a pass take lanes, and finishes it.
  func take(_ kind: UInt8, _ input: ArraySlice<UInt8>) { takers[kind]?(input) }

  private static func taker(
    _ run: Run, _ pass: [UInt8], _ done: [UInt8]
  ) throws(RunError) -> (ArraySlice<UInt8>) -> Void {
    let (kind, _, body) = try Envelope.opened(pass, .pass)
    switch kind {
    case .data: return try taker(DataPass(run, from: body), done)
    case .targets: return try taker(TargetPass(run, from: body), done)
    case .correlation: return try taker(CorrelationPass(run, from: body), done)
    case .rows: return try taker(RowPass(run, from: body), done)
    case .outliers: return try taker(OutlierPass(run, from: body), done)
    case .replay:
      let whole = try ReplayPass(run, from: body)
      let (data, weights) = (try DataPass(run).run(workers: 1), try Weights(run, at: .current))
      return { input in
        let worker = Worker(kind: kind, input: input, done: done)
        guard let result = try? whole.run(workers: 1, executor: worker) else { return }
        let text = VitalsJSON(run, result, data: data, weights: weights, seconds: 0).text
        Target.expect((try? JSONValue(parsing: text)) != nil, "vitals are JSON")
      }
    }
  }

  private static func taker(
    _ whole: some PortablePass, _ done: [UInt8]
  ) -> (ArraySlice<UInt8>) -> Void {
    { input in
      let worker = Worker(kind: type(of: whole).kind, input: input, done: done)
      _ = try? whole.merged(workers: 1, executor: worker, progress: Progress())
    }
  }

  /// Delivers lanes that nobody can trust, and then those that are missing.
  private struct Worker: LaneExecutor {
    let kind: PassKind
    let input: ArraySlice<UInt8>
    let done: [UInt8]

    func map(_ shards: Shards) throws(RunError) {
      let owner = Digest.of(bytes: shards.pass)
      try? shards.deliver(
        SeedShards.sealed(.lanes, kind: kind.rawValue, owner: owner, input))
      try shards.deliver(done)
    }
  }
}

extension PortablePass {
  fileprivate init(_ run: Run, from body: ByteReader) throws(RunError) {
    var body = body
    try self.init(run, from: &body)
  }
}
