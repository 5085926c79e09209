/// The `descr` of a header, understood.
struct ParsedType {
  let type: ElementType
  let order: ByteOrder
}

extension ParsedType {
  /// Understands a type string such as `<f4` or `<M8[ns]`; `nil` when it is none.
  init?(typeString text: String) {
    var rest = Substring(text)
    var order = ByteOrder.native
    switch rest.first {
    case "<": order = .little
    case ">": order = .big
    case "=", "|": order = .native
    default: return nil
    }
    rest = rest.dropFirst()
    guard let kind = rest.first else { return nil }
    rest = rest.dropFirst()
    let unit = Self.takeUnit(&rest)
    if unit != nil && kind != "M" && kind != "m" { return nil }
    guard rest.utf8.allSatisfy({ (48...57).contains($0) }), rest.utf8.count <= 18 else {
      return nil
    }
    guard let type = Self.type(kind: kind, size: Int(rest), unit: unit ?? "") else { return nil }
    self.type = type
    self.order = type.hasByteOrder ? order : .notApplicable
  }

  private static func takeUnit(_ rest: inout Substring) -> String? {
    guard rest.last == "]", let open = rest.firstIndex(of: "[") else { return nil }
    let unit = rest[rest.index(after: open)...].dropLast()
    rest = rest[..<open]
    return String(unit)
  }

  private static func type(kind: Character, size: Int?, unit: String) -> ElementType? {
    switch (kind, size) {
    case ("b", 1): .bool
    case ("?", nil): .bool
    case ("i", 1): .int8
    case ("i", 2): .int16
    case ("i", 4): .int32
    case ("i", 8): .int64
    case ("u", 1): .uint8
    case ("u", 2): .uint16
    case ("u", 4): .uint32
    case ("u", 8): .uint64
    case ("f", 2): .float16
    case ("f", 4): .float32
    case ("f", 8): .float64
    case ("f", let size?) where size == 12 || size == 16: .longDouble(size: size)
    case ("c", 8): .complex64
    case ("c", 16): .complex128
    case ("c", let size?) where size == 24 || size == 32: .complexLongDouble(size: size)
    case ("V", 2): .bfloat16
    case ("V", let size?) where size <= sizeLimit: .void(size: size)
    case ("S", let size?) where size <= sizeLimit: .bytes(size: size)
    case ("a", let size?) where size <= sizeLimit: .bytes(size: size)
    case ("U", let size?) where size <= sizeLimit: .unicode(length: size)
    case ("O", nil), ("O", 4), ("O", 8): .object
    case ("M", 8): .datetime(unit: unit)
    case ("m", 8): .timedelta(unit: unit)
    default: nil
    }
  }

  /// NumPy keeps the size of an element in a C int.
  static let sizeLimit = Int(Int32.max)
}

extension ElementType {
  var hasByteOrder: Bool {
    switch self {
    case .bool, .int8, .uint8, .bytes, .void, .object, .structured: false
    default: true
    }
  }
}

extension ParsedType {
  /// Understands what the key `descr` holds: a type string, or the list of a structured type.
  init?(literal: Literal) {
    switch literal {
    case .string(let text):
      self.init(typeString: text)
    case .list(let items):
      guard !items.isEmpty else { return nil }
      var fields: [RecordField] = []
      var total = 0
      for item in items {
        guard let field = RecordField(literal: item) else { return nil }
        total += field.size
        guard total <= Self.sizeLimit else { return nil }
        fields.append(field)
      }
      self.init(type: .structured(fields: fields), order: .notApplicable)
    default:
      return nil
    }
  }
}

extension RecordField {
  /// Understands `('name', descr)` or `('name', descr, shape)`; the name may be a pair with a title.
  init?(literal: Literal) {
    guard case .tuple(let parts) = literal, parts.count == 2 || parts.count == 3 else { return nil }
    switch parts[0] {
    case .string(let name): self.name = name
    case .tuple(let pair):
      guard pair.count == 2, case .string(let name) = pair[1] else { return nil }
      self.name = name
    default: return nil
    }
    guard let parsed = ParsedType(literal: parts[1]) else { return nil }
    var shape: [Int] = []
    if parts.count == 3 {
      guard case .tuple(let numbers) = parts[2], numbers.count <= NpyHeader.dimensionLimit else {
        return nil
      }
      for number in numbers {
        guard case .integer(let value) = number, value >= 0 else { return nil }
        shape.append(value)
      }
    }
    var size = parsed.type.itemSize
    for length in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: length)
      guard !overflow, product <= ParsedType.sizeLimit else { return nil }
      size = product
    }
    self.type = parsed.type
    self.shape = shape
    self.size = size
  }
}
