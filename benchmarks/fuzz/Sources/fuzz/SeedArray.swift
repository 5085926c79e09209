import CEngine

/// An array whose path says all of it, so that one text of JSON is a whole run: `weights/w.3x4.f4.npy`
/// holds twelve floats, and `data/x.8.i8.c3.npy` eight integers from 0 to 2. Who changes the text
/// changes the arrays.
struct SeedArray {
  let path: [CChar]
  let type: [CChar]
  let shape: [Int64]
  let bytes: [UInt8]

  /// More bytes than that are left away, and the array is missing.
  private static let limit = 1 << 20

  init?(path: String) {
    let words = path.split(separator: ".")
    guard words.count >= 4, words.last == "npy" else { return nil }
    let lengths = words[1] == "s" ? [] : words[1].split(separator: "x").map { Int64($0) ?? -1 }
    guard lengths.count <= 8, lengths.allSatisfy({ (0...4096).contains($0) }) else { return nil }
    let kind = words[2].first ?? "f"
    let size = words[2].dropFirst().first?.wholeNumberValue ?? 4
    let count = lengths.reduce(1) { $0 * Int($1) }
    guard [1, 2, 4, 8].contains(size), count <= Self.limit / size else { return nil }
    self.path = Self.text(path)
    type = Self.text((words[2].hasSuffix("b") ? ">" : "<") + "\(kind)\(size)")
    shape = lengths
    let fill = words.count > 4 ? String(words[3]) : ""
    bytes = (0..<count).flatMap { Self.element($0, kind: kind, size: size, fill: fill) }
  }

  private static func text(_ text: String) -> [CChar] {
    text.utf8.filter { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
  }

  /// Element `index`, in little-endian bytes: numbers around 0, or what `fill` says: `cN` counts to N
  /// and starts again, `v2_-1` are these two, `p1` are probabilities, `nan`, `inf`, `big`, `zero`, `tiny`
  /// are what they say.
  private static func element(_ index: Int, kind: Character, size: Int, fill: String) -> [UInt8] {
    let spread = Double((index &* 0x9E37_79B9) & 0xFFFF) / 32768 - 1
    let number: Double
    switch fill {
    case "nan": number = index % 7 == 3 ? .nan : spread
    case "inf": number = index % 5 == 2 ? -.infinity : spread
    case "big": number = spread * 3e38
    case "tiny": number = spread * 1e-42
    case "zero": number = 0
    case "one": number = 1
    case _ where fill.hasPrefix("c"):
      number = Double(index % max(1, Int(fill.dropFirst()) ?? 2))
    case _ where fill.hasPrefix("v"):
      let values = fill.dropFirst().split(separator: "_").map { Double($0) ?? 0 }
      number = values.isEmpty ? 0 : values[index % values.count]
    case _ where fill.hasPrefix("p"): number = abs(spread)
    default: number = spread
    }
    let pattern: UInt64
    switch (kind, size) {
    case ("f", 8): pattern = number.bitPattern
    case ("f", 4): pattern = UInt64(Float(number).bitPattern)
    case ("f", 2): pattern = UInt64(Float16(number).bitPattern)
    default: pattern = UInt64(bitPattern: Int64(exactly: number.rounded()) ?? .min)
    }
    return (0..<size).map { UInt8(truncatingIfNeeded: pattern >> (8 * UInt64($0))) }
  }
}
