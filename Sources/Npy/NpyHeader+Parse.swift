extension NpyHeader {
  /// Reads a header from the first bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: the beginning of the file, at least up to the end of the header.
  ///   - file: the name used in errors.
  /// - Throws: `NpyError` when the bytes are no valid header.
  public init(parsing bytes: UnsafeRawBufferPointer, file: String) throws(NpyError) {
    let (version, start, length) = try Self.preamble(bytes, file: file)
    let end = start + length
    guard end <= bytes.count else {
      throw .truncatedHeader(file: file, found: bytes.count, expected: end)
    }
    let entries = try Self.entries(
      [UInt8](bytes[start..<end]), utf8: version.major == 3, file: file)
    var descr: Literal?
    var fortranOrder: Literal?
    var shape: Literal?
    for entry in entries {
      switch entry.key {
      case "descr": try Self.set(&descr, entry, file: file)
      case "fortran_order": try Self.set(&fortranOrder, entry, file: file)
      case "shape": try Self.set(&shape, entry, file: file)
      default: throw .unknownKey(file: file, key: entry.key)
      }
    }
    guard let descr else { throw .missingKey(file: file, key: "descr") }
    guard let fortranOrder else { throw .missingKey(file: file, key: "fortran_order") }
    guard let shape else { throw .missingKey(file: file, key: "shape") }

    guard let parsed = ParsedType(literal: descr) else {
      throw .unknownType(file: file, found: "\(descr)")
    }
    guard case .boolean(let fortran) = fortranOrder else {
      throw .wrongValue(
        file: file, key: "fortran_order", found: "\(fortranOrder)", expected: "True or False")
    }
    let lengths = try Self.lengths(shape, file: file)
    guard let extent = Self.extent(of: lengths, itemSize: parsed.type.itemSize) else {
      throw .badShape(
        file: file, found: "\(shape) of \(parsed.type.itemSize)-byte elements",
        expected: "one whose bytes can be addressed")
    }
    self.version = version
    self.elementType = parsed.type
    self.byteOrder = parsed.order
    self.fortranOrder = fortran
    self.shape = lengths
    if case .string(let text) = descr { self.descr = text } else { self.descr = "\(descr)" }
    self.dataOffset = end
    self.count = extent.count
    self.dataSize = extent.bytes
  }

  /// Reads the header of a .npy file that is a part of a file.
  ///
  /// - Throws: `NpyError` when the bytes are no valid header, or cannot be read.
  init(reading source: StoredFile, range: Range<Int>, file: String) throws(NpyError) {
    // Headers are short; a long one says so in its first bytes.
    var length = min(range.count, 4096)
    let head = try source.load(range.lowerBound..<range.lowerBound + length)
    let start = UnsafeRawBufferPointer(head.bytes)
    let (_, first, rest) = try Self.preamble(start, file: file)
    if first + rest <= length {
      self = try NpyHeader(parsing: start, file: file)
      return
    }
    length = min(range.count, first + rest)
    let whole = try source.load(range.lowerBound..<range.lowerBound + length)
    self = try NpyHeader(parsing: UnsafeRawBufferPointer(whole.bytes), file: file)
  }

  /// Magic, version and length field: where the literal starts and how long it is.
  private static func preamble(
    _ bytes: UnsafeRawBufferPointer, file: String
  ) throws(NpyError) -> (version: Version, start: Int, length: Int) {
    let common = min(bytes.count, magic.count)
    guard bytes.count > 0, bytes.prefix(common).elementsEqual(magic.prefix(common)) else {
      throw .wrongMagic(
        file: file, firstBytes: [UInt8](bytes.prefix(8)), format: "the .npy magic '\\x93NUMPY'")
    }
    guard bytes.count >= 10 else {
      throw .truncatedHeader(file: file, found: bytes.count, expected: 10)
    }
    let version = Version(major: Int(bytes[6]), minor: Int(bytes[7]))
    guard (1...3).contains(version.major), version.minor == 0 else {
      throw .unsupportedVersion(file: file, major: version.major, minor: version.minor)
    }
    if version.major == 1 {
      return (version, 10, Int(bytes[8]) | Int(bytes[9]) << 8)
    }
    guard bytes.count >= 12 else {
      throw .truncatedHeader(file: file, found: bytes.count, expected: 12)
    }
    let length = (8..<12).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    guard length <= lengthLimit else {
      throw .headerTooLong(file: file, found: length, limit: lengthLimit)
    }
    return (version, 12, length)
  }

  private static func entries(
    _ text: [UInt8], utf8: Bool, file: String
  ) throws(NpyError) -> [Literal.Entry] {
    var parser = LiteralParser(text, utf8: utf8)
    do {
      let literal = try parser.parse()
      guard case .dictionary(let entries) = literal else {
        throw NpyError.malformedHeader(
          file: file, offset: 0, found: "\(literal)", expected: "a dictionary in braces")
      }
      return entries
    } catch let failure as LiteralParser.Failure {
      throw .malformedHeader(
        file: file, offset: failure.offset, found: failure.found, expected: failure.expected)
    } catch let error as NpyError {
      throw error
    } catch {
      throw .malformedHeader(file: file, offset: 0, found: "\(error)", expected: "a dictionary")
    }
  }

  private static func set(
    _ slot: inout Literal?, _ entry: Literal.Entry, file: String
  ) throws(NpyError) {
    guard slot == nil else { throw .duplicateKey(file: file, key: entry.key) }
    slot = entry.value
  }

  private static func lengths(_ literal: Literal, file: String) throws(NpyError) -> [Int] {
    guard case .tuple(let items) = literal else {
      throw .wrongValue(
        file: file, key: "shape", found: "\(literal)", expected: "a tuple of integers")
    }
    guard items.count <= dimensionLimit else {
      throw .badShape(
        file: file, found: "\(literal)", expected: "at most \(dimensionLimit) dimensions")
    }
    var lengths: [Int] = []
    for item in items {
      guard case .integer(let length) = item else {
        throw .wrongValue(
          file: file, key: "shape", found: "\(literal)", expected: "a tuple of integers")
      }
      guard length >= 0 else {
        throw .badShape(file: file, found: "\(literal)", expected: "no negative length")
      }
      lengths.append(length)
    }
    return lengths
  }
}
