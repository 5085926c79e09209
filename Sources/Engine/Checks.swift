import CEngine
import Diagnosis
import Reports
import Runs

/// A report that a caller holds.
final class HeldReport: Sendable {
  let report: Report
  /// The weights of the cure; empty where there are none.
  let weights: [HeldArray]

  init(_ report: Report) {
    self.report = report
    weights = (report.revived?.parameters ?? []).filter(\.isTrained).map {
      HeldArray($0.name, "<f4", $0.shape, $0.values)
    }
  }
}

/// Replays the run, applies the rules and finds the causes.
@c @implementation
public func defib_check(
  _ run: OpaquePointer?, _ options: UnsafePointer<defib_options>?,
  _ report: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(report, "report")
    let held: HeldRun = try Handles.require(run, "run")
    let options = try Options(options, readsSettings: true)
    let run = options.bounded(held.run)
    guard options.snapshot == .current else {
      throw .argument("options.initial", found: "1", expected: "0: a check looks at both weights")
    }
    let check: Check
    do throws(OptionError) { check = try Check(options.check) } catch { throw Failure(error) }
    out.set(
      HeldReport(
        try CallingThread.run(options) { progress, executor in
          Result { () throws(RunError) in
            try check.on(executor).run(run, progress: progress)
          }.mapError(Failure.init)
        }))
  }
}

/// The report that was rendered as JSON before.
@c @implementation
public func defib_report_read(
  _ json: UnsafePointer<CChar>?, _ size: Int, _ report: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(report, "report")
    let text = try Arguments.text(json, size: size, "json")
    do throws(ReportError) { out.set(HeldReport(try Report(json: text))) } catch {
      throw Failure(status: defib_status(DEFIB_INVALID_ARGUMENT), message: error.description)
    }
  }
}

/// The report in a format.
@c @implementation
public func defib_report_render(
  _ report: OpaquePointer?, _ format: UnsafePointer<CChar>?,
  _ text: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(text, "text")
    let held: HeldReport = try Handles.require(report, "report")
    let name = try Arguments.text(format, "format")
    guard let format = ReportFormat(rawValue: name) else {
      throw .argument(
        "format", found: "\"\(name)\"",
        expected: ReportFormat.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
    }
    out.set(HeldText(format.render(held.report)))
  }
}

/// How many arrays of revived weights a report holds.
@c @implementation
public func defib_report_weight_count(_ report: OpaquePointer?) -> Int {
  Handles.find(report, HeldReport.self)?.weights.count ?? 0
}

/// Describes one array of revived weights.
@c @implementation
public func defib_report_weight(
  _ report: OpaquePointer?, _ index: Int, _ array: UnsafeMutablePointer<defib_array>?
) -> defib_status {
  answering { () throws(Failure) in
    let place = try Arguments.place(array)
    let held: HeldReport = try Handles.require(report, "report")
    guard held.weights.indices.contains(index) else {
      throw .argument(
        "index", found: "\(UInt(bitPattern: index))", expected: "less than \(held.weights.count)")
    }
    held.weights[index].describe(in: place)
  }
}

/// Ends a report.
@c @implementation
public func defib_report_free(_ report: OpaquePointer?) { Handles.end(report, HeldReport.self) }
