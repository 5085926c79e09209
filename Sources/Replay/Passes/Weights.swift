import Npy
import Tensors

/// The parameters of a run as float32, shared by all workers: in place where they are mapped as
/// such, else converted once.
public final class Weights: @unchecked Sendable {
  /// By tensor; nil where a tensor is no parameter. Never written through.
  let tensors: [Tensor?]
  private let arena: Arena
  private let arrays: [NpyArray]
  /// What a copy shares its frozen parameters with.
  private let original: Weights?

  /// Which values of the parameters.
  public enum Moment: String, Sendable {
    /// Those after the training.
    case current
    /// Those before it, as far as they were exported.
    case initial
  }

  /// The parameters of a run at a moment.
  ///
  /// - Throws: `ReplayError` when memory is short or an array cannot be read.
  public init(_ run: Run, at moment: Moment = .current) throws(ReplayError) {
    let parameters = run.graph.parameters
    let arrays = parameters.map { moment == .initial ? $0.initial ?? $0.array : $0.array }
    let converted = arrays.reduce(0) {
      // An array without elements is contiguous and yet has no address to be used in place.
      $0 + ($1.contiguousFloats?.baseAddress == nil ? Arena.bytes($1.count) : 0)
    }
    var tensors = [Tensor?](repeating: nil, count: run.graph.tensors.count)
    do throws(TensorError) {
      arena = try Arena(bytes: converted)
      for (parameter, array) in Swift.zip(parameters, arrays) {
        let shape = try Shape(array.shape)
        if let floats = array.contiguousFloats, let base = floats.baseAddress {
          tensors[parameter.tensor] = Tensor(UnsafeMutablePointer(mutating: base), shape)
        } else {
          tensors[parameter.tensor] = try arena.tensor(shape)
        }
      }
    } catch { throw .system(error) }
    self.tensors = tensors
    self.arrays = arrays
    original = nil
    for (parameter, array) in Swift.zip(parameters, arrays) where array.contiguousFloats == nil {
      guard let tensor = tensors[parameter.tensor] else { continue }
      do throws(NpyError) { try array.read(rows: 0..<array.rows, into: tensor.buffer) } catch {
        throw .npy(error)
      }
    }
  }

  /// A copy whose trainable parameters are in memory of their own, to be written.
  ///
  /// - Throws: `ReplayError.system` when memory is short.
  init(copying other: Weights, of run: Run) throws(ReplayError) {
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
    arrays = other.arrays
    original = other
  }

  /// The values of a parameter.
  public func values(of parameter: Graph.Parameter) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(tensors[parameter.tensor]?.buffer ?? .init(start: nil, count: 0))
  }
}
