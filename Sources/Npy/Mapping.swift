import Glibc

/// Bytes mapped into memory: of a file, or of nothing. They are unmapped when the last user goes.
///
/// Files are mapped read-only and shared, so pages are read on demand and can be given back. Whoever
/// shortens a file while it is mapped takes the pages away from its readers, as with any mapping.
final class Mapping: @unchecked Sendable {
  /// All the bytes. Written only by whoever creates an anonymous mapping, before it is shared.
  let bytes: UnsafeMutableRawBufferPointer
  private let isFile: Bool
  /// Kept open for a large file, which can then be read without its pages counting as memory of the
  /// process; -1 else.
  private let descriptor: Int32
  private let file: String
  /// Whether all arrays in it are read past the mapping, small ones too.
  let isStreamed: Bool

  /// Files of more bytes than this can be read past the mapping.
  static let largeBytes = 32 << 20

  /// Maps a whole file.
  convenience init(file: String, isStreamed: Bool = false) throws(NpyError) {
    let source = try SystemFile(reading: file)
    try self.init(of: source, isStreamed: isStreamed)
  }

  /// Maps what an open file holds now.
  ///
  /// - Parameter isStreamed: whether it will be read past the mapping even if it is small.
  init(of source: borrowing SystemFile, isStreamed: Bool = false) throws(NpyError) {
    bytes = try Self.map(
      size: source.size(), protection: PROT_READ, flags: MAP_SHARED, source.descriptor, source.file)
    isFile = true
    file = source.file
    self.isStreamed = isStreamed
    descriptor =
      isStreamed || bytes.count > Self.largeBytes
      ? fcntl(source.descriptor, F_DUPFD_CLOEXEC, 0) : -1
  }

  /// Maps zeros that take no memory until they are written.
  init(zeros size: Int, file: String) throws(NpyError) {
    bytes = try Self.map(
      size: size, protection: PROT_READ | PROT_WRITE,
      flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, file)
    isFile = false
    isStreamed = false
    self.file = file
    descriptor = -1
  }

  private static func map(
    size: Int, protection: Int32, flags: Int32, _ descriptor: Int32, _ file: String
  ) throws(NpyError) -> UnsafeMutableRawBufferPointer {
    if size == 0 { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    let address = mmap(nil, size, protection, flags, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw .system(
        file: file, operation: "be mapped (\(size) bytes)", reason: SystemFile.reason())
    }
    return UnsafeMutableRawBufferPointer(start: address, count: size)
  }

  deinit {
    if let address = bytes.baseAddress { _ = munmap(address, bytes.count) }
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// Tells the system what comes: pages are read ahead.
  func adviseSequential() { advise(0..<bytes.count, MADV_SEQUENTIAL) }

  /// Brings the pages of a range in at once, which costs less than a fault for each.
  func prefetch(_ range: Range<Int>) {
    guard isFile else { return }
    advise(range, Self.populateRead)
  }

  /// Gives the pages that lie wholly inside a range back to the system. Reading them again is
  /// allowed and reads the file again. Nothing happens to an anonymous mapping, which has no file.
  func release(_ range: Range<Int>) {
    guard isFile else { return }
    let size = Self.pageSize
    let lower = (range.lowerBound + size - 1) / size * size
    let upper = range.upperBound == bytes.count ? bytes.count : range.upperBound / size * size
    if lower < upper { advise(lower..<upper, MADV_DONTNEED) }
  }

  /// Whether `read` does what it says.
  var isReadable: Bool { descriptor >= 0 }

  /// Reads bytes from the file itself. What lies in the mapping there is not touched, and the system
  /// maps no neighbours, which it does by up to 2 MiB at a time.
  ///
  /// - Throws: `NpyError.system` when the file cannot be read, or has become shorter.
  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(NpyError) {
    var done = 0
    while let base = target.baseAddress, done < target.count {
      let count = pread(descriptor, base + done, target.count - done, offset + done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let reason = count == 0 ? "it has become shorter" : SystemFile.reason()
        throw .system(file: file, operation: "be read", reason: reason)
      }
      done += count
    }
  }

  private func advise(_ range: Range<Int>, _ advice: Int32) {
    guard let base = bytes.baseAddress, !range.isEmpty else { return }
    let start = range.lowerBound / Self.pageSize * Self.pageSize
    _ = madvise(base + start, range.upperBound - start, advice)
  }

  private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
  /// MADV_POPULATE_READ of Linux 5.14; older systems refuse it, and nothing is lost.
  private static let populateRead: Int32 = 22
}
