import Glibc
import Npy

/// A folder for the files of one test, removed with everything in it when the test is over.
public final class TemporaryFolder: Sendable {
  /// The path, without a slash at the end.
  public let path: String

  /// Creates an empty folder under `TMPDIR`.
  public init() {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = [CChar]("\(parent)/npy-tests-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { Self.removeTree(path) }

  private static func removeTree(_ path: String) {
    for name in names(in: path) { removeTree("\(path)/\(name)") }
    _ = remove(path)
  }

  /// A path inside the folder.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  public func write(_ bytes: [UInt8], to name: String) -> String {
    let path = file(name)
    guard let stream = fopen(path, "wb") else { return path }
    _ = bytes.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, stream) }
    _ = fclose(stream)
    return path
  }

  /// The bytes of a file; empty when there is none.
  public func read(_ name: String) -> [UInt8] {
    guard let stream = fopen(file(name), "rb") else { return [] }
    defer { _ = fclose(stream) }
    _ = fseek(stream, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: max(0, ftell(stream)))
    rewind(stream)
    let count = bytes.withUnsafeMutableBufferPointer { fread($0.baseAddress, 1, $0.count, stream) }
    return Array(bytes.prefix(count))
  }

  /// The names in the folder, sorted.
  public var names: [String] { Self.names(in: path) }

  private static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { _ = closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

/// Bytes of .npy files, made by hand so that they may be wrong.
public enum NpyFixture {
  /// A file with this header text, whatever it says.
  ///
  /// - Parameters:
  ///   - header: the text of the header, taken as it is.
  ///   - version: 1, 2 or 3, or a number that no reader knows.
  ///   - data: what follows the header.
  public static func file(_ header: String, version: UInt8 = 1, data: [UInt8] = []) -> [UInt8] {
    let text = [UInt8](header.utf8)
    var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version, 0]
    for index in 0..<(version == 1 ? 2 : 4) {
      bytes.append(UInt8(truncatingIfNeeded: text.count >> (8 * index)))
    }
    return bytes + text + data
  }

  /// A correct header text.
  public static func header(_ descr: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': \(descr), 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
  }

  /// The bytes of values, in the order of this machine.
  public static func bytes<Value>(_ values: [Value]) -> [UInt8] {
    values.withUnsafeBytes { [UInt8]($0) }
  }
}

/// A small generator of the same numbers in every run.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Starts at a seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits, by splitmix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
