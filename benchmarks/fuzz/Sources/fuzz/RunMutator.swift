import LibFuzzer
import Runs

/// Changes the text of a run as a tree: values, names, nodes and whole branches change places, so that
/// most inputs pass the parser and go on to what stands behind it.
enum RunMutator {
  static func mutate(_ bytes: UnsafeMutableRawBufferPointer, _ size: Int, _ seed: UInt32) -> Int {
    var random = Random(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let text = String(decoding: bytes.prefix(size), as: UTF8.self)
    if random.below(12) > 0, var tree = try? JSONValue(parsing: text) {
      for _ in 0...random.below(3) { tree = change(tree, &random) }
      let changed = Array(tree.text().utf8)
      if changed.count <= bytes.count {
        bytes.copyBytes(from: changed)
        return changed.count
      }
    }
    guard let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
    return LLVMFuzzerMutate(data, size, bytes.count)
  }

  /// Numbers from a seed, the same for the same one.
  struct Random {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(1, limit)))
    }

    mutating func pick<C: RandomAccessCollection>(_ values: C) -> C.Element? {
      values.isEmpty ? nil : values[values.index(values.startIndex, offsetBy: below(values.count))]
    }
  }

  private static func change(_ tree: JSONValue, _ random: inout Random) -> JSONValue {
    var all: [JSONValue] = []
    collect(tree, &all)
    let other = random.pick(all) ?? .null
    var place = random.below(all.count)
    return edit(tree, &place) { TreeEdit.changed($0, other: other, &random) }
  }

  private static func collect(_ value: JSONValue, _ all: inout [JSONValue]) {
    all.append(value)
    switch value {
    case .array(let values): for value in values { collect(value, &all) }
    case .object(let members):
      for (_, value) in members.sorted(by: { $0.key < $1.key }) { collect(value, &all) }
    default: break
    }
  }

  /// The tree with the value at a place, counted in the order of `collect`, changed.
  private static func edit(
    _ value: JSONValue, _ place: inout Int, _ change: (JSONValue) -> JSONValue
  ) -> JSONValue {
    if place == 0 {
      place = -1
      return change(value)
    }
    place -= 1
    switch value {
    case .array(var values):
      for index in values.indices where place >= 0 {
        values[index] = edit(values[index], &place, change)
      }
      return .array(values)
    case .object(var members):
      for key in members.keys.sorted() where place >= 0 {
        members[key] = edit(members[key] ?? .null, &place, change)
      }
      return .object(members)
    default: return value
    }
  }
}
