import Npy
import Replay
import Runs

/// The measurements of one replay for programs, as docs/vitals-format.md has them.
public struct VitalsJSON: Sendable {
  private let run: Run
  private let result: ReplayPass.Result
  private let data: DataVitals
  private let weights: Weights
  private let seconds: Double

  /// The measurements of a run.
  ///
  /// - Parameters:
  ///   - run: what was replayed.
  ///   - result: what the replay gave.
  ///   - data: what is known of the data itself.
  ///   - weights: the parameters that were replayed.
  ///   - seconds: how long the replay itself took.
  public init(
    _ run: Run, _ result: ReplayPass.Result, data: DataVitals, weights: Weights, seconds: Double
  ) {
    self.run = run
    self.result = result
    self.data = data
    self.weights = weights
    self.seconds = seconds
  }

  /// The measurements as JSON, on one line.
  public var text: String {
    let vitals = result.vitals
    // The mean of no samples is no number.
    func judged(_ loss: Double) -> JSONValue { .number(vitals.samples > 0 ? loss : .nan) }
    let losses = zip(run.losses, vitals.losses).map { term, measured in
      JSONValue.object([
        "kind": .string(term.kind),
        "prediction": .string(run.graph.tensors[term.prediction]),
        "target": .string(term.target),
        "weight": .number(term.weight),
        "value": judged(measured.value),
      ])
    }
    let document = JSONValue.object([
      "format": .string("defib-vitals"),
      "version": .int(1),
      "samples": .int(vitals.samples),
      "loss": run.losses.isEmpty ? .null : judged(vitals.loss),
      "losses": .array(losses),
      "penalty": .number(vitals.penalty),
      "seconds": .number(seconds),
      "layers": .array(layerOrder.compactMap(layer)),
      "parameters": .array(run.graph.parameters.map(parameter)),
      "data": .array(data.arrays.keys.sorted().compactMap { data.arrays[$0].map(array) }),
    ])
    return document.text() + "\n"
  }

  /// Inputs first, then what the nodes compute.
  private var layerOrder: [Int] { run.graph.inputs + run.graph.nodes.flatMap(\.outputs) }

  private func layer(_ tensor: Int) -> JSONValue? {
    guard let forward = result.vitals.activations[tensor] else { return nil }
    let node = run.graph.producer[tensor].map { run.graph.nodes[$0] }
    return .object([
      "name": .string(run.graph.tensors[tensor]),
      "layer": .string(run.graph.layer(of: tensor)),
      "node": node.map { .string($0.name) } ?? .null,
      "op": node.map { .string($0.op) } ?? .null,
      "shape": .ints(result.plan.operands[tensor].shape.dims.dropFirst()),
      "units": .int(forward.units),
      "forward": Self.moments(forward),
      "backward": result.vitals.gradients[tensor].map(Self.gradient) ?? .null,
    ])
  }

  private func parameter(_ parameter: Graph.Parameter) -> JSONValue {
    let figures = ParameterFigures(weights.values(of: parameter))
    let gradient = result.vitals.parameterGradients[parameter.tensor]
    return .object([
      "name": .string(parameter.name),
      "shape": .ints(parameter.array.shape),
      "trainable": .bool(parameter.trainable),
      "norm": .number(figures.norm),
      "mean": .number(figures.mean),
      "std": .number(figures.deviation),
      "min": .number(figures.minimum),
      "max": .number(figures.maximum),
      "gradient": gradient.map { Self.gradient($0) } ?? .null,
    ])
  }

  private func array(_ array: ArrayVitals) -> JSONValue {
    .object([
      "name": .string(array.name),
      "shape": .ints(array.shape),
      "columns": Self.moments(array.columns),
      "digest": .string(Self.hexadecimal(array.digest)),
    ])
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
