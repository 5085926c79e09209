import Npy
import Operators
import Replay
import Runs

/// The weights that a training with changes ended with, for the user's own data.
public struct Revived: Sendable {
  /// A parameter under the user's own name.
  public struct Parameter: Sendable {
    /// The name.
    public let name: String
    /// Its shape.
    public let shape: [Int]
    /// The values, in the order of the array.
    public let values: [Float]
    /// Whether the training made it: a weight, or the running statistics of a normalization.
    public let isTrained: Bool
  }

  /// Every parameter of the run; those that are not trained are as they were, but for the running
  /// statistics of normalizations.
  public let parameters: [Parameter]
  /// The loss over all rows of the run with these weights, as the network is used: dropouts leave
  /// everything, and normalizations go by their running statistics.
  public let loss: Double
  /// By array whose standardization could not be folded into the weights: mean and factor by column.
  let unfolded: [String: Scales]
  /// Arrays whose standardization was.
  public let folded: [String]
  /// The run with the changes and the weights, on all of its rows.
  public let run: Run
  /// Its run.json, which names its arrays as the run's own does.
  public let document: JSONValue

  /// By array that has to be standardized before the weights fit: mean and deviation by column.
  public var lines: [(name: String, mean: [Double], deviation: [Double])] {
    unfolded.keys.sorted().map { name in
      let columns = unfolded[name]?.columns ?? []
      return (name, columns.map(\.mean), columns.map { $0.factor > 0 ? 1 / $0.factor : 1 })
    }
  }

  init(
    _ variant: CureVariant, _ stepper: Stepper, _ changes: [Change], _ search: CureSearch
  ) throws(RunError) {
    var values: [String: [Float]] = [:]
    for slot in stepper.slots { values[slot.parameter.name] = Array(slot.values) }
    try Normalizations.measure(variant.data, stepper, into: &values)
    var whole = try search.run.reading(variant.document, with: variant.arrays)
    for case .reshapedTargets(let names) in changes {
      var shapes: [String: [Int]] = [:]
      for term in whole.losses where names.contains(term.target) {
        let shape = search.plan.operands[term.prediction].shape
        shapes[term.target] = [whole.samples] + shape.dims.dropFirst()
      }
      whole = whole.squeezing(shapes)
    }
    let folding = Folding(variant, search.data)
    let result = try folding.fold(values)
    unfolded = variant.scales.filter { !result.folded.contains($0.key) }
    folded = result.folded.sorted()
    var parameters: [Parameter] = []
    for parameter in whole.graph.parameters {
      let own: [Float]
      if let trained = result.values[parameter.name] {
        own = trained
      } else {
        own = try bridging(parameter.array.floats())
      }
      parameters.append(
        Parameter(
          name: parameter.name, shape: parameter.array.shape, values: own,
          isTrained: result.values[parameter.name] != nil))
    }
    self.parameters = parameters
    var arrays: [String: NpyArray] = [:]
    for parameter in parameters {
      arrays[parameter.name] = try FloatBlock(parameter.values).array(
        parameter.shape, name: parameter.name)
    }
    var data: [String: NpyArray] = [:]
    for (name, scales) in unfolded {
      guard let array = whole.data[name] else { continue }
      let block = try FloatBlock(reading: array)
      scales.apply(block.buffer)
      data[name] = try block.array(array.shape, name: name)
    }
    var run = whole.replacingParameters(arrays)
    if !data.isEmpty { run = run.replacingData(data, rows: run.samples) }
    self.run = run
    document = variant.document
    loss = try Self.loss(run, search.progress)
  }

  /// Values of a batch of all tensors, at most.
  private static let batchValues = 1 << 24

  /// The loss of all rows at once, or the mean over batches where that takes too much memory.
  private static func loss(_ run: Run, _ progress: Progress) throws(RunError) -> Double {
    let used = try run.evaluating()
    let one = try Plan(used, rows: 1).operands.reduce(0) { $0 + $1.shape.count }
    let batch = max(1, min(used.samples, batchValues / max(1, one)))
    let stepper = try Stepper(used, from: try Weights(used), progress: progress)
    var total = 0.0
    for start in stride(from: 0, to: used.samples, by: batch) {
      let part = start..<min(start + batch, used.samples)
      let share = used.losses.allSatisfy(\.mean) ? Double(part.count) / Double(used.samples) : 1
      total += try stepper.dataLoss(part) * share
    }
    return total
  }
}
