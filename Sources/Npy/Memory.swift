import Glibc

/// Bytes of our own, freed when their last user goes. Where there is no room, that is an error.
final class Memory: @unchecked Sendable {
  /// Not initialized. Written only by whoever creates them, before they are shared.
  let bytes: UnsafeMutableRawBufferPointer

  /// - Parameter file: the name used in errors.
  init(_ size: Int, for file: String) throws(NpyError) {
    var address: UnsafeMutableRawPointer?
    let code = posix_memalign(&address, 64, max(1, size))
    guard code == 0, let address else {
      throw .system(
        file: file, operation: "be held in memory (\(size) bytes)",
        reason: SystemFile.reason(code))
    }
    bytes = UnsafeMutableRawBufferPointer(start: address, count: size)
  }

  deinit { free(bytes.baseAddress) }
}
