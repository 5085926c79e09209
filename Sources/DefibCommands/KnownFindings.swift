import Commands
import Diagnosis
import Npy
import Reports

/// What `--baseline` and `--write-baseline` do: findings that are known stay silent, and those that there are
/// become known.
struct KnownFindings {
  private let path: String?
  private let written: String?
  private var baseline = Baseline()

  /// The most bytes of a file of known findings.
  private static let byteLimit = 64 << 20

  /// - Throws: what ends the program, where a file cannot be read. One that is written anew need not exist.
  init(reading path: String?, writing written: String?) throws {
    (self.path, self.written) = (path, written)
    if let path {
      guard let text = try Self.read(path) else {
        throw Failure.exit(
          "the baseline \(path): no such file; --write-baseline writes one", status: 2)
      }
      baseline = text
    } else if let written, let text = try Self.read(written) {
      // Of runs that are not checked now, it keeps what it knows.
      baseline = text
    }
  }

  /// The report without what is known of its run. Where the findings become known, all are told.
  mutating func silence(_ report: Report, of folder: String) -> Report {
    let name = Self.name(folder)
    let known = path == nil ? [] : baseline.known[name, default: []]
    if path != nil {
      let gone = baseline.gone(from: report, named: name)
      if !gone.isEmpty, written == nil {
        Console.errors.say(
          "the baseline lists what is found no more: \(gone.joined(separator: ", "))",
          prefix: "defib: \(Printable.text(folder)): ")
      }
    }
    if written != nil { baseline.accept(report, named: name) }
    return known.isEmpty ? report : report.without(known: known).report
  }

  /// Writes the file that is asked for.
  func write() throws {
    guard let written else { return }
    try Failure.unwritable { () throws(NpyError) in
      try WholeFile.write(baseline.json, to: written)
    }
  }

  /// The path of a run as it is named, in one spelling.
  private static func name(_ folder: String) -> String {
    var parts = folder.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    parts.removeAll { $0 == "." }
    let path = parts.joined(separator: "/")
    return folder.hasPrefix("/") ? "/" + path : path.isEmpty ? "." : path
  }

  private static func read(_ path: String) throws -> Baseline? {
    let bytes = try Failure.unwritable { () throws(NpyError) in
      try WholeFile.read(path, limit: byteLimit)
    }
    guard let bytes else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure.exit("the baseline \(path): found bytes that are no UTF-8", status: 2)
    }
    do throws(BaselineError) { return try Baseline(json: text) } catch {
      throw Failure.exit("the baseline \(path): \(error)", status: 2)
    }
  }
}
