import CEngine
import Foundation
import Support
import Testing

/// What a progress callback saw.
private struct Witness {
  var calls = 0
  var strangers = 0
  var limit = Int.max
  var thread = pthread_self()
  var stages: Set<String> = []
}

private let watch: defib_progress = { context, stage, done, total in
  guard let witness = context?.assumingMemoryBound(to: Witness.self) else { return 1 }
  witness.pointee.calls += 1
  if pthread_equal(witness.pointee.thread, pthread_self()) == 0 { witness.pointee.strangers += 1 }
  if done > total { witness.pointee.strangers += 1 }
  witness.pointee.stages.insert(String(cString: stage))
  return witness.pointee.calls >= witness.pointee.limit ? 1 : 0
}

struct ProgressTests {
  @Test func `it is told on the calling thread, and at least once`() throws {
    try Call.withRun(RunFixture.dead()) { run in
      var witness = Witness()
      let status = withUnsafeMutablePointer(to: &witness) { witness in
        var options = Call.options(workers: 3, progress: watch, context: witness)
        var report: OpaquePointer?
        defer { defib_report_free(report) }
        return defib_check(run, &options, &report)
      }
      #expect(status == Call.ok)
      #expect(witness.calls > 0 && witness.strangers == 0)
      #expect(witness.stages.allSatisfy { !$0.isEmpty })
    }
  }

  @Test func `it stops every call`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(RunFixture.sound()) + "/data/x.npy"
    try Call.withRun(RunFixture.dead(samples: 50_000, units: 64)) { run in
      var witness = Witness()
      witness.limit = 1
      withUnsafeMutablePointer(to: &witness) { witness in
        var options = Call.options(progress: watch, context: witness)
        var out: OpaquePointer?
        #expect(defib_check(run, &options, &out) == Call.cancelled)
        #expect(out == nil && Call.message == "cancelled by the caller")
        #expect(defib_replay_run(run, &options, &out) == Call.cancelled)
        #expect(defib_vitals(run, &options, &out) == Call.cancelled)
        #expect(defib_inspect(file, &options, &out) == Call.cancelled)
        #expect(out == nil)
      }
      #expect(witness.calls == 4, "nobody is asked again who wants to stop")
    }
  }

  @Test func `it stops the opening of a run, or lets it be`() throws {
    let folder = TemporaryFolder()
    let path = try folder.write(RunFixture.sound())
    let text = String(decoding: folder.read("run/run.json"), as: UTF8.self)
    for limit in [1, Int.max] {
      var witness = Witness()
      witness.limit = limit
      withUnsafeMutablePointer(to: &witness) { witness in
        var options = Call.options(progress: watch, context: witness)
        var run: OpaquePointer?
        defer { defib_run_free(run) }
        let status = defib_run_open_with(path, &options, &run)
        #expect(status == (limit == 1 ? Call.cancelled : Call.ok))
        #expect((run == nil) == (limit == 1))
        var none: OpaquePointer?
        let made = defib_run_create_with(text, text.utf8.count, nil, 0, &options, &none)
        // Without its arrays it is no run; whoever stops never learns of that.
        #expect(made == (limit == 1 ? Call.cancelled : Call.invalidRun) && none == nil)
      }
      #expect(witness.strangers == 0 && witness.stages == ["opening"])
    }
  }

  @Test func `one run serves many threads`() async throws {
    let folder = TemporaryFolder()
    var run: OpaquePointer?
    #expect(defib_run_open(try folder.write(RunFixture.dead()), &run) == Call.ok)
    defer { defib_run_free(run) }
    let number = UInt(bitPattern: run)
    let texts = await withTaskGroup(of: String.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var report: OpaquePointer?
          var text: OpaquePointer?
          _ = defib_check(OpaquePointer(bitPattern: number), nil, &report)
          _ = defib_report_render(report, "json", &text)
          defib_report_free(report)
          return Call.take(text)
        }
      }
      return await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(texts.count == 1)
    #expect(texts.first?.isEmpty == false)
  }
}
