import CZlib

/// The CRC-32 of zip files.
struct Checksum {
  private var state = crc32(0, nil, 0)

  var value: UInt32 { UInt32(truncatingIfNeeded: state) }

  /// Adds less than 4 GiB.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    state = crc32(state, base, uInt(bytes.count))
  }
}

/// A deflate stream that is unpacked piece by piece.
struct Inflater: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>
  private var source: UnsafeRawBufferPointer
  private(set) var isFinished = false

  /// Starts at the first byte of a raw deflate stream, without a zlib or gzip header.
  init?(_ source: UnsafeRawBufferPointer) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.source = source
    let status = inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
  }

  deinit {
    _ = inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills the target as far as the stream goes; the number of bytes written, or `nil` when the
  /// stream is damaged or cut off.
  mutating func read(into target: UnsafeMutableRawBufferPointer) -> Int? {
    let limit = 1 << 30
    var written = 0
    while written < target.count, !isFinished, let base = target.baseAddress {
      let room = min(limit, target.count - written)
      let input = min(limit, source.count)
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = uInt(input)
      stream.pointee.next_out = (base + written).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = uInt(room)
      let status = CZlib.inflate(stream, Z_NO_FLUSH)
      let consumed = input - Int(stream.pointee.avail_in)
      let produced = room - Int(stream.pointee.avail_out)
      source = UnsafeRawBufferPointer(rebasing: source[consumed...])
      written += produced
      if status == Z_STREAM_END {
        isFinished = true
      } else if status != Z_OK || consumed + produced == 0 {
        return nil
      }
    }
    return written
  }

  /// Whether nothing follows what has been read.
  mutating func isAtEnd() -> Bool {
    var byte: UInt8 = 0
    return withUnsafeMutableBytes(of: &byte) { read(into: $0) } == 0 && isFinished
  }
}
