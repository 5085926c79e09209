import Npy

/// One element, as it is shown and as JSON has it.
enum ElementValue: Encodable, Sendable {
  case bool(Bool)
  case integer(Int64)
  case natural(UInt64)
  case float(Float)
  case double(Double)
  case complex(Double, Double)
  case text(String)

  /// In as few digits as tell it from its neighbours.
  var text: String {
    switch self {
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .natural(let value): "\(value)"
    case .float(let value): "\(value)"
    case .double(let value): "\(value)"
    case .complex(let real, let imaginary): Self.complex("\(real)", "\(imaginary)")
    case .text(let value): value
    }
  }

  /// In about six digits.
  var brief: String {
    switch self {
    case .float(let value): NumberText.number(Double(value))
    case .double(let value): NumberText.number(value)
    case .complex(let real, let imaginary):
      Self.complex(NumberText.number(real), NumberText.number(imaginary))
    case .text(let value): Printable.text(value)
    default: text
    }
  }

  private static func complex(_ real: String, _ imaginary: String) -> String {
    real + (imaginary.hasPrefix("-") ? "" : "+") + imaginary + "j"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .natural(let value): try container.encode(value)
    case .float(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .complex(let real, let imaginary): try container.encode([real, imaginary])
    case .text(let value): try container.encode(value)
    }
  }
}

/// Reads elements of any type but pickles, one by one.
struct ElementReader {
  let array: NpyArray
  private static let step = 1 << 12

  /// Calls `body` with elements in C order, some at a time.
  ///
  /// - Throws: `NpyError` when they cannot be read, or are pickles.
  func each(
    in range: Range<Int>, _ body: ([ElementValue]) throws(NpyError) -> Void
  ) throws(NpyError) {
    guard array.elementType != .object else {
      throw .notConvertible(
        file: array.file, found: "object", expected: "elements that can be shown, not pickles")
    }
    let size = array.elementType.itemSize
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(Self.step, range.count) * size, alignment: 16)
    defer { bytes.deallocate() }
    for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.step) {
      let count = min(Self.step, range.upperBound - first)
      let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * size)])
      try array.readElements(first..<first + count, into: piece)
      try body(values(UnsafeRawBufferPointer(piece), count))
    }
  }

  private func values(
    _ bytes: UnsafeRawBufferPointer, _ count: Int
  ) throws(NpyError) -> [ElementValue] {
    let type = array.elementType
    if type.isReal, type != .int64, type != .uint64 {
      let numbers = try [Double](unsafeUninitializedCapacity: count) {
        (numbers, filled) throws(NpyError) in
        try array.convert(bytes, into: UnsafeMutableBufferPointer(rebasing: numbers[..<count]))
        filled = count
      }
      return numbers.map { number in
        switch type {
        case .bool: .bool(number != 0)
        case .float64: .double(number)
        case .float32, .float16, .bfloat16: .float(Float(number))
        default: .integer(Int64(number))
        }
      }
    }
    let size = type.itemSize
    return (0..<count).map { index in
      value(UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size]))
    }
  }

  private func value(_ bytes: UnsafeRawBufferPointer) -> ElementValue {
    switch array.elementType {
    case .int64, .datetime, .timedelta: .integer(Int64(bitPattern: word(bytes, 0)))
    case .uint64: .natural(word(bytes, 0))
    case .complex64: .complex(Double(half(bytes, 0)), Double(half(bytes, 4)))
    case .complex128:
      .complex(Double(bitPattern: word(bytes, 0)), Double(bitPattern: word(bytes, 8)))
    case .bytes:
      .text(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    case .unicode: .text(unicode(bytes))
    default: .text("0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
  }

  private var isSwapped: Bool { array.byteOrder != .native && array.byteOrder != .notApplicable }

  private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    return isSwapped ? raw.byteSwapped : raw
  }

  private func half(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Float {
    let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return Float(bitPattern: isSwapped ? raw.byteSwapped : raw)
  }

  private func unicode(_ bytes: UnsafeRawBufferPointer) -> String {
    var text = String.UnicodeScalarView()
    for offset in stride(from: 0, to: bytes.count, by: 4) {
      let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      let code = isSwapped ? raw.byteSwapped : raw
      if code == 0 { break }
      text.append(UnicodeScalar(code) ?? "\u{FFFD}")
    }
    return String(text)
  }
}
