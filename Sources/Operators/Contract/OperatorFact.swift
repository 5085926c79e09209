/// What an operator states about itself, so that nobody has to know it by name: not the rules of the
/// diagnosis, and not the reader of a graph. A fact holds for every node of the operator, whatever its
/// attributes. The text of a case is its meaning, which docs/operators.md shows.
public enum OperatorFact: String, Sendable, CaseIterable {
  // What goes on.
  case affine = "The outputs are an affine function of each input."
  case passesValues = """
    All values of the first input come out as they are, in whatever shape, as far as the type of the \
    output holds them.
    """
  case keepsOrder = """
    The values of the first input come out in the order in which they lie in memory, in whatever shape.
    """
  case clipsValues = "Values of the first input come out as they are within two bounds."
  case stopsGradients = "No gradient goes back through it."
  case drops = "Training drops a share of the first input, which the second one says."

  // Ids, such as tokens.
  case passesIds = "Ids in the first input come out as ids."
  case comparesIds = "It asks which id it is given, or how many, and gives none of them on."
  case takesIndices = "The second input counts places: it does not enter as a number."
  case looksUpRows = "Each index takes a whole row of the first input: an embedding."

  // Parameters.
  case weighs = """
    An output is a sum of inputs, weighted by its unit's slice of a kernel, which has one weight for \
    each of them.
    """
  case slides = "The same weights serve every position of the output."
  case adds = "A parameter among the operands is added: a bias."
  case scales = "A parameter among the operands is a factor or a divisor: a scale."

  // Normalization.
  case normalizes = "It takes the scale of its input away."
  case normalizesBatch = """
    Samples meet in it on purpose, as statistics of a batch. The fourth and fifth input are running \
    mean and variance.
    """

  // What the outputs are to a loss.
  case distribution = "The outputs along an axis are one distribution."
  case probability = "Each output is a probability."
  case logarithm = "Each output is the logarithm of what stands at its place."

  // Values and slopes that are not finite.
  case takesLogarithm = "It takes a logarithm: not finite at 0 and below."
  case takesRoot = "It takes a root: not finite below 0."
  case divides = "It divides by its last operand: not finite at 0."
  case exponentiates = "It takes an exponential: beyond float32 above 88.7."
  case steepAtZero = "The slope may be infinite at 0."
  case neverNegative = "No output is below 0, whatever comes in."
  case keepsSign =
    "Where no value of the first input is below 0, no output is; and none above 0 likewise."
  case negates = "Each output is what stands at its place, with the other sign."
  case takesMinusInfinity = """
    −∞ may come in and nothing of it go out, as a mask on scores does. Where the outputs are finite, \
    neither NaN nor +∞ has come in.
    """

  // What becomes of memory.
  case forgetsInputs = "Its backward step reads no value of an input."
  case forgetsOutputs = "Its backward step reads no value of an output."
  case worksInPlace = """
    Its output may take the memory of an input of its shape, and the gradient of that input the memory \
    of its output's gradient.
    """
  case reshapes = """
    The output is the first input under another shape, and its gradient that of the output: both may \
    lie in the same memory.
    """
}

extension Operator {
  /// Whether the operator states a fact.
  public func states(_ fact: OperatorFact) -> Bool { Self.info.facts.contains(fact) }

  /// The roles of parameters among operands that broadcast: biases of a sum, scales of a product.
  func operandRoles(_ inputs: [Operand?]) -> [ParameterRole?] {
    let kind: ParameterRole.Kind? = states(.adds) ? .bias : states(.scales) ? .scale : nil
    return inputs.map { input in
      guard let kind, let input, !input.batched else { return nil }
      return ParameterRole(kind, unitAxis: max(0, input.shape.rank - 1))
    }
  }
}
