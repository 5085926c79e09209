import Npy
import Runs
import Tensors

/// The parameters of a run as float32, shared by all workers: those that are stored as such are in
/// memory once for the run, all others are converted.
public final class Weights: @unchecked Sendable {
  /// By tensor; nil where a tensor is no parameter. Never written through.
  package let tensors: [Tensor?]
  /// By tensor: the transposes that `turn` has made.
  private(set) var transposed: [Tensor?]
  private let arena: Arena
  private var transposedArena: Arena?
  private let arrays: [NpyArray]
  /// What a copy shares its frozen parameters with.
  private let original: Weights?

  /// Which values of the parameters.
  public enum Snapshot: String, Sendable {
    /// Those after the training.
    case current
    /// Those before it, as far as they were exported.
    case initial
  }

  /// The parameters of a run at a snapshot.
  ///
  /// - Parameter keeping: whether the run keeps what was read of its files, for the next one.
  /// - Throws: `RunError` when memory is short or an array cannot be read.
  public init(_ run: Run, at snapshot: Snapshot = .current, keeping: Bool = true) throws(RunError) {
    let parameters = run.graph.parameters
    let arrays = parameters.map { snapshot == .initial ? $0.initial ?? $0.array : $0.array }
    var shared: [UnsafePointer<Float>?] = []
    // An array without elements is contiguous and yet has no address to be used in place.
    for array in arrays {
      shared.append(
        try keeping
          ? bridging(array.loadedFloats()?.baseAddress) : array.contiguousFloats?.baseAddress)
    }
    let converted = Swift.zip(arrays, shared).reduce(0) {
      $0 + ($1.1 == nil ? Arena.bytes($1.0.count) : 0)
    }
    var tensors = [Tensor?](repeating: nil, count: run.graph.tensors.count)
    do throws(TensorError) {
      arena = try Arena(bytes: converted)
      for ((parameter, array), base) in Swift.zip(Swift.zip(parameters, arrays), shared) {
        let shape = try Shape(array.shape)
        if let base {
          tensors[parameter.tensor] = Tensor(UnsafeMutablePointer(mutating: base), shape)
        } else {
          tensors[parameter.tensor] = try arena.tensor(shape)
        }
      }
    } catch { throw .system(error) }
    self.tensors = tensors
    transposed = tensors.map { _ in nil }
    self.arrays = arrays
    original = nil
    for ((parameter, array), base) in Swift.zip(Swift.zip(parameters, arrays), shared)
    where base == nil {
      guard let tensor = tensors[parameter.tensor] else { continue }
      try bridging(array.read(rows: 0..<array.rows, into: tensor.buffer))
    }
  }

  /// A copy whose trainable parameters are in memory of their own, to be written.
  ///
  /// - Throws: `RunError.system` when memory is short.
  package init(copying other: Weights, of run: Run) throws(RunError) {
    let trainable = run.graph.parameters.filter(\.trainable)
    var tensors = other.tensors
    do throws(TensorError) {
      arena = try Arena(bytes: trainable.reduce(0) { $0 + Arena.bytes($1.array.count) })
      for parameter in trainable {
        guard let source = other.tensors[parameter.tensor] else { continue }
        let copy = try arena.tensor(source.shape)
        copy.copy(source)
        tensors[parameter.tensor] = copy
      }
    } catch { throw .system(error) }
    self.tensors = tensors
    transposed = tensors.map { _ in nil }
    arrays = other.arrays
    original = other
  }

  /// The most bytes of transposes that are kept beside the parameters.
  private static let transposedBytes = 64 << 20

  /// Transposes the matrices whose operators are faster for it, or none where that takes much memory.
  /// For many batches, before anybody else has these weights, and only where they are never written.
  ///
  /// - Throws: `RunError.system` when memory is short.
  func turn(_ run: Run) throws(RunError) {
    let wanted = Set(
      run.graph.nodes.compactMap { node in node.kind.transposedInput.flatMap { node.inputs[$0] } })
    let matrices = tensors.indices.filter {
      wanted.contains($0) && tensors[$0]?.shape.rank == 2
    }
    let bytes = matrices.reduce(0) { $0 + Arena.bytes(tensors[$1]?.count ?? 0) }
    guard bytes > 0, bytes <= Self.transposedBytes else { return }
    do throws(TensorError) {
      let arena = try Arena(bytes: bytes)
      transposedArena = arena
      for tensor in matrices {
        guard let matrix = tensors[tensor] else { continue }
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        let copy = try arena.tensor(try Shape([columns, rows]))
        transpose(matrix.base, rows: rows, columns: columns, into: copy.base)
        transposed[tensor] = copy
      }
    } catch { throw .system(error) }
  }

  /// The values of a parameter.
  public func values(of parameter: Graph.Parameter) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(tensors[parameter.tensor]?.buffer ?? .init(start: nil, count: 0))
  }
}
