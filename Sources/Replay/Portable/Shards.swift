import Runs
import Synchronization

/// Does lanes of passes elsewhere: in other processes, on other machines.
public protocol LaneExecutor: Sendable {
  /// Has every lane done, by `ShardRunner.run` where the same run is open, and delivers what that
  /// gave. Returns when all lanes are delivered.
  ///
  /// - Throws: `RunError.cancelled` when it was stopped.
  func map(_ shards: Shards) throws(RunError)
}

/// The lanes of one pass that an executor is asked for, and where it puts what they give. May be
/// used by several threads.
public final class Shards: Sendable {
  /// The pass, for `ShardRunner.run`.
  public let pass: [UInt8]
  /// What the pass is called.
  public let stage: String
  /// By lane: the rows of the data that it reads.
  public let rows: [Range<Int>]
  /// The arrays whose rows it reads, by the paths that run.json names.
  public let files: [String]

  typealias Accept =
    @Sendable (_ lane: Int, _ bytes: inout ByteReader) throws(RunError) -> Void

  private let kind: PassKind
  private let digest: UInt64
  private let accept: Accept
  /// By lane: whether it has arrived.
  private let arrived: Mutex<[Bool]>

  init(
    pass: [UInt8], kind: PassKind, stage: String, rows: [Range<Int>], files: [String],
    _ accept: @escaping Accept
  ) {
    self.pass = pass
    self.kind = kind
    self.stage = stage
    self.rows = rows
    self.files = files
    self.accept = accept
    digest = Digest.of(bytes: pass)
    arrived = Mutex([Bool](repeating: false, count: rows.count))
  }

  /// Takes what `ShardRunner.run` gave for some lanes, in any order of the lanes. A lane that has
  /// arrived before is left out.
  ///
  /// - Throws: `RunError.shard` when the bytes are damaged, or of another pass; the lanes may then
  ///   be done again.
  public func deliver(_ bytes: [UInt8]) throws(RunError) {
    var (kind, owner, reader) = try Envelope.opened(bytes, .lanes)
    guard kind == self.kind, owner == digest else {
      throw .shard("lanes", found: "those of another pass", expected: "those of \(stage)")
    }
    for _ in 0..<(try reader.count()) {
      let lane = try reader.value(Int.self)
      var part = try reader.part(try reader.value(Int.self))
      guard rows.indices.contains(lane) else {
        throw .shard("lanes", found: "lane \(lane)", expected: "one of \(rows.count)")
      }
      let isNew = arrived.withLock { arrived in
        defer { arrived[lane] = true }
        return !arrived[lane]
      }
      guard isNew else { continue }
      do throws(RunError) { try accept(lane, &part) } catch {
        arrived.withLock { $0[lane] = false }
        throw error
      }
    }
    try reader.end()
  }

  /// The lanes that have not arrived.
  public var missing: [Int] {
    arrived.withLock { arrived in arrived.indices.filter { !arrived[$0] } }
  }
}
