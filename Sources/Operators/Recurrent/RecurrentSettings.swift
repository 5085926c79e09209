import Tensors

/// The attributes that RNN, LSTM and GRU share.
struct RecurrentSettings {
  static let attributes = [
    AttributeInfo("activation_alpha", default: "the functions' own", "alphas, in their order"),
    AttributeInfo("activation_beta", default: "the functions' own", "betas, in their order"),
    AttributeInfo("activations", default: "the cell's own", "the functions of each direction"),
    AttributeInfo("clip", default: "none", "not supported: it hides where a gate is flat"),
    AttributeInfo("direction", default: "forward", "forward, reverse or bidirectional"),
    AttributeInfo("hidden_size", default: "that of R", "units of the cell"),
    AttributeInfo("layout", default: "0", "0: steps before samples; 1: samples first"),
  ]

  /// For every direction whether it runs from the end.
  let reversed: [Bool]
  /// Whether samples lie along axis 0, and steps along axis 1.
  let samplesFirst: Bool
  private(set) var functions: [GateFunction]
  private let hidden: Int?

  init(_ attributes: Attributes, functions: [GateFunction.Kind]) throws(OperatorError) {
    switch try attributes.choice(
      "direction", of: ["forward", "reverse", "bidirectional"], default: "forward")
    {
    case "reverse": reversed = [true]
    case "bidirectional": reversed = [false, true]
    default: reversed = [false]
    }
    samplesFirst = try attributes.flag("layout", default: false)
    if attributes.has("clip") {
      throw .attribute(
        "clip", found: "\(try attributes.float("clip", default: 0))",
        expected: "none, as clipped gates are not supported")
    }
    hidden =
      attributes.has("hidden_size") ? try attributes.int("hidden_size", default: 0) : nil
    self.functions = try GateFunction.read(
      attributes, defaults: functions, directions: reversed.count)
  }

  /// The same with tanh in place of every function without bounds.
  var bounded: RecurrentSettings {
    var copy = self
    copy.functions = functions.map { $0.isBounded ? $0 : GateFunction(kind: .tanh) }
    return copy
  }

  /// The functions of one direction.
  func functions(_ direction: Int) -> ArraySlice<GateFunction> {
    let count = functions.count / reversed.count
    return functions[(direction * count)..<((direction + 1) * count)]
  }

  /// The lengths of a node, of which every operand is held against.
  ///
  /// - Throws: `OperatorError.shapes` when one does not fit.
  func lengths(
    _ inputs: [Operand?], gates: Int, isLSTM: Bool
  ) throws(OperatorError) -> RecurrentLengths {
    let x = try inputs.required(0).shape
    let w = try inputs.required(1).shape
    let r = try inputs.required(2).shape
    guard x.rank == 3, w.rank == 3, r.rank == 3 else {
      throw .shapes(found: "X \(x), W \(w), R \(r)", expected: "three axes each")
    }
    let lengths = RecurrentLengths(
      steps: x[samplesFirst ? 1 : 0], rows: x[samplesFirst ? 0 : 1], inputs: x[2], hidden: r[2],
      directions: reversed.count, samplesFirst: samplesFirst)
    if let hidden, hidden != lengths.hidden {
      throw .attribute("hidden_size", found: "\(hidden)", expected: "\(r[2]), as R is \(r)")
    }
    guard lengths.steps <= Int32.max, lengths.rows <= Int32.max else {
      throw .tensor(.shape(x.dims))
    }
    let (n, directions) = (lengths.hidden, lengths.directions)
    let (wide, overflow) = n.multipliedReportingOverflow(by: 2 * gates)
    guard !overflow else { throw .tensor(.shape(r.dims)) }
    let state = samplesFirst ? [lengths.rows, directions, n] : [directions, lengths.rows, n]
    let expected: [(name: String, dims: [Int])] = [
      ("X", x.dims), ("W", [directions, wide / 2, lengths.inputs]),
      ("R", [directions, wide / 2, n]), ("B", [directions, wide]),
      ("sequence_lens", [lengths.rows]), ("initial_h", state), ("initial_c", state),
      ("P", [directions, 3 * n]),
    ]
    for (index, entry) in expected.prefix(isLSTM ? 8 : 6).enumerated() {
      guard let shape = inputs.optional(index)?.shape, shape.dims != entry.dims else { continue }
      throw .shapes(
        found: "\(entry.name) of \(shape)", expected: "\(try Shape.of(entry.dims)) beside X \(x)")
    }
    return lengths
  }
}

/// The lengths of a recurrent node.
struct RecurrentLengths {
  let steps: Int
  /// Samples of the batch.
  let rows: Int
  let inputs: Int
  let hidden: Int
  let directions: Int
  let samplesFirst: Bool

  /// Inputs and hidden values of a step.
  var joined: Int { inputs + hidden }

  /// Elements of X before a sample's step.
  @inline(__always) func input(_ row: Int, _ time: Int) -> Int {
    (samplesFirst ? row * steps + time : time * rows + row) * inputs
  }

  /// Elements of Y before a sample's step.
  @inline(__always) func output(_ row: Int, _ time: Int, _ direction: Int) -> Int {
    (samplesFirst
      ? (row * steps + time) * directions + direction
      : (time * directions + direction) * rows + row) * hidden
  }

  /// Elements of a state before a sample.
  @inline(__always) func state(_ row: Int, _ direction: Int) -> Int {
    (samplesFirst ? row * directions + direction : direction * rows + row) * hidden
  }
}
