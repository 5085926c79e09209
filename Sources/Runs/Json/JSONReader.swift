/// Reads JSON (RFC 8259) in one pass over its bytes.
///
/// It takes UTF-8 alone, each key of an object once, and no more of anything than `Limits` says: what
/// two readers could understand in two ways is an error, and so is what would take long. The decoder of
/// FoundationEssentials tries every type for every value, again at every level above it.
struct JSONReader {
  /// What a document may hold.
  struct Limits: Sendable {
    /// Bytes of text. The largest graphs take a tenth of it.
    var bytes = 32 << 20
    /// Objects and lists inside each other. A run needs eight.
    var depth = 64
    /// Values of any kind. Arrays of numbers belong into .npy files.
    var values = 1 << 21
  }

  /// Why a text is not taken.
  struct Failure: Error, Equatable {
    /// Such as `is no JSON: line 3, column 7: found ']', expected a value`.
    let reason: String
    /// Whether the caller asked to stop.
    var isCancelled = false
  }

  private let bytes: UnsafeRawBufferPointer
  private let limits: Limits
  private let isCancelled: () -> Bool
  private var position = 0
  private var values = 0
  /// The keys and indices that lead to the value being read.
  private var path: [Step] = []

  private enum Step {
    case key(String)
    case index(Int)
  }

  /// The value that a text is.
  ///
  /// - Parameter isCancelled: asked now and then.
  static func read(
    _ bytes: UnsafeRawBufferPointer, limits: Limits = Limits(),
    isCancelled: @escaping () -> Bool = { false }
  ) throws(Failure) -> JSONValue {
    guard bytes.count <= limits.bytes else {
      throw Failure(
        reason: "found \(bytes.count) bytes, expected at most \(limits.bytes) bytes of JSON")
    }
    if let encoding = otherEncoding(bytes) {
      throw Failure(reason: "found \(encoding), expected JSON in UTF-8 without a byte order mark")
    }
    var reader = JSONReader(bytes, limits, isCancelled)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.wrong(expected: "the end") }
    return value
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, _ limits: Limits, _ isCancelled: @escaping () -> Bool
  ) {
    self.bytes = bytes
    self.limits = limits
    self.isCancelled = isCancelled
  }

  /// The encoding that the first bytes tell, where it is not UTF-8 by itself.
  private static func otherEncoding(_ bytes: UnsafeRawBufferPointer) -> String? {
    let head = Array(bytes.prefix(4))
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return "a byte order mark of UTF-8" }
    if head == [0, 0, 0xFE, 0xFF] || head == [0xFF, 0xFE, 0, 0] { return "UTF-32" }
    if head.starts(with: [0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE]) { return "UTF-16" }
    // Text of JSON begins with ASCII: zeros among its bytes are those of a wider encoding.
    guard head.count >= 2, head.contains(0) else { return nil }
    let isWide = head.count == 4 && head.count { $0 == 0 } == 3
    return isWide ? "UTF-32" : "UTF-16 or zeros"
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    guard depth <= limits.depth else {
      throw failure("lists and objects nested deeper than \(limits.depth)", "less")
    }
    values += 1
    guard values <= limits.values else {
      throw failure(
        "more than \(limits.values) values", "fewer, with arrays of numbers in .npy files")
    }
    if values & 0xFFFF == 0, isCancelled() { throw Failure(reason: "cancelled", isCancelled: true) }
    skipSpace()
    switch peek ?? 0 {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw wrong(expected: "a value")
    }
  }

  private mutating func object(depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw wrong(expected: "a key in quotes") }
      let start = position
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw wrong(expected: "':'") }
      path.append(.key(key))
      let value = try value(depth: depth + 1)
      path.removeLast()
      guard members.updateValue(value, forKey: key) == nil else {
        position = start
        path.append(.key(key))
        throw failure("the key a second time", "every key once")
      }
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw wrong(expected: "',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(values) }
    path.append(.index(0))
    while true {
      path[path.count - 1] = .index(values.count)
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) {
        path.removeLast()
        return .array(values)
      }
      guard take(UInt8(ascii: ",")) else { throw wrong(expected: "',' or ']'") }
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(Failure) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw wrong(expected: word) }
    position += word.utf8.count
    return value
  }

  private mutating func string() throws(Failure) -> String {
    let place = position
    do throws(JSONText.Failure) {
      return try JSONText.string(bytes, &position)
    } catch {
      position = error.offset ?? place
      throw wrong(found: error.found, expected: error.expected)
    }
  }

  private mutating func number() throws(Failure) -> JSONValue {
    do throws(JSONText.Failure) {
      return try JSONText.number(bytes, &position)
    } catch {
      throw wrong(found: error.found, expected: error.expected)
    }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// What is no JSON, and where.
  private func wrong(found: String? = nil, expected: String) -> Failure {
    let before = bytes[..<position]
    let line = before.count { $0 == 0x0A } + 1
    let column = position - (before.lastIndex(of: 0x0A) ?? -1)
    let found = found ?? peek.map(Self.name) ?? "the end"
    return Failure(
      reason: "is no JSON: line \(line), column \(column): found \(found), expected \(expected)")
  }

  private static func name(_ byte: UInt8) -> String {
    (0x21...0x7E).contains(byte)
      ? "'\(Character(UnicodeScalar(byte)))'" : "the byte \(String(byte, radix: 16))"
  }

  /// What is JSON and yet not taken, and where.
  private func failure(_ found: String, _ expected: String) -> Failure {
    var place = ""
    for step in path.prefix(12) {
      switch step {
      case .key(let key): place += (place.isEmpty ? "" : ".") + String(key.prefix(60))
      case .index(let index): place += "[\(index)]"
      }
    }
    if path.count > 12 { place += "…" }
    return Failure(
      reason: (place.isEmpty ? "" : "\(place): ") + "found \(found), expected \(expected)")
  }
}
