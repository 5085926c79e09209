import Runs

/// The frame around bytes that travel between processes: what they are, what they belong to, and a
/// checksum, so that bytes that were damaged, or are of something else, are found out.
enum Envelope {
  /// The version of everything inside.
  static let version: UInt16 = 1
  private static let magic: [UInt8] = Array("DFBP".utf8)

  /// What is inside.
  enum Content: UInt8 {
    /// How to make a pass again; it belongs to a run.
    case pass = 1
    /// What lanes of a pass gave; it belongs to the bytes of the pass.
    case lanes = 2
  }

  /// Bytes with a frame around.
  static func sealed(
    _ content: Content, _ kind: PassKind, owner: UInt64, _ body: (inout ByteWriter) -> Void
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.put(raw: magic)
    writer.put(word: version)
    writer.put(word: content.rawValue)
    writer.put(word: kind.rawValue)
    writer.put(word: owner)
    body(&writer)
    writer.put(word: Digest.of(bytes: writer.bytes))
    return writer.bytes
  }

  /// What is inside of a frame.
  ///
  /// - Throws: `RunError.shard` when the bytes are damaged, or hold something else.
  static func opened(
    _ bytes: [UInt8], _ content: Content
  ) throws(RunError) -> (kind: PassKind, owner: UInt64, body: ByteReader) {
    var reader = ByteReader(bytes)
    guard bytes.count >= 8, try reader.words(4, UInt8.self) == magic else {
      throw .shard("bytes of a shard", found: "something else", expected: "bytes of Defib")
    }
    let version = try reader.word(UInt16.self)
    guard version == Self.version else {
      throw .shard(
        "bytes of a shard", found: "version \(version)",
        expected: "\(Self.version): the same release of Defib on every worker")
    }
    guard bytes.count >= 24 else {
      throw .shard("bytes of a shard", found: "\(bytes.count)", expected: "at least 24")
    }
    let end = bytes.count - 8
    var tail = ByteReader(bytes, end..<bytes.count)
    guard try tail.word(UInt64.self) == Digest.of(bytes: bytes, upTo: end) else {
      throw .shard("bytes of a shard", found: "another checksum", expected: "undamaged bytes")
    }
    var body = ByteReader(bytes, 0..<end)
    _ = try body.part(6)
    let (tag, kind) = (try body.word(UInt8.self), try body.word(UInt8.self))
    guard let found = Content(rawValue: tag), found == content else {
      throw .shard("bytes of a shard", found: "content \(tag)", expected: "\(content)")
    }
    guard let kind = PassKind(rawValue: kind) else {
      throw .shard("bytes of a shard", found: "pass \(kind)", expected: "a pass of this release")
    }
    return (kind, try body.word(UInt64.self), body)
  }
}

/// The passes that can be told to another process.
enum PassKind: UInt8, Sendable {
  case data = 1
  case targets
  case replay
  case correlation
  case rows
  case outliers
}
