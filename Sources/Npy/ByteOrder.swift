/// The order of the bytes inside one element, as the first character of a NumPy type string.
public enum ByteOrder: String, Sendable, Hashable, CaseIterable {
  /// Least significant byte first: `<`, and `=` on the machines this library runs on.
  case little = "<"
  /// Most significant byte first: `>`.
  case big = ">"
  /// Elements of one byte, or without any order: `|`.
  case notApplicable = "|"

  /// The order of this machine.
  public static var native: ByteOrder {
    Int(littleEndian: 1) == 1 ? .little : .big
  }

  /// The words a reader expects: `little`, `big` or `none`.
  public var name: String {
    switch self {
    case .little: "little"
    case .big: "big"
    case .notApplicable: "none"
    }
  }
}
