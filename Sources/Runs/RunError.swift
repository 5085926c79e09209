import Npy
import Operators
import Tensors

/// Why a run could not be read or replayed.
public enum RunError: Error, Equatable, CustomStringConvertible {
  /// run.json is missing, cannot be read, or is no JSON.
  case document(String, reason: String)
  /// Something in run.json is wrong: where, what was found, what was expected.
  case run(String, found: String, expected: String)
  /// run.json has a key that nobody knows.
  case unknownKey(String, known: [String])
  /// A path in run.json leaves the run's folder.
  case outside(String, path: String)
  /// An in-memory run names an array that was not given.
  case missingArray(String, path: String)
  /// A file of the run is damaged or missing.
  case npy(NpyError)
  /// An array of the run does not fit the others.
  case array(String, found: String, expected: String)
  /// A node cannot be replayed: its name, its operator, why.
  case node(String, op: String, OperatorError)
  /// A loss cannot be replayed: its place in run.json, its kind, why.
  case loss(String, kind: String, OperatorError)
  /// Memory or another resource of the system runs out.
  case system(TensorError)
  /// What asks for more bytes than the run may have; nil where no number holds them.
  case memory(String, needed: Int?, budget: Int)
  /// What travels between processes is damaged, of something else, or missing.
  case shard(String, found: String, expected: String)
  /// Another process could not do its part.
  case elsewhere(RelayedError)
  /// The caller asked to stop.
  case cancelled

  /// The message: what it is about, what was found, what was expected.
  public var description: String {
    switch self {
    case .document(let file, let reason): "\(file): \(reason)"
    case .run(let place, let found, let expected):
      "run.json: \(place) is \(found): expected \(expected)"
    case .unknownKey(let key, let known):
      "run.json: unknown key \"\(key)\": expected one of \(known.joined(separator: ", "))"
    case .outside(let place, let path):
      "run.json: \(place) is \"\(path)\": expected a relative path that stays inside the run"
    case .missingArray(let place, let path):
      "run.json: \(place) names \"\(path)\", and no array of that path was given"
    case .npy(let error): error.description
    case .array(let name, let found, let expected): "\(name): found \(found), expected \(expected)"
    case .node(let name, let op, let error): "node \"\(name)\" (\(op)): \(error)"
    case .loss(let place, let kind, let error): "\(place) (\(kind)): \(error)"
    case .system(let error): error.description
    case .memory(let what, let needed, let budget):
      """
      \(what) needs \(needed.map(Self.bytes) ?? "more bytes than can be counted"): expected at most \
      \(Self.bytes(budget)), which is what this run may have (--memory, memory=)
      """
    case .shard(let what, let found, let expected): "\(what): found \(found), expected \(expected)"
    case .elsewhere(let error): error.message
    case .cancelled: "cancelled by the caller"
    }
  }

  /// A number of bytes as people read it.
  private static func bytes(_ count: Int) -> String {
    var (rest, unit) = (Double(count), 0)
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while rest >= 1024, unit + 1 < units.count { (rest, unit) = (rest / 1024, unit + 1) }
    return unit == 0 ? "\(count) bytes" : "\((rest * 10).rounded() / 10) \(units[unit])"
  }

  /// Whether the run was readable, and it is the replay that cannot be done.
  public var isReplay: Bool {
    switch self {
    case .node, .loss: true
    case .elsewhere(let error): error.isReplay
    default: false
    }
  }

  /// Whether memory or another resource of the system ran out.
  public var isSystem: Bool {
    switch self {
    case .system(let error), .node(_, _, .tensor(let error)), .loss(_, _, .tensor(let error)):
      if case .shape = error { false } else { true }
    case .memory: true
    case .elsewhere(let error): error.isSystem
    default: false
    }
  }
}

/// Runs `body` with its operator errors turned into those of a node.
@inlinable
package func naming<T>(
  _ node: Graph.Node, _ body: () throws(OperatorError) -> T
) throws(RunError) -> T {
  do throws(OperatorError) { return try body() } catch {
    throw .node(node.name, op: node.op, error)
  }
}

/// Gives what an array gives, with its errors turned into those of a run.
@inlinable
package func bridging<T>(
  _ read: @autoclosure () throws(NpyError) -> T
) throws(RunError) -> T {
  do throws(NpyError) { return try read() } catch { throw .npy(error) }
}
