import CEngine
import Diagnosis
import Replay
import Runs

/// The options of a call, checked.
struct Options {
  private(set) var workers = 0
  private(set) var snapshot = Weights.Snapshot.current
  private(set) var progress: defib_progress?
  private(set) var context: UnsafeMutableRawPointer?
  private(set) var check = Check.Options()
  private(set) var executor: defib_executor?
  private(set) var executorContext: UnsafeMutableRawPointer?
  /// nil for what the machine has.
  private var memory: MemoryBudget?

  /// More threads than this are a mistake of the caller.
  private static let workerLimit: Int32 = 4096

  /// - Parameter readsSettings: whether the call has use for settings.
  init(
    _ pointer: UnsafePointer<defib_options>?, readsSettings: Bool = false
  ) throws(Failure) {
    guard let pointer else { return }
    let options = try Arguments.structure(pointer, defib_options(), "options")
    guard (0...Self.workerLimit).contains(options.workers) else {
      throw .argument(
        "options.workers", found: "\(options.workers)", expected: "0 to \(Self.workerLimit)")
    }
    workers = Int(options.workers)
    snapshot = options.initial == 0 ? .current : .initial
    progress = options.progress
    context = options.context
    executor = options.executor
    executorContext = options.executor_context
    if options.memory > 0 {
      memory = MemoryBudget(bytes: Int(exactly: options.memory) ?? Int.max)
    }
    if let settings = options.settings, readsSettings {
      check = try Settings.read(try Arguments.text(settings, "options.settings"))
    }
    check.workers = workers
  }

  /// The run with the memory that the options give it.
  func bounded(_ run: Run) -> Run {
    guard let memory else { return run }
    var run = run
    run.memory = memory
    return run
  }

  /// - Throws: `Failure` when the options ask for weights that the run does not have.
  func requireWeights(of run: Run) throws(Failure) {
    guard snapshot == .initial else { return }
    guard run.graph.parameters.contains(where: { $0.initial != nil }) else {
      throw .argument(
        "options.initial", found: "1 for a run without initial weights",
        expected: "a run whose parameters have \"initial\"")
    }
  }
}

/// Reads the settings of a check: `{"select": [...], "ignore": [...], "set": {"rule.option": 1}, "cure":
/// true, "effort": 1}`.
enum Settings {
  static func read(_ text: String) throws(Failure) -> Check.Options {
    guard let value = try? JSONValue(parsing: text), case .object(let members) = value else {
      throw .argument("options.settings", found: "something else", expected: "a JSON object")
    }
    var options = Check.Options()
    for key in members.keys.sorted() {
      let value = members[key] ?? .null
      switch key {
      case "select": options.select = try rules(value, key)
      case "ignore": options.ignore = try rules(value, key)
      case "set": options.set = try numbers(value)
      case "cure": options.cure = try flag(value, key)
      case "effort": options.effort = try number(value, "settings.\(key)")
      default:
        throw .argument(
          "settings", found: "the key \"\(key)\"",
          expected: "\"select\", \"ignore\", \"set\", \"cure\" or \"effort\"")
      }
    }
    return options
  }

  private static func flag(_ value: JSONValue, _ key: String) throws(Failure) -> Bool {
    guard case .bool(let flag) = value else {
      throw .argument("settings.\(key)", found: value.kind, expected: "true or false")
    }
    return flag
  }

  private static func rules(_ value: JSONValue, _ key: String) throws(Failure) -> [String] {
    if value == .null { return [] }
    guard case .array(let values) = value else {
      throw .argument("settings.\(key)", found: value.kind, expected: "a list of rule ids")
    }
    var result: [String] = []
    for value in values {
      guard case .string(let id) = value else {
        throw .argument("settings.\(key)", found: value.kind, expected: "a rule id")
      }
      result.append(id)
    }
    return result
  }

  private static func numbers(_ value: JSONValue) throws(Failure) -> [String: Double] {
    if value == .null { return [:] }
    guard case .object(let members) = value else {
      throw .argument("settings.set", found: value.kind, expected: "an object of numbers")
    }
    var result: [String: Double] = [:]
    for (name, value) in members { result[name] = try number(value, "settings.set.\(name)") }
    return result
  }

  private static func number(_ value: JSONValue, _ name: String) throws(Failure) -> Double {
    switch value {
    case .int(let number): return Double(number)
    case .number(let number): return number
    default: throw .argument(name, found: value.kind, expected: "a number")
    }
  }
}
