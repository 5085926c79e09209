import Glibc

/// How many bytes the measurements of a run may take. What a run asks for is added up before anything
/// is allocated, so that a file of a few bytes cannot ask for more than the machine has.
public struct MemoryBudget: Sendable, Equatable {
  /// The most bytes.
  public let bytes: Int
  /// Whether somebody asked for it; else it is what the machine has.
  public let isChosen: Bool

  /// A budget of so many bytes, as somebody asked for.
  public init(bytes: Int) { self.init(bytes, isChosen: true) }

  private init(_ bytes: Int, isChosen: Bool) {
    self.bytes = max(0, bytes)
    self.isChosen = isChosen
  }

  /// Three quarters of what this process may have: of the machine's memory, of the limit of its
  /// control group, and of what is left of its own address space (`ulimit -v`).
  public static var machine: MemoryBudget {
    let page = max(1, sysconf(Int32(_SC_PAGESIZE)))
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    var limit = pages > 0 ? pages * page : 1 << 32
    if let group = number(in: "/sys/fs/cgroup/memory.max") { limit = min(limit, group) }
    var space = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &space) == 0,
      let most = Int(exactly: space.rlim_cur)
    {
      let used = (number(in: "/proc/self/statm") ?? 0) * page
      // Stacks of threads, and what libraries allocate themselves.
      limit = min(limit, max(0, most - used - reserve))
    }
    return MemoryBudget(limit / 4 * 3, isChosen: false)
  }

  /// Left to others where the address space is limited.
  private static let reserve = 96 << 20

  /// The first number of a file; nil when there is none.
  private static func number(in file: String) -> Int? {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text = [UInt8](repeating: 0, count: 64)
    let count = text.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return nil }
    return Int(String(decoding: text[..<count].prefix { (48...57).contains($0) }, as: UTF8.self))
  }

  /// - Throws: `RunError.memory` when so many bytes are beyond the budget; nil stands for a number
  ///   that no `Int` can hold.
  package func require(_ needed: Int?, for what: @autoclosure () -> String) throws(RunError) {
    guard let needed, needed <= bytes else {
      throw .memory(what(), needed: needed, budget: bytes)
    }
  }
}

/// Bytes added up without a trap: nil once the sum is beyond what an `Int` holds.
package struct ByteCount {
  package private(set) var total: Int? = 0

  /// No bytes yet.
  package init() {}

  /// Adds `count` things of `size` bytes each.
  package mutating func add(_ count: Int, of size: Int) {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard let total, !overflow else {
      self.total = nil
      return
    }
    let (sum, tooLarge) = total.addingReportingOverflow(product)
    self.total = tooLarge ? nil : sum
  }

  /// The bytes of a product of lengths; nil when no `Int` holds it.
  package static func product(_ lengths: [Int], of size: Int) -> Int? {
    var result = size
    for length in lengths {
      let (product, overflow) = result.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      result = product
    }
    return result
  }
}
