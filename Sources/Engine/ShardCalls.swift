import CEngine
import Replay
import Runs

/// Does lanes of a pass for another process.
@c @implementation
public func defib_shard_run(
  _ run: OpaquePointer?, _ pass: UnsafeRawPointer?, _ pass_size: Int, _ first: Int, _ count: Int,
  _ options: UnsafePointer<defib_options>?, _ bytes: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(bytes, "bytes")
    let held: HeldRun = try Handles.require(run, "run")
    let pass = try Arguments.bytes(pass, size: pass_size, "pass")
    let options = try Options(options)
    let (end, overflow) = first.addingReportingOverflow(count)
    guard first >= 0, count >= 0, !overflow else {
      throw .argument(
        "first", found: "lanes from \(UInt(bitPattern: first)) on", expected: "lanes of the pass")
    }
    let workers = options.workers
    out.set(
      try CallingThread.run(options) { progress, _ in
        Result { () throws(RunError) in
          HeldText(
            try ShardRunner.run(
              held.run, pass: pass, lanes: first..<end, workers: workers, progress: progress))
        }.mapError(Failure.init)
      })
  }
}

/// Takes what lanes gave.
@c @implementation
public func defib_shards_deliver(
  _ shards: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ size: Int
) -> defib_status {
  answering { () throws(Failure) in
    let held: Shards = try Handles.require(shards, "shards")
    let bytes = try Arguments.bytes(bytes, size: size, "bytes")
    do throws(RunError) { try held.deliver(bytes) } catch { throw Failure(error) }
  }
}

/// What the engine asks of a caller's executor.
enum ShardRequest {
  /// Asks for all lanes of a pass; false when the executor gives up.
  static func ask(
    _ executor: defib_executor?, _ context: UnsafeMutableRawPointer?, _ shards: Shards
  ) -> Bool {
    guard let executor else { return false }
    let handle = Handles.add(shards)
    defer { Handles.end(handle, Shards.self) }
    let rows = shards.rows.flatMap { [Int64($0.lowerBound), Int64($0.upperBound)] }
    let texts = (shards.files + [shards.stage]).map(HeldText.init)
    let paths = texts.dropLast().map { UnsafePointer($0.bytes.baseAddress) }
    return withExtendedLifetime(texts) {
      shards.pass.withUnsafeBytes { pass in
        rows.withUnsafeBufferPointer { rows in
          paths.withUnsafeBufferPointer { paths in
            var request = defib_shard_request()
            request.size = MemoryLayout<defib_shard_request>.size
            request.stage = texts.last.flatMap { UnsafePointer($0.bytes.baseAddress) }
            request.pass = pass.baseAddress
            request.pass_size = pass.count
            request.lanes = shards.rows.count
            request.rows = rows.baseAddress
            request.paths = paths.baseAddress
            request.path_count = paths.count
            request.shards = handle
            return executor(context, &request) == 0
          }
        }
      }
    }
  }
}
