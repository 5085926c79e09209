import Operators
import Tensors

/// docs/operators.md
enum OperatorsPage {
  static var text: String {
    let all = OperatorRegistry.all.sorted { $0.info.name < $1.info.name }
    let sections = all.filter { !$0.info.attributes.isEmpty }.map { type in
      """

      ### \(type.info.name)

      \(Markdown.table(
        ["attribute", "default", "meaning"],
        type.info.attributes.map { ["`\($0.name)`", $0.standard, $0.meaning] }))
      """
    }
    return """
      \(Markdown.notice)

      # Operators

      Defib replays these operators of ONNX (opset 21), forward and backward, in float32, and
      `StopGradient`, which ONNX lacks. Operands broadcast as in NumPy, and axes count from the end
      when negative. "Units" is the axis of the
      output along which the units of a layer lie; "parameters" is what a parameter is to the
      operator, by the number of its input, and the axis of its units.

      \(Markdown.table(
        ["operator", "what it is", "formula", "inputs", "units", "parameters"], all.map(row)))
      ## Activations

      An activation is flat where its slope is under 5 % of the largest one.

      \(Markdown.table(
        ["operator", "range", "flat"], all.compactMap(activation)))
      ## Facts

      What an operator states about itself. The diagnosis asks for these facts and knows no operator by
      its name; `FactTests` measures them.

      \(Markdown.table(
        ["fact", "meaning", "operators"], OperatorFact.allCases.map { row($0, all) }))
      ## Attributes

      An attribute that is not listed is an error that names it.
      \(sections.joined())
      """
  }

  private static func row(_ type: any Operator.Type) -> [String] {
    let info = type.info
    let (low, high) = (info.inputs.lowerBound, info.inputs.upperBound)
    return [
      "`\(info.name)`", info.summary, "`\(info.formula)`",
      low == high ? "\(low)" : "\(low)–\(high)",
      units(type), parameters(type),
    ]
  }

  private static func row(_ fact: OperatorFact, _ all: [any Operator.Type]) -> [String] {
    let stating = all.filter { $0.info.facts.contains(fact) }
    return [
      "`\(fact)`", fact.rawValue, stating.map { "`\($0.info.name)`" }.joined(separator: ", "),
    ]
  }

  /// An operator at its first sample, whose first input brings the samples.
  private static func example(_ type: any Operator.Type) -> (any Operator, [Operand?], [Shape])? {
    guard let sample = type.info.samples.first,
      let op = try? OperatorRegistry.make(
        type.info.name, sample.attributes, inputs: sample.shapes.count, outputs: 1)
    else { return nil }
    let operands = sample.shapes.enumerated().map { i, dims in
      dims.flatMap { try? Shape($0) }
        .map { Operand($0, batched: i == 0, constant: sample.constants[i]) }
    }
    guard let outputs = try? op.outputShapes(operands) else { return nil }
    return (op, operands, outputs)
  }

  private static func units(_ type: any Operator.Type) -> String {
    guard let (op, operands, outputs) = example(type), let output = outputs.first else { return "" }
    // Axis 0 is never that of units: who gives it back follows its input.
    let marked = operands.indices.map { $0 == 0 ? 0 : nil as Int? }
    if !operands.isEmpty, op.unitAxis(operands, marked, output) == 0 { return "as its input" }
    guard let axis = op.unitAxis(operands, operands.map { _ in nil }, output) else { return "none" }
    return axis == output.rank - 1 ? "last axis" : "axis \(axis)"
  }

  private static func parameters(_ type: any Operator.Type) -> String {
    guard let (op, operands, _) = example(type) else { return "" }
    let batchless = operands.map { $0.map { Operand($0.shape, batched: false) } }
    return zip(batchless, op.roles(batchless)).enumerated().compactMap { i, pair in
      pair.1.map { role in
        let last = role.unitAxis + 1 == pair.0?.shape.rank
        return "\(i + 1): \(role.kind.rawValue), \(last ? "last axis" : "axis \(role.unitAxis)")"
      }
    }.joined(separator: "; ")
  }

  private static func activation(_ type: any Operator.Type) -> [String]? {
    guard let activation = type.info.activation else { return nil }
    let bounds = [
      activation.flatBelow.map { "at \(short($0)) and below" },
      activation.flatAbove.map { "at \(short($0)) and above" },
    ].compactMap { $0 }.joined(separator: ", ")
    let range = activation.range
    return [
      "`\(type.info.name)`", "\(short(range.lowerBound)) to \(short(range.upperBound))",
      bounds.isEmpty ? "nowhere" : bounds + (activation.rectifier ? ", with slope 0" : ""),
    ]
  }

  private static func short(_ value: Double) -> String {
    guard value.isFinite else { return value < 0 ? "−∞" : "∞" }
    let thousandths = Int((abs(value) * 1000).rounded())
    let digits = "\(1000 + thousandths % 1000)".dropFirst()
    let fraction = thousandths % 1000 == 0 ? "" : ".\(digits)"
    return (value < 0 ? "−" : "") + "\(thousandths / 1000)\(fraction)"
  }
}
