import FoundationEssentials

/// Any JSON value. Numbers that are not finite are written as the texts "nan", "inf" and "-inf".
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without a fraction.
  case int(Int)
  /// Any other number.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// An object.
  case object([String: JSONValue])

  /// What kind of value it is, for messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.count > 60 ? value.prefix(60) + "…" : value)\""
    case .array(let values): "a list of \(values.count)"
    case .object: "an object"
    }
  }
}

extension JSONValue: Encodable {
  /// Writes the value.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .number(let value) where value.isNaN: try container.encode("nan")
    case .number(let value) where value.isInfinite: try container.encode(value < 0 ? "-inf" : "inf")
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    }
  }

  /// The value as text: keys sorted, so that equal values give equal bytes.
  public func text(pretty: Bool = false) -> String {
    guard pretty else {
      var writer = JSONWriter()
      writer.write(self)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }

  /// The value that a text is.
  ///
  /// - Throws: `RunError.document` when it is no JSON, has a key twice, or is larger or deeper than
  ///   any that Defib has use for.
  public init(parsing text: String, name: String = "the text") throws(RunError) {
    var text = text
    let result = text.withUTF8 { bytes in
      Result { () throws(JSONReader.Failure) in
        try JSONReader.read(UnsafeRawBufferPointer(bytes))
      }
    }
    do throws(JSONReader.Failure) { self = try result.get() } catch {
      throw .document(name, reason: error.reason)
    }
  }

  /// A list of numbers.
  public static func numbers(_ values: some Sequence<Double>) -> JSONValue {
    .array(values.map { .number($0) })
  }

  /// A list of whole numbers.
  public static func ints(_ values: some Sequence<Int>) -> JSONValue {
    .array(values.map { .int($0) })
  }

  /// A list of texts.
  public static func strings(_ values: some Sequence<String>) -> JSONValue {
    .array(values.map { .string($0) })
  }
}
