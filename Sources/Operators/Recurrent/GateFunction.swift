import Tensors

/// A function of a recurrent cell's gates, by ONNX's names. Each has a slope that follows from its
/// value alone, so that the value is all that need be kept.
struct GateFunction: Sendable, Equatable {
  /// Which one.
  enum Kind: String, CaseIterable {
    case sigmoid = "Sigmoid"
    case tanh = "Tanh"
    case relu = "Relu"
    case affine = "Affine"
    case leakyRelu = "LeakyRelu"
    case thresholdedRelu = "ThresholdedRelu"
    case scaledTanh = "ScaledTanh"
    case hardSigmoid = "HardSigmoid"
    case elu = "Elu"
    case softsign = "Softsign"
    case softplus = "Softplus"

    /// The defaults of alpha and beta; nil where the function has none.
    var defaults: (alpha: Double?, beta: Double?) {
      switch self {
      case .sigmoid, .tanh, .relu, .softsign, .softplus: (nil, nil)
      case .affine: (1, 0)
      case .leakyRelu: (0.01, nil)
      case .thresholdedRelu, .elu: (1, nil)
      case .scaledTanh: (1, 1)
      case .hardSigmoid: (0.2, 0.5)
      }
    }
  }

  let kind: Kind
  var alpha: Float = 0
  var beta: Float = 0

  /// Whether its values stay within bounds whatever comes in.
  var isBounded: Bool {
    switch kind {
    case .sigmoid, .tanh, .scaledTanh, .hardSigmoid, .softsign: true
    case .relu, .affine, .leakyRelu, .thresholdedRelu, .elu, .softplus: false
    }
  }

  /// Replaces `count` values, with as many others added first, by those of the function.
  func apply(
    _ x: UnsafeMutablePointer<Float>, _ count: Int, adding bias: UnsafeMutablePointer<Float>?
  ) {
    guard let bias else { return apply(x, count) }
    switch kind {
    case .sigmoid: forEachVector(count) { x.store($0, sigmoid(x.vector($0) + bias.vector($0))) }
    case .tanh: forEachVector(count) { x.store($0, Tensors.tanh(x.vector($0) + bias.vector($0))) }
    default:
      forEachVector(count) { x.store($0, x.vector($0) + bias.vector($0)) }
      apply(x, count)
    }
  }

  /// Writes the function of `count` values, in their place if nowhere else.
  func apply(
    _ x: UnsafeMutablePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>? = nil
  ) {
    let (alpha, beta, y) = (alpha, beta, y ?? x)
    switch kind {
    case .sigmoid: each(x, y, count) { sigmoid($0) }
    case .tanh: each(x, y, count) { Tensors.tanh($0) }
    case .relu: each(x, y, count) { $0.replacing(with: 0, where: $0 .< 0) }
    case .affine: each(x, y, count) { $0 * alpha + beta }
    case .leakyRelu: each(x, y, count) { $0.replacing(with: $0 * alpha, where: $0 .< 0) }
    case .thresholdedRelu: each(x, y, count) { $0.replacing(with: 0, where: $0 .<= alpha) }
    case .scaledTanh: each(x, y, count) { Tensors.tanh($0 * beta) * alpha }
    case .hardSigmoid:
      each(x, y, count) {
        let line = $0 * alpha + beta
        let floored = line.replacing(with: 0, where: line .< 0)
        return floored.replacing(with: 1, where: floored .> 1)
      }
    case .elu: each(x, y, count) { $0.replacing(with: (exp($0) - 1) * alpha, where: $0 .< 0) }
    case .softsign: each(x, y, count) { $0 / ($0.magnitude + 1) }
    case .softplus: each(x, y, count) { softplus($0) }
    }
  }

  /// The slope where the function has a value.
  @inline(__always)
  func slope(_ y: Vector) -> Vector {
    switch kind {
    case .sigmoid: y * (1 - y)
    case .tanh: 1 - y * y
    case .relu: Vector.zero.replacing(with: 1, where: y .> 0)
    case .affine: Vector(repeating: alpha)
    case .leakyRelu: Vector(repeating: 1).replacing(with: alpha, where: y .< 0)
    case .thresholdedRelu: Vector.zero.replacing(with: 1, where: y .!= 0)
    case .scaledTanh: (1 - (y / alpha) * (y / alpha)) * (alpha * beta)
    case .hardSigmoid: Vector.zero.replacing(with: alpha, where: (y .> 0) .& (y .< 1))
    case .elu: Vector(repeating: 1).replacing(with: y + alpha, where: y .< 0)
    case .softsign: (1 - y.magnitude) * (1 - y.magnitude)
    case .softplus: 1 - exp(-y)
    }
  }

  @inline(__always)
  private func each(
    _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int,
    _ f: (Vector) -> Vector
  ) {
    forEachVector(count) { y.store($0, f(x.vector($0))) }
  }
}

extension GateFunction {
  /// The functions of a node, one after another: names with the alphas and betas that they use up.
  ///
  /// - Throws: `OperatorError.attribute` for an unknown name, or for a value under which a slope
  ///   would not follow from the function's value.
  static func read(
    _ attributes: Attributes, defaults: [Kind], directions: Int
  ) throws(OperatorError) -> [GateFunction] {
    var kinds = [[Kind]](repeating: defaults, count: directions).flatMap { $0 }
    if let given = attributes.values["activations"] {
      let expected =
        "\(kinds.count) of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))"
      guard case .strings(let names) = given, names.count == kinds.count else {
        throw .attribute("activations", found: "\(given)", expected: expected)
      }
      let found = names.compactMap { Kind(rawValue: $0) }
      guard found.count == names.count else {
        throw .attribute("activations", found: "\(given)", expected: expected)
      }
      kinds = found
    }
    var alphas = (try attributes.floats("activation_alpha") ?? []).makeIterator()
    var betas = (try attributes.floats("activation_beta") ?? []).makeIterator()
    var functions: [GateFunction] = []
    for kind in kinds {
      let alpha = kind.defaults.alpha.map { alphas.next() ?? $0 }
      let beta = kind.defaults.beta.map { betas.next() ?? $0 }
      if let alpha {
        let signed = kind == .affine || kind == .thresholdedRelu || kind == .hardSigmoid
        guard alpha.isFinite, signed || alpha > 0 else {
          throw .attribute("activation_alpha", found: "\(alpha)", expected: "a positive number")
        }
      }
      functions.append(GateFunction(kind: kind, alpha: Float(alpha ?? 0), beta: Float(beta ?? 0)))
    }
    return functions
  }
}
