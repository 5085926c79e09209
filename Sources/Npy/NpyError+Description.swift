extension NpyError: CustomStringConvertible {
  /// One sentence that names the file, what was found and what was expected.
  public var description: String {
    switch self {
    case .cannotOpen(let file, let reason):
      "\(file): cannot be opened: \(reason)"
    case .notAFile(let file, let found):
      "\(file): is \(found), expected a regular file"
    case .system(let file, let operation, let reason):
      "\(file): cannot \(operation): \(reason)"
    case .changed(let file, let had, let has) where had == has:
      "\(file): changed while it was read: it was written to, or replaced by another file"
    case .changed(let file, let had, let has):
      "\(file): changed while it was read: it had \(had) bytes and now has \(has)"
    case .tooLarge(let file, let found, let limit):
      "\(file): found \(found) bytes, expected at most \(limit)"
    case .wrongMagic(let file, let bytes, let format):
      bytes.isEmpty
        ? "\(file): is empty, expected \(format)"
        : "\(file): begins with \(Self.dump(bytes)), expected \(format)"
    case .unsupportedVersion(let file, let major, let minor):
      "\(file): has format version \(major).\(minor), expected 1.0, 2.0 or 3.0"
    case .truncatedHeader(let file, let found, let expected):
      "\(file): ends inside its header: found \(found) bytes, expected at least \(expected)"
    case .headerTooLong(let file, let found, let limit):
      "\(file): has a header of \(found) bytes, expected at most \(limit)"
    case .malformedHeader(let file, let offset, let found, let expected):
      "\(file): header is malformed at its byte \(offset): found \(found), expected \(expected)"
    case .missingKey(let file, let key):
      "\(file): header has no key '\(key)', expected 'descr', 'fortran_order' and 'shape'"
    case .unknownKey(let file, let key):
      "\(file): header has the key '\(Self.shorten(key))', expected only 'descr', "
        + "'fortran_order' and 'shape'"
    case .duplicateKey(let file, let key):
      "\(file): header has the key '\(key)' twice, expected it once"
    case .wrongValue(let file, let key, let found, let expected):
      "\(file): header key '\(key)' is \(Self.shorten(found)), expected \(expected)"
    case .badShape(let file, let found, let expected):
      "\(file): has the shape \(Self.shorten(found)), expected \(expected)"
    case .unknownType(let file, let found):
      "\(file): has the element type \(Self.shorten(found)), expected one that NumPy can write"
    case .truncatedData(let file, let found, let expected):
      "\(file): is truncated: found \(found) bytes of data, expected \(expected)"
    case .notConvertible(let file, let found, let expected):
      "\(file): has elements of type \(Self.shorten(found)), expected \(expected)"
    case .notAnInteger(let file, let index, let found):
      "\(file): element \(index) is \(found), expected an integer of at most 64 bits"
    case .rowsOutOfRange(let file, let found, let available):
      "\(file): rows \(found.lowerBound)..<\(found.upperBound) were asked for, "
        + "expected rows inside 0..<\(available)"
    case .wrongBuffer(let file, let found, let expected):
      "\(file): the buffer holds \(found) elements, expected \(expected)"
    case .badView(let file, let found, let expected),
      .badWrite(let file, let found, let expected),
      .badIndex(let file, let found, let expected),
      .badShard(let file, let found, let expected),
      .badArchive(let file, let found, let expected):
      "\(file): found \(found), expected \(expected)"
    case .cancelled(let file):
      "\(file): reading was cancelled"
    case .noSuchMember(let file, let member, let available):
      "\(file): has no member '\(member)', expected one of "
        + Self.shorten(available.joined(separator: ", "))
    }
  }

  /// First bytes as text where they are printable, else in hexadecimal.
  private static func dump(_ bytes: [UInt8]) -> String {
    if bytes.allSatisfy({ (32...126).contains($0) }) {
      return "'\(String(decoding: bytes, as: UTF8.self))'"
    }
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "the bytes " + hex.joined(separator: " ")
  }

  /// A hostile header must not fill the terminal: long text is cut, and what does more than to be seen
  /// is not passed on.
  private static func shorten(_ text: String) -> String {
    let limit = 200
    let clean = Printable.text(String(text.unicodeScalars.prefix(limit)))
    return text.unicodeScalars.count > limit ? clean + "…" : clean
  }
}
