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

/// A deflate stream in a file that is unpacked piece by piece.
struct Inflater: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>
  private let source: StoredFile
  /// What has not been read from the file.
  private var rest: Range<Int>
  /// What has been read last, and what of it is left.
  private let piece: Memory
  private var left = 0..<0
  private(set) var isFinished = false

  /// Starts at the first byte of a raw deflate stream, without a zlib or gzip header; nil when there
  /// is no room for it.
  init?(_ range: Range<Int>, of source: StoredFile) throws(NpyError) {
    piece = try Memory(min(1 << 16, range.count), for: source.file)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.source = source
    rest = range
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
  ///
  /// - Throws: `NpyError` when the file cannot be read.
  mutating func read(into target: UnsafeMutableRawBufferPointer) throws(NpyError) -> Int? {
    let limit = 1 << 30
    var written = 0
    while written < target.count, !isFinished, let base = target.baseAddress {
      if left.isEmpty && !rest.isEmpty { try refill() }
      let room = min(limit, target.count - written)
      let input = left.count
      stream.pointee.next_in = piece.bytes.baseAddress.map {
        ($0 + left.lowerBound).assumingMemoryBound(to: UInt8.self)
      }
      stream.pointee.avail_in = uInt(input)
      stream.pointee.next_out = (base + written).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = uInt(room)
      let status = CZlib.inflate(stream, Z_NO_FLUSH)
      let consumed = input - Int(stream.pointee.avail_in)
      let produced = room - Int(stream.pointee.avail_out)
      left = left.lowerBound + consumed..<left.upperBound
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
  mutating func isAtEnd() throws(NpyError) -> Bool {
    var byte: UInt8 = 0
    let count = try withUnsafeMutableBytes(of: &byte) { (bytes) throws(NpyError) in
      try read(into: bytes)
    }
    return count == 0 && isFinished
  }

  private mutating func refill() throws(NpyError) {
    let count = min(piece.bytes.count, rest.count)
    try source.read(
      at: rest.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: piece.bytes[..<count]))
    rest = rest.lowerBound + count..<rest.upperBound
    left = 0..<count
  }
}
