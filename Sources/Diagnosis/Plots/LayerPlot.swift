import Replay
import Runs

/// The network as a list of what data flows through: inputs, layers and losses. Of a large one, modules
/// are drawn in place of their layers.
struct LayerPlot {
  /// The most entries.
  private static let limit = 40
  /// The most findings that an entry names.
  private static let findingLimit = 12

  /// What is drawn.
  let layers: [Plots.Layer]

  /// One entry as it is put together.
  struct Part {
    var kind: Plots.Layer.Kind
    var name: String
    var ops: [String] = []
    var members = 1
    /// Parts that it computes from, by index.
    var inputs: Set<Int> = []
    var units = 0
    var rectified = 0
    var dead = 0
    var gradient: Double?
    var change = 0.0
    var norm = 0.0
    var isMoved = false
    var hasWeights = false
    var variation: Double?
    var findings: [String] = []
  }

  init(_ exam: Examination, _ findings: [Finding], layers names: [Place: String]) {
    var (parts, ends) = Self.parts(exam)
    Self.measure(&parts, ends, exam)
    Self.mark(&parts, exam, findings, names)
    layers = Self.folded(parts).map(Self.layer)
  }

  private static func layer(_ part: Part) -> Plots.Layer {
    let text =
      part.kind == .module
      ? Wording.count(part.members, "layer") : part.ops.joined(separator: ", ")
    return Plots.Layer(
      kind: part.kind, name: part.name, text: text, inputs: part.inputs.sorted(), units: part.units,
      alive: part.rectified == 0
        ? nil : Plots.short(1 - Double(part.dead) / Double(part.rectified)),
      gradient: part.gradient.map(Plots.short),
      moved: part.isMoved && part.norm > 0
        ? Plots.short((part.change / part.norm).squareRoot()) : nil,
      variation: part.variation.map(Plots.short), findings: part.findings)
  }

  /// Inputs, layers and losses with what each computes from; and by part, the tensor that it ends in.
  private static func parts(_ exam: Examination) -> (parts: [Part], ends: [Int]) {
    let graph = exam.run.graph
    var parts: [Part] = []
    var ends: [Int] = []
    var owner = [Int?](repeating: nil, count: graph.tensors.count)
    for input in graph.inputs {
      owner[input] = parts.count
      parts.append(Part(kind: .input, name: graph.tensors[input]))
      ends.append(input)
    }
    let weights = Set(graph.parameters.lazy.filter(\.trainable).map(\.tensor))
    var numbers: [String: Int] = [:]
    for node in graph.nodes {
      let number = numbers[node.layer] ?? parts.count
      if number == parts.count {
        numbers[node.layer] = number
        parts.append(Part(kind: .layer, name: node.layer))
        ends.append(node.outputs.first ?? 0)
      }
      if !parts[number].ops.contains(node.op), parts[number].ops.count < 3 {
        parts[number].ops.append(node.op)
      }
      // A layer that is used twice computes from what comes later; that line is left out.
      for case let input? in node.inputs {
        if weights.contains(input) { parts[number].hasWeights = true }
        if let source = owner[input], source < number { parts[number].inputs.insert(source) }
      }
      for output in node.outputs { owner[output] = number }
      if let output = node.outputs.first { ends[number] = output }
    }
    for term in exam.run.losses {
      let sources = term.heads.compactMap { owner[$0] }
      var part = Part(kind: .loss, name: term.kind, inputs: Set(sources))
      part.ops = [term.target]
      parts.append(part)
      ends.append(term.prediction)
    }
    return (parts, ends)
  }

  private static func measure(_ parts: inout [Part], _ ends: [Int], _ exam: Examination) {
    let numbers = Dictionary(
      parts.enumerated().filter { $1.kind == .layer }.map { ($1.name, $0) },
      uniquingKeysWith: { first, _ in first })
    for index in parts.indices where parts[index].kind != .loss {
      if let moments = exam.current.activations[ends[index]] {
        parts[index].units = moments.units
        // Moments leave such values out, and a masked one is no fault.
        let isBroken = !exam.isFinite && moments.firstNonFinite != nil
        parts[index].variation = isBroken ? .nan : SignalPath.relativeVariation(moments)
      }
      if let gradient = exam.current.gradients[ends[index]] {
        let isBroken = gradient.nonFinite.contains { $0 > 0 }
        parts[index].gradient = isBroken ? .nan : gradient.norm
      }
    }
    for layer in exam.activationLayers where layer.activation.rectifier {
      guard layer.moments.firstNonFinite == nil, let number = numbers[layer.node.layer] else {
        continue
      }
      parts[number].rectified += layer.moments.units
      parts[number].dead += layer.dead.count
    }
    for move in (try? Movement(exam))?.all ?? [] {
      guard let use = exam.run.graph.consumers[move.parameter.tensor].first,
        let number = numbers[exam.run.graph.nodes[use.node].layer]
      else { continue }
      parts[number].change += move.change * move.change
      parts[number].norm += move.norm * move.norm
      parts[number].isMoved = true
    }
  }

  /// Says where the findings are.
  private static func mark(
    _ parts: inout [Part], _ exam: Examination, _ findings: [Finding], _ layers: [Place: String]
  ) {
    var numbers: [String: Int] = [:]
    for (index, part) in parts.enumerated() {
      numbers["\(part.kind.rawValue) \(part.name)"] =
        numbers["\(part.kind.rawValue) \(part.name)"] ?? index
      if part.kind == .loss { numbers["target \(part.ops[0])"] = index }
    }
    for finding in findings {
      for place in finding.places {
        let key =
          layers[place].map { "layer \($0)" } ?? "\(place.kind.rawValue) \(place.name)"
        guard let number = numbers[key], parts[number].findings.count < findingLimit,
          parts[number].findings.last != finding.id
        else { continue }
        parts[number].findings.append(finding.id)
      }
    }
  }

  // MARK: folding

  /// The parts, or where there are too many, modules of them: all names below a dot at some depth, or
  /// else neighbours.
  static func folded(_ parts: [Part]) -> [Part] {
    guard parts.count > limit else { return parts }
    // What has no weights belongs to what it follows.
    let weighted = merged(parts, keepsName: true) { _, next in !next.hasWeights }
    if weighted.count <= limit { return weighted }
    let depth = parts.map { $0.name.split(separator: ".").count }.max() ?? 1
    for depth in stride(from: depth - 1, to: 0, by: -1) {
      let merged = merged(parts) { first, next in
        module(first.name, depth) == module(next.name, depth)
      }
      if merged.count <= limit { return merged }
    }
    let layers = parts.count { $0.kind == .layer }
    let others = parts.count - layers
    let size = (layers + max(1, limit - others) - 1) / max(1, limit - others)
    return merged(parts) { first, _ in first.members < size }
  }

  private static func module(_ name: String, _ depth: Int) -> String {
    name.split(separator: ".").prefix(depth).joined(separator: ".")
  }

  /// Neighbours drawn together, as long as the next one belongs to the first.
  private static func merged(
    _ parts: [Part], keepsName: Bool = false, _ belongs: (Part, Part) -> Bool
  ) -> [Part] {
    var result: [Part] = []
    var numbers: [Int] = []
    for part in parts {
      if let last = result.last, last.kind == .layer || last.kind == .module, part.kind == .layer,
        belongs(last, part)
      {
        result[result.count - 1].add(part, keepsName: keepsName)
      } else {
        result.append(part)
      }
      numbers.append(result.count - 1)
    }
    for index in result.indices {
      result[index].inputs = Set(result[index].inputs.map { numbers[$0] }.filter { $0 < index })
    }
    return result
  }
}

extension LayerPlot.Part {
  /// Takes in the layer that comes next.
  fileprivate mutating func add(_ next: Self, keepsName: Bool) {
    let first = name.split(separator: ".")
    let shared = zip(first, next.name.split(separator: ".")).prefix { $0 == $1 }.map(\.0)
    let known = name.split(separator: "–").first.map(String.init) ?? name
    if !keepsName {
      name = shared.isEmpty ? "\(known)–\(next.name)" : shared.joined(separator: ".")
    }
    hasWeights = hasWeights || next.hasWeights
    kind = .module
    members += 1
    inputs.formUnion(next.inputs)
    (units, gradient, variation) = (next.units, next.gradient, next.variation)
    (rectified, dead) = (rectified + next.rectified, dead + next.dead)
    (change, norm, isMoved) = (change + next.change, norm + next.norm, isMoved || next.isMoved)
    for id in next.findings where findings.count < 12 && !findings.contains(id) {
      findings.append(id)
    }
  }
}
