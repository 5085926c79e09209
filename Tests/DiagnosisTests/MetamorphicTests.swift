import Npy
import Testing

@testable import Diagnosis
@testable import Replay
@testable import Runs

/// A way to tell the same run differently.
enum Retelling: String, CaseIterable, Sendable {
  /// Every array in double precision.
  case float64
  /// The loss twice as large, and the rate of plain gradient descent half as large.
  case doubledLoss
  /// Every sample twice, one after the other, in batches of twice the size.
  case doubledRows

  /// Rules that speak of how many samples there are, of chance among them, or of the loss's own size.
  func leavesAlone(_ rule: RuleID) -> Bool {
    switch self {
    case .float64: true
    case .doubledLoss:
      // A history stays as it was; half precision, and Adam's ε, are about sizes.
      ![
        .precisionRisk, .constantLoss, .explodingGradient, .vanishingGradient, .historyMismatch,
        .unsteppedOptimizer, .accumulatedGradients, .clippedGradients, .decayedLearningRate,
        .loopMismatch,
      ].contains(rule)
    case .doubledRows:
      ![
        .duplicateSamples, .lowDiversity, .tooFewSamples, .unlearnableTarget,
        .conflictingLabels, .correlatedTargets, .duplicateFeatures, .lossTaskMismatch,
        .historyMismatch, .belowBaseline,
      ].contains(rule)
    }
  }

  func run(_ net: RunBuilder) throws -> Run {
    var document = net.document
    var doubled: Set<String> = []
    if self != .float64, case .object(var fields) = document {
      if self == .doubledLoss { Self.doubleLoss(&fields) }
      if self == .doubledRows {
        if case .object(let data)? = fields["data"] {
          for case .string(let path) in data.values { doubled.insert(path) }
        }
        if case .object(var training)? = fields["training"],
          case .int(let batch)? = training["batch_size"]
        {
          training["batch_size"] = .int(2 * batch)
          fields["training"] = .object(training)
        }
      }
      document = .object(fields)
    }
    var arrays: [String: NpyArray] = [:]
    for (path, values) in net.arrays {
      arrays[path] =
        try self == .float64
        ? Doubles(values.memory).array(values.shape, path)
        : doubled.contains(path)
          ? Self.twice(values, path)
          : FloatBlock(values.memory).array(values.shape, name: path)
    }
    return try Run.open(json: document.text(), arrays: arrays)
  }

  private static func doubleLoss(_ fields: inout [String: JSONValue]) {
    if case .array(let losses)? = fields["losses"] {
      fields["losses"] = .array(
        losses.map { loss in
          guard case .object(var entry) = loss else { return loss }
          let weight: Double =
            if case .number(let value)? = entry["weight"] { value } else { 1 }
          entry["weight"] = .number(2 * weight)
          return .object(entry)
        })
    }
    if case .object(var training)? = fields["training"],
      case .object(var optimizer)? = training["optimizer"],
      optimizer["kind"] == .string("sgd"), case .number(let rate)? = optimizer["learning_rate"]
    {
      optimizer["learning_rate"] = .number(rate / 2)
      if case .number(let decay)? = optimizer["weight_decay"] {
        optimizer["weight_decay"] = .number(2 * decay)
      }
      training["optimizer"] = .object(optimizer)
      fields["training"] = .object(training)
    }
  }

  private static func twice(_ values: RunBuilder.Values, _ path: String) throws -> NpyArray {
    let rows = values.shape.first ?? 0
    let width = rows > 0 ? values.memory.count / rows : 0
    let memory = (0..<rows).flatMap { row in
      let one = values.memory[(row * width)..<((row + 1) * width)]
      return one + one
    }
    return try FloatBlock(memory).array([2 * rows] + values.shape.dropFirst(), name: path)
  }

  /// Double-precision numbers that an array borrows.
  private final class Doubles: @unchecked Sendable {
    let memory: UnsafeMutableBufferPointer<Double>

    init(_ values: [Float]) {
      memory = .allocate(capacity: max(1, values.count))
      memory.initialize(repeating: 0)
      for (index, value) in values.enumerated() { memory[index] = Double(value) }
    }

    deinit { memory.deallocate() }

    func array(_ shape: [Int], _ name: String) throws -> NpyArray {
      try NpyArray(
        borrowing: UnsafeRawPointer(memory.baseAddress), type: .float64, shape: shape, owner: self,
        name: name)
    }
  }
}

@Test(arguments: Case.all)
func `the same run told differently`(_ item: Case) throws {
  guard item.example.expectation != .cannotTell else { return }
  var net = RunBuilder()
  item.example.build(&net)
  let rule = item.rule.init()
  func found(_ run: Run) throws -> [String] {
    let exam = try Check().examine(run, Progress())
    return try rule.check(exam).map(Mitigation(exam).applied(to:)).map {
      "\($0.severity) \($0.place)"
    }
  }
  let plain = try found(try net.run())
  for retelling in Retelling.allCases where retelling.leavesAlone(item.rule.info.id) {
    let here = Comment("\(retelling) of \(item.example.file):\(item.example.line)")
    #expect(try found(try retelling.run(net)) == plain, here)
  }
}
