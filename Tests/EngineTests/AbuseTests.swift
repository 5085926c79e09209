import CEngine
import Foundation
import Support
import Testing

/// Calls as they are not meant: each gets a status.
struct AbuseTests {
  @Test func `nothing at all`() {
    #expect(defib_run_open(nil, nil) == Call.invalidArgument)
    #expect(defib_run_create(nil, -1, nil, -1, nil) == Call.invalidArgument)
    #expect(defib_check(nil, nil, nil) == Call.invalidArgument)
    #expect(defib_report_render(nil, nil, nil) == Call.invalidArgument)
    #expect(defib_report_read(nil, -1, nil) == Call.invalidArgument)
    #expect(defib_replay_run(nil, nil, nil) == Call.invalidArgument)
    #expect(defib_replay_array(nil, 0, 0, nil) == Call.invalidArgument)
    #expect(defib_report_weight(nil, -1, nil) == Call.invalidArgument)
    #expect(defib_report_weight_count(nil) == 0)
    #expect(defib_vitals(nil, nil, nil) == Call.invalidArgument)
    #expect(defib_inspect(nil, nil, nil) == Call.invalidArgument)
    #expect(defib_shard_run(nil, nil, -1, -1, -1, nil, nil) == Call.invalidArgument)
    #expect(defib_shards_deliver(nil, nil, -1) == Call.invalidArgument)
    #expect(defib_catalogue(nil) == Call.invalidArgument)
    #expect(defib_text_data(nil) == nil && defib_text_size(nil) == 0)
    #expect(defib_replay_count(nil, -3) == 0)
    defib_text_free(nil)
    defib_run_free(nil)
    defib_report_free(nil)
    defib_replay_free(nil)
  }

  @Test(arguments: [1, 16, 0x1008, UInt.max, UInt(bitPattern: Int.min)])
  func `handles that never were`(number: UInt) {
    let handle = OpaquePointer(bitPattern: number)
    var out: OpaquePointer? = handle
    #expect(defib_check(handle, nil, &out) == Call.invalidArgument)
    #expect(out == nil)
    #expect(Call.message.hasPrefix("run: found a handle that is not alive"))
    #expect(defib_report_render(handle, "text", &out) == Call.invalidArgument)
    #expect(defib_replay_run(handle, nil, &out) == Call.invalidArgument)
    #expect(defib_vitals(handle, nil, &out) == Call.invalidArgument)
    #expect(defib_shard_run(handle, "x", 1, 0, 1, nil, &out) == Call.invalidArgument)
    #expect(defib_shards_deliver(handle, "x", 1) == Call.invalidArgument)
    #expect(defib_replay_count(handle, 0) == 0)
    #expect(defib_text_data(handle) == nil && defib_text_size(handle) == 0)
    defib_text_free(handle)
    defib_run_free(handle)
  }

  @Test func `handles of another kind, and freed ones`() throws {
    try Call.withRun(RunFixture.sound()) { run in
      var text: OpaquePointer?
      #expect(defib_report_render(run, "text", &text) == Call.invalidArgument)
      // Not a text: nothing is freed.
      defib_text_free(run)
      #expect(defib_vitals(run, nil, &text) == Call.ok)
      let old = text
      defib_text_free(old)
      defib_text_free(old)
      #expect(defib_text_data(old) == nil)
    }
  }

  @Test func `reports that are none`() {
    let deep = String(repeating: "[", count: 100_000)
    for text in ["", "{", "[]", "\u{0}", deep, "{\"format\": \"defib-report\"}"] {
      var report = OpaquePointer(bitPattern: 1)
      #expect(defib_report_read(text, text.utf8.count, &report) == Call.invalidArgument)
      #expect(report == nil && Call.message.hasPrefix("the report"), "\(Call.message)")
      for size in [-1, Int.max, Int.min] {
        #expect(defib_report_read(text, size, &report) == Call.invalidArgument)
      }
    }
  }

  @Test func `options that are none`() throws {
    try Call.withRun(RunFixture.sound()) { run in
      var out: OpaquePointer?
      for size in [0, 4, 12, -8, Int.max] {
        var options = Call.options()
        options.size = size
        #expect(defib_replay_run(run, &options, &out) == Call.invalidArgument)
        #expect(Call.message.hasPrefix("options.size: "))
      }
      for workers in [-1, Int32.min, Int32.max] {
        var options = Call.options(workers: workers)
        #expect(defib_replay_run(run, &options, &out) == Call.invalidArgument)
      }
      // An older caller knows less: what it does not set is zero.
      var options = Call.options(workers: 1)
      options.size = 16
      options.context = UnsafeMutableRawPointer(bitPattern: 1)
      #expect(defib_replay_run(run, &options, &out) == Call.ok)
      defib_replay_free(out)
    }
  }

  @Test(arguments: [-1, 1, Int.max, Int.min])
  func `indices that are none`(index: Int) throws {
    try Call.withRun(RunFixture.sound()) { run in
      var replay: OpaquePointer?
      #expect(defib_replay_run(run, nil, &replay) == Call.ok)
      defer { defib_replay_free(replay) }
      var array = defib_array()
      array.size = MemoryLayout<defib_array>.size
      #expect(defib_replay_array(replay, 0, index, &array) == Call.invalidArgument)
      #expect(defib_replay_array(replay, Int32(clamping: index), 99, &array) != Call.ok)
      #expect(array.data == nil && array.ndim == 0)
      array.size = 3
      #expect(defib_replay_array(replay, 0, 0, &array) == Call.invalidArgument)
    }
  }

  @Test func `runs that cannot be replayed`() throws {
    var unknown = RunFixture.sound()
    unknown.layer("Frobnicate")
    let folder = TemporaryFolder()
    var run: OpaquePointer?
    #expect(defib_run_open(try folder.write(unknown), &run) == Call.cannotReplay)
    #expect(Call.message.contains("Frobnicate"))
    #expect(defib_run_open(folder.path, &run) == Call.invalidRun)
    #expect(run == nil)
  }

  @Test func `a long message is cut between characters`() {
    let path = "a" + String(repeating: "é", count: 4000)
    var run: OpaquePointer?
    #expect(defib_run_open(path, &run) == Call.invalidRun)
    #expect(strlen(defib_last_error()) < 4096)
    #expect(String(validatingCString: defib_last_error()) != nil)
  }

  @Test func `messages belong to their thread`() {
    #expect(defib_run_open(nil, nil) == Call.invalidArgument)
    let other = Thread { #expect(String(cString: defib_last_error()).isEmpty) }
    other.start()
    while !other.isFinished { usleep(1000) }
    #expect(!Call.message.isEmpty)
  }
}
