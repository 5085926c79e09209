import Operators

/// Reads the settings of the training.
enum TrainingReader {
  static func read(
    _ value: JSONValue?, parameters: [Graph.Parameter]
  ) throws(RunError) -> Training {
    guard let value else { return Training() }
    let fields = try Fields(
      value, at: "training",
      known: [
        "mode", "optimizer", "batch_size", "epochs", "steps", "shuffle", "precision",
        "regularization", "clip", "accumulation",
      ])
    let names = Set(parameters.map(\.name))
    var training = Training()
    training.trainMode = try fields.choice("mode", of: ["train", "eval"]) != "eval"
    training.batchSize = try fields.count("batch_size", minimum: 1)
    training.epochs = try fields.count("epochs")
    training.steps = try fields.count("steps")
    training.shuffle = try fields.bool("shuffle")
    training.precision =
      try fields.choice("precision", of: ["float32", "float16", "bfloat16", "float64"])
      ?? "float32"
    training.optimizer = try optimizer(fields["optimizer"], names)
    training.clip = try LoopReader.clip(fields["clip"], at: fields.path(of: "clip"))
    training.accumulation = try fields.count("accumulation", minimum: 1)
    for (index, value) in try fields.list("regularization").enumerated() {
      let entry = try Fields(
        value, at: "training.regularization[\(index)]", known: ["parameter", "l1", "l2"])
      let name = try entry.string("parameter")
      try known(name, names, entry.path(of: "parameter"))
      training.regularization.append(
        Training.Penalty(
          parameter: name, l1: try entry.number("l1") ?? 0, l2: try entry.number("l2") ?? 0))
    }
    return training
  }

  private static func known(
    _ name: String, _ names: Set<String>, _ place: String
  ) throws(RunError) {
    guard names.contains(name) else {
      throw .run(place, found: "\"\(name)\"", expected: "a parameter of the graph")
    }
  }

  private static func optimizer(
    _ value: JSONValue?, _ names: Set<String>
  ) throws(RunError) -> OptimizerSettings? {
    guard let value else { return nil }
    let numberKeys = OptimizerSettings.numberKeys
    let flagKeys = OptimizerSettings.flagKeys
    let fields = try Fields(
      value, at: "training.optimizer",
      known: [
        "kind", "learning_rate", "current_learning_rate", "schedule", "betas", "groups", "missing",
      ] + numberKeys + flagKeys)
    guard let kind = try fields.choice("kind", of: OptimizerSettings.kinds) else {
      throw .run(fields.path(of: "kind"), found: "nothing", expected: "the optimizer's kind")
    }
    guard let learningRate = try fields.number("learning_rate") else {
      throw .run(fields.path(of: "learning_rate"), found: "nothing", expected: "a number")
    }
    var groups: [OptimizerSettings.Group] = []
    for (index, value) in try fields.list("groups").enumerated() {
      groups.append(try group(value, at: "training.optimizer.groups[\(index)]", names))
    }
    var settings = OptimizerSettings(
      kind: kind, learningRate: learningRate, numbers: try numbers(fields),
      betas: try betas(fields), groups: groups)
    if fields["missing"] != nil { settings.missing = try fields.strings("missing") }
    for name in settings.missing { try known(name, names, fields.path(of: "missing")) }
    settings.schedule = try LoopReader.schedule(
      fields["schedule"], at: fields.path(of: "schedule"))
    settings.currentLearningRate = try fields.number("current_learning_rate")
    try check(settings, "", at: fields.path)
    for (index, group) in groups.enumerated() {
      guard let first = group.parameters.first else { continue }
      try check(settings, first, at: "\(fields.path).groups[\(index)]")
    }
    return settings
  }

  /// Makes the optimizer of a parameter once, which knows its own settings.
  private static func check(
    _ settings: OptimizerSettings, _ parameter: String, at place: String
  ) throws(RunError) {
    do throws(OperatorError) { _ = try settings.optimizer(for: parameter) } catch {
      switch error {
      case .unknownAttribute(let name, let known):
        throw .unknownKey("\(place).\(name)", known: ["kind", "groups"] + known)
      case .attribute(let name, let found, let expected):
        throw .run("\(place).\(name)", found: found, expected: expected)
      default: throw .run(place, found: "wrong", expected: error.description)
      }
    }
  }

  private static func numbers(_ fields: Fields) throws(RunError) -> [String: Double] {
    var result: [String: Double] = [:]
    for key in OptimizerSettings.numberKeys { result[key] = try fields.number(key) }
    for key in OptimizerSettings.flagKeys {
      result[key] = try fields.bool(key).map { $0 ? 1 : 0 }
    }
    return result
  }

  private static func betas(_ fields: Fields) throws(RunError) -> [Double]? {
    guard fields["betas"] != nil else { return nil }
    var result: [Double] = []
    for value in try fields.list("betas") {
      switch value {
      case .int(let number): result.append(Double(number))
      case .number(let number): result.append(number)
      default:
        throw .run(fields.path(of: "betas"), found: value.kind, expected: "two numbers")
      }
    }
    guard result.count == 2 else {
      throw .run(
        fields.path(of: "betas"), found: "\(result.count) numbers", expected: "two numbers")
    }
    return result
  }

  private static func group(
    _ value: JSONValue, at place: String, _ names: Set<String>
  ) throws(RunError) -> OptimizerSettings.Group {
    let fields = try Fields(
      value, at: place,
      known: ["parameters", "learning_rate", "betas"] + OptimizerSettings.numberKeys
        + OptimizerSettings.flagKeys)
    let parameters = try fields.strings("parameters")
    for name in parameters { try known(name, names, fields.path(of: "parameters")) }
    var settings = try numbers(fields)
    settings["learning_rate"] = try fields.number("learning_rate")
    if let betas = try betas(fields) {
      settings["beta1"] = betas[0]
      settings["beta2"] = betas[1]
    }
    return OptimizerSettings.Group(parameters: parameters, numbers: settings)
  }
}
