import CEngine
import Foundation
import Npy
import Runs
import Support
import Testing

/// Calls as they are meant.
struct CallTests {
  @Test func `versions`() {
    #expect(defib_abi_version() == 0x10006)
    #expect(String(cString: defib_version()) == "\(Release.version)")
  }

  @Test func `a check gives the report of the command line`() throws {
    try Call.withRun(RunFixture.dead()) { run in
      var report: OpaquePointer?
      var options = Call.options(workers: 2)
      #expect(defib_check(run, &options, &report) == Call.ok, "\(Call.message)")
      defer { defib_report_free(report) }
      var text: OpaquePointer?
      #expect(defib_report_render(report, "json", &text) == Call.ok)
      let document = try JSONValue(parsing: Call.take(text))
      guard case .object(let members) = document else { throw CancellationError() }
      #expect(members["format"] == .string("defib-report"))
      #expect(members["healthy"] == .bool(false))
      #expect(defib_report_render(report, "text", &text) == Call.ok)
      #expect(Call.take(text).hasPrefix("Diagnosis: "))
      #expect(defib_report_render(report, "pdf", &text) == Call.invalidArgument)
      #expect(text == nil)
      #expect(
        Call.message.hasPrefix("format: found \"pdf\", expected \"text\" or \"concise\" or "))
      #expect(defib_report_render(report, "html", &text) == Call.ok)
      #expect(Call.take(text).hasPrefix("<!DOCTYPE html>\n"))
    }
  }

  @Test func `a report that was kept can be rendered again`() throws {
    try Call.withRun(RunFixture.dead()) { run in
      var report: OpaquePointer?
      #expect(defib_check(run, nil, &report) == Call.ok, "\(Call.message)")
      defer { defib_report_free(report) }
      var kept: OpaquePointer?
      #expect(defib_report_render(report, "json", &kept) == Call.ok)
      defer { defib_text_free(kept) }
      var again: OpaquePointer?
      let size = defib_text_size(kept)
      #expect(defib_report_read(defib_text_data(kept), size, &again) == Call.ok, "\(Call.message)")
      defer { defib_report_free(again) }
      for format in ["text", "json", "html", "html-fragment"] {
        var texts: [String] = []
        for report in [report, again] {
          var text: OpaquePointer?
          #expect(defib_report_render(report, format, &text) == Call.ok)
          texts.append(Call.take(text))
        }
        #expect(texts[0] == texts[1])
      }
    }
  }

  @Test func `the weights of a cure can be had`() throws {
    try Call.withRun(RunFixture.dead()) { run in
      var report: OpaquePointer?
      let status = #"{"cure": true}"#.withCString { settings in
        var options = Call.options(settings: settings)
        return defib_check(run, &options, &report)
      }
      #expect(status == Call.ok, "\(Call.message)")
      defer { defib_report_free(report) }
      #expect(defib_report_weight_count(report) == 4)
      var names: [String] = []
      var array = defib_array()
      array.size = MemoryLayout<defib_array>.size
      for index in 0..<4 {
        #expect(defib_report_weight(report, index, &array) == Call.ok)
        names.append(array.path.map { String(cString: $0) } ?? "")
        #expect(array.data != nil && array.dtype.map { String(cString: $0) } == "<f4")
      }
      #expect(names == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"])
      for index in [4, -1, Int.max] {
        #expect(defib_report_weight(report, index, &array) == Call.invalidArgument)
        #expect(Call.message.contains("expected less than 4") && array.data == nil)
      }
    }
    try Call.withRun(RunFixture.dead()) { run in
      var report: OpaquePointer?
      #expect(defib_check(run, nil, &report) == Call.ok)
      defer { defib_report_free(report) }
      #expect(defib_report_weight_count(report) == 0)
    }
  }

  @Test func `settings choose rules and thresholds`() throws {
    try Call.withRun(RunFixture.dead()) { run in
      func check(_ settings: String) throws -> String {
        var report: OpaquePointer?
        let status = settings.withCString { settings in
          var options = Call.options(settings: settings)
          return defib_check(run, &options, &report)
        }
        guard status == Call.ok else { return Call.message }
        defer { defib_report_free(report) }
        var text: OpaquePointer?
        #expect(defib_report_render(report, "json", &text) == Call.ok)
        return Call.take(text)
      }
      let chosen = try check(#"{"select": ["dead-units"], "ignore": [], "set": null}"#)
      #expect(chosen.contains("\"checked\" : [\n    \"dead-units\"\n  ]"))
      let rejected = [
        ("[]", "options.settings: "), ("nonsense", "options.settings: "),
        (#"{"only": []}"#, "settings: found the key \"only\""),
        (#"{"select": "dead-units"}"#, "settings.select: "),
        (#"{"cure": 1}"#, "settings.cure: "),
        (#"{"ignore": [1]}"#, "settings.ignore: found 1, "),
        (#"{"set": {"dead-units.share": "x"}}"#, "settings.set.dead-units.share: "),
        (#"{"select": ["no-such-rule"]}"#, "settings: unknown rule \"no-such-rule\""),
        (#"{"set": {"dead-units.no": 1}}"#, "settings: unknown option \"dead-units.no\""),
      ]
      for (settings, message) in rejected {
        #expect(try check(settings).hasPrefix(message), "\(settings): \(Call.message)")
      }
    }
  }

  @Test func `a replay gives outputs, gradients and losses`() throws {
    var builder = RunFixture.sound()
    builder.parameter("unused", shape: [2, 3], [0, 1, 2, 3, 4, 5])
    builder.parameter("frozen", shape: [1], [7], trainable: false)
    try Call.withRun(builder) { run in
      var replay: OpaquePointer?
      #expect(defib_replay_run(run, nil, &replay) == Call.ok, "\(Call.message)")
      defer { defib_replay_free(replay) }
      var names: [String] = []
      for index in 0..<defib_replay_count(replay, defib_replay_kind(DEFIB_GRADIENTS)) {
        names.append(try array(replay, DEFIB_GRADIENTS, index).name)
      }
      #expect(names == ["out.weight", "out.bias", "unused"])
      let output = try array(replay, DEFIB_OUTPUTS, 0)
      #expect(output.name == "out" && output.type == "<f4" && output.shape == [64, 1])
      let unused = try array(replay, DEFIB_GRADIENTS, 2)
      #expect(unused.shape == [2, 3] && unused.bytes.allSatisfy { $0 == 0 })
      let loss = try array(replay, DEFIB_LOSSES, 0)
      #expect(loss.name == "mse" && loss.type == "<f8" && loss.shape == [1])
      let value = loss.bytes.withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
      #expect(value > 0 && value < 1e-3)
      #expect(defib_replay_count(replay, 9) == 0)
    }
  }

  @Test func `a replay of the start`() throws {
    try Call.withRun(RunFixture.sound()) { run in
      var options = Call.options(initial: 1)
      var replay: OpaquePointer?
      #expect(defib_replay_run(run, &options, &replay) == Call.ok)
      defer { defib_replay_free(replay) }
      let loss = try array(replay, DEFIB_LOSSES, 0)
      #expect(loss.bytes.withUnsafeBytes { $0.loadUnaligned(as: Double.self) } > 1)
      var report: OpaquePointer?
      #expect(defib_check(run, &options, &report) == Call.invalidArgument)
    }
    try Call.withRun(RunFixture.dead()) { run in
      var options = Call.options(initial: 1)
      var text: OpaquePointer?
      #expect(defib_vitals(run, &options, &text) == Call.invalidArgument)
      #expect(Call.message.contains("without initial weights"))
    }
  }

  @Test func `vitals, inspection and catalogue are JSON`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(RunFixture.sound()) + "/data/x.npy"
    try Call.withRun(RunFixture.sound()) { run in
      for initial in [Int32(0), 1] {
        var options = Call.options(initial: initial)
        var text: OpaquePointer?
        #expect(defib_vitals(run, &options, &text) == Call.ok)
        #expect(Call.take(text).contains("\"format\":\"defib-vitals\""))
      }
    }
    var text: OpaquePointer?
    #expect(defib_inspect(file, nil, &text) == Call.ok)
    _ = try JSONValue(parsing: Call.take(text))
    #expect(defib_catalogue(&text) == Call.ok)
    #expect(Call.take(text).contains("\"defib-catalogue\""))
  }

  /// One array of a replay, copied.
  private func array(
    _ replay: OpaquePointer?, _ kind: Int, _ index: Int
  ) throws -> (name: String, type: String, shape: [Int64], bytes: [UInt8]) {
    var array = defib_array()
    array.size = MemoryLayout<defib_array>.size
    #expect(defib_replay_array(replay, defib_replay_kind(kind), index, &array) == Call.ok)
    let shape = Array(UnsafeBufferPointer(start: array.shape, count: array.ndim))
    let type = String(cString: try #require(array.dtype))
    let count = Int(shape.reduce(1, *)) * (type == "<f8" ? 8 : 4)
    return (
      String(cString: try #require(array.path)), type, shape,
      Array(UnsafeRawBufferPointer(start: array.data, count: count))
    )
  }
}
