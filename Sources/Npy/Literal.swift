/// A Python literal of the few kinds that a header may hold.
enum Literal: Equatable {
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case tuple([Literal])
  case list([Literal])
  case dictionary([Entry])

  struct Entry: Equatable {
    let key: String
    let value: Literal
  }
}

extension Literal: CustomStringConvertible {
  /// The literal as Python would print it.
  var description: String {
    switch self {
    case .string(let text): "'\(text)'"
    case .integer(let value): "\(value)"
    case .boolean(let value): value ? "True" : "False"
    case .tuple(let items):
      items.count == 1
        ? "(\(items[0]),)" : "(" + items.map(\.description).joined(separator: ", ") + ")"
    case .list(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
    case .dictionary(let entries):
      "{" + entries.map { "'\($0.key)': \($0.value)" }.joined(separator: ", ") + "}"
    }
  }
}
