import CDNNL
import Glibc
import Synchronization

/// The products that a thread has computed so far, as primitives.
final class ProductTable {
  /// Beyond so many multiplications, or with more weights, `dnnl_sgemm` is faster.
  static let largest = (multiplications: 1 << 22, weights: 1 << 13)
  /// Products that are remembered; the next one starts anew. Which way a product takes must depend on
  /// its lengths alone, for the two round differently.
  static let capacity = 256

  /// Whether a product is best done by a primitive. A layer's weights are its second factor, and their
  /// gradient is its result where the first is transposed.
  static func takes(_ key: ProductPrimitive.Key) -> Bool {
    let weights = (key.transposed.a ? key.rows : key.depth) * key.columns
    return weights <= largest.weights
      && key.rows * key.columns <= largest.multiplications / key.depth
  }

  private var known: [ProductPrimitive.Key: ProductPrimitive?] = [:]
  private var scratch = DNNLBlock()
  private var stream: DNNLStream?

  /// The primitive for a product; nil where it is better, or only possible, without one.
  func primitive(_ key: ProductPrimitive.Key) -> ProductPrimitive? {
    if let found = known[key] { return found }
    if known.count >= Self.capacity {
      known = [:]
      scratch = DNNLBlock()
    }
    let made = try? make(key)
    known[key] = .some(made)
    return made
  }

  private func make(_ key: ProductPrimitive.Key) throws(TensorError) -> ProductPrimitive? {
    // A primitive keeps the number of threads that it was made under, whoever takes over the table.
    let threads = omp_get_max_threads()
    omp_set_num_threads(1)
    defer { omp_set_num_threads(threads) }
    if let stream { return try ProductPrimitive(key, scratch: scratch, stream: stream) }
    let made = try DNNLStream()
    stream = made
    return try ProductPrimitive(key, scratch: scratch, stream: made)
  }

  // A primitive works in memory of its own, so that no two threads may share one. Tables outlive their
  // threads: the next one takes over what is known.
  private static let idle = Mutex<[Idle]>([])

  private struct Idle: @unchecked Sendable { let table: ProductTable }

  private static let slot: pthread_key_t? = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { table in
      guard let table else { return }
      let idle = Idle(table: Unmanaged<ProductTable>.fromOpaque(table).takeRetainedValue())
      ProductTable.idle.withLock { $0.append(idle) }
    }
    return status == 0 ? key : nil
  }()

  /// The table of the calling thread; nil where the system has no room for one.
  static var current: ProductTable? {
    guard let slot else { return nil }
    if let table = pthread_getspecific(slot) {
      return Unmanaged<ProductTable>.fromOpaque(table).takeUnretainedValue()
    }
    let table = idle.withLock { $0.popLast() }?.table ?? ProductTable()
    let kept = Unmanaged.passRetained(table)
    guard pthread_setspecific(slot, kept.toOpaque()) == 0 else {
      kept.release()
      return nil
    }
    return table
  }
}
