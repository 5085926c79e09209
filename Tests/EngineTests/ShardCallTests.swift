import CEngine
import Foundation
import Support
import Testing

/// Executors, shards and parts of arrays through the C interface.
struct ShardCallTests {
  /// What an executor of these tests works with.
  private final class Context {
    let run: OpaquePointer
    var requests = 0
    /// Makes something else of the bytes on their way.
    var change: ([UInt8]) -> [UInt8] = { $0 }
    var last: OpaquePointer?
    var statuses: Set<Int32> = []

    init(_ run: OpaquePointer) { self.run = run }

    func answer(_ request: defib_shard_request) -> Int32 {
      requests += 1
      last = request.shards
      for lane in 0..<request.lanes {
        var bytes: OpaquePointer?
        let status = defib_shard_run(
          run, request.pass, request.pass_size, lane, 1, nil, &bytes)
        guard status == Call.ok, let data = defib_text_data(bytes) else { return 1 }
        let own = Array(
          UnsafeRawBufferPointer(start: UnsafeRawPointer(data), count: defib_text_size(bytes)))
        defib_text_free(bytes)
        let changed = change(own)
        statuses.insert(defib_shards_deliver(request.shards, changed, changed.count))
      }
      return 0
    }
  }

  private func check(_ context: Context) -> (status: defib_status, report: String) {
    var options = Call.options(
      context: Unmanaged.passUnretained(context).toOpaque(),
      executor: { context, request in
        guard let context else { return 1 }
        return Unmanaged<Context>.fromOpaque(context).takeUnretainedValue().answer(request.pointee)
      })
    var report: OpaquePointer?
    let status = withExtendedLifetime(context) { defib_check(context.run, &options, &report) }
    defer { defib_report_free(report) }
    return (status, status == Call.ok ? text(report) : Call.message)
  }

  private func text(_ report: OpaquePointer?) -> String {
    var text: OpaquePointer?
    defer { defib_text_free(text) }
    guard defib_report_render(report, "json", &text) == Call.ok else { return "" }
    return defib_text_data(text).map { String(cString: $0) } ?? ""
  }

  @Test func `an executor does not change the report`() throws {
    try Call.withRun(RunFixture.sound()) { run in
      var report: OpaquePointer?
      #expect(defib_check(run, nil, &report) == Call.ok)
      defer { defib_report_free(report) }
      let context = Context(run)
      let found = check(context)
      #expect(found.status == Call.ok, "\(found.report)")
      #expect(found.report == text(report))
      #expect(context.requests > 4)
      // The handle of the lanes has ended with the call.
      #expect(defib_shards_deliver(context.last, "x", 1) == Call.invalidArgument)
    }
  }

  @Test func `damaged bytes, no bytes, and none of these`() throws {
    try Call.withRun(RunFixture.sound()) { run in
      for change: ([UInt8]) -> [UInt8] in [
        { $0.map { $0 ^ 1 } }, { _ in [] }, { $0.dropLast() }, { $0 + [0] },
      ] {
        let context = Context(run)
        context.change = change
        let found = check(context)
        #expect(found.status == Call.invalidArgument)
        #expect(found.report.hasPrefix("the executor: found no result of lane 0"))
        #expect(context.statuses == [Call.invalidArgument])
      }
    }
  }

  @Test func `an executor that gives up`() throws {
    try Call.withRun(RunFixture.sound()) { run in
      var options = Call.options(executor: { _, _ in 7 })
      var report: OpaquePointer?
      #expect(defib_check(run, &options, &report) == defib_status(DEFIB_CANCELLED))
      #expect(report == nil)
    }
  }

  @Test func `passes that are none`() throws {
    try Call.withRun(RunFixture.sound()) { run in
      var out: OpaquePointer?
      let noise = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      for size in [0, 1, 24, 200] {
        #expect(defib_shard_run(run, noise, size, 0, 1, nil, &out) == Call.invalidArgument)
      }
      #expect(defib_shard_run(run, noise, -1, 0, 1, nil, &out) == Call.invalidArgument)
      for (first, count) in [(-1, 1), (0, -1), (Int.max, 2)] {
        #expect(defib_shard_run(run, noise, 200, first, count, nil, &out) == Call.invalidArgument)
      }
      #expect(out == nil)
    }
  }
}
