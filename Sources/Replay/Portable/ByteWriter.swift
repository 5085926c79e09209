/// Writes numbers and texts one after the other, least significant byte first.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  /// A number.
  mutating func put<Word: FixedWidthInteger>(word: Word) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Numbers, without their count.
  mutating func put<Word: FixedWidthInteger>(words: [Word]) {
    words.withUnsafeBytes { raw in
      if Word.bitWidth == 8 || Word(1).littleEndian == 1 {
        bytes.append(contentsOf: raw)
      } else {
        for word in words { put(word: word) }
      }
    }
  }

  /// A value that can be told in bytes.
  mutating func put(_ value: some Portable) { value.write(to: &self) }

  /// Bytes as they are, without their count.
  mutating func put(raw: [UInt8]) { bytes.append(contentsOf: raw) }
}
