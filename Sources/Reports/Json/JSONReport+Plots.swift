import Diagnosis
import Runs

// What a page draws.
extension JSONReport {
  static func plots(_ plots: Plots) -> JSONValue {
    .object([
      "constant": .string(plots.constant),
      "history": plots.history.map(history) ?? .null,
      "trials": .array(plots.courses.map(course)),
      "rates": plots.rates.map(rates) ?? .null,
      "layers": .array(plots.layers.map(layer)),
      "fits": .array(
        plots.fits.map {
          .object([
            "name": .string($0.name), "targets": .numbers($0.targets),
            "predictions": .numbers($0.predictions),
          ])
        }),
      "classes": .array(
        plots.classes.map {
          .object([
            "name": .string($0.name), "actual": .ints($0.actual), "predicted": .ints($0.predicted),
          ])
        }),
      "features": .array(
        plots.features.map {
          .object([
            "name": .string($0.name), "mean": .number($0.mean), "deviation": .number($0.deviation),
            "minimum": .number($0.minimum), "maximum": .number($0.maximum),
          ])
        }),
    ])
  }

  private static func history(_ history: Plots.History) -> JSONValue {
    .object([
      "unit": .string(history.unit), "span": .int(history.span),
      "values": .numbers(history.values),
      "constant": history.constant.map { .number($0) } ?? .null,
      "simple": history.simple.map {
        .object(["name": .string($0.name), "loss": .number($0.loss)])
      } ?? .null,
    ])
  }

  private static func course(_ course: Plots.Course) -> JSONValue {
    .object([
      "name": .string(course.name), "updates": .ints(course.updates),
      "losses": .numbers(course.losses), "lowest": .numbers(course.lowest),
      "highest": .numbers(course.highest),
    ])
  }

  private static func rates(_ rates: Plots.Rates) -> JSONValue {
    .object([
      "own": .number(rates.own), "updates": .int(rates.updates), "rates": .numbers(rates.rates),
      "losses": .numbers(rates.losses),
    ])
  }

  private static func layer(_ layer: Plots.Layer) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    return .object([
      "kind": .string(layer.kind.rawValue), "name": .string(layer.name),
      "text": .string(layer.text), "inputs": .ints(layer.inputs), "units": .int(layer.units),
      "alive": number(layer.alive), "gradient": number(layer.gradient),
      "moved": number(layer.moved), "variation": number(layer.variation),
      "findings": .strings(layer.findings),
    ])
  }
}

// The same, from a report that was kept.
extension JSONReport {
  /// More than a report has of any of these.
  private static let seriesLimit = 1000

  static func plots(_ value: JSONValue) throws(ReportError) -> Plots {
    let members = try JSONMembers(value, at: "text.plots")
    var layers: [Plots.Layer] = []
    for entry in try objects(members, "layers") { layers.append(try layer(entry, layers.count)) }
    var courses: [Plots.Course] = []
    for entry in try objects(members, "trials") { courses.append(try course(entry)) }
    var fits: [Plots.Fit] = []
    for entry in try objects(members, "fits") {
      let fit = Plots.Fit(
        name: try entry.string("name"), targets: try numbers(entry, "targets"),
        predictions: try numbers(entry, "predictions"))
      guard fit.targets.count == fit.predictions.count else {
        throw entry.wrong("predictions", expected: "one for each target")
      }
      fits.append(fit)
    }
    var classes: [Plots.Classes] = []
    for entry in try objects(members, "classes") {
      let counts = Plots.Classes(
        name: try entry.string("name"), actual: try entry.indices("actual"),
        predicted: try entry.indices("predicted"))
      guard counts.actual.count == counts.predicted.count, counts.actual.count <= seriesLimit else {
        throw entry.wrong("predicted", expected: "one for each label, of at most \(seriesLimit)")
      }
      classes.append(counts)
    }
    var features: [Plots.Feature] = []
    for entry in try objects(members, "features") {
      features.append(
        Plots.Feature(
          name: try entry.string("name"), mean: try entry.number("mean") ?? .nan,
          deviation: try entry.number("deviation") ?? .nan,
          minimum: try entry.number("minimum") ?? .nan,
          maximum: try entry.number("maximum") ?? .nan))
    }
    return Plots(
      constant: try members.string("constant"),
      history: try members["history"].map { (value) throws(ReportError) in try history(value) },
      courses: courses,
      rates: try members["rates"].map { (value) throws(ReportError) in try rates(value) },
      layers: layers, fits: fits, classes: classes, features: features)
  }

  private static func objects(
    _ members: JSONMembers, _ key: String
  ) throws(ReportError) -> [JSONMembers] {
    let list = try members.list(key)
    guard list.count <= seriesLimit else {
      throw members.wrong(key, expected: "at most \(seriesLimit)")
    }
    var result: [JSONMembers] = []
    for (path, value) in list { result.append(try JSONMembers(value, at: path)) }
    return result
  }

  private static func numbers(
    _ members: JSONMembers, _ key: String
  ) throws(ReportError) -> [Double] {
    let list = try members.list(key)
    guard list.count <= seriesLimit else {
      throw members.wrong(key, expected: "at most \(seriesLimit)")
    }
    var result: [Double] = []
    for (path, value) in list {
      switch JSONMembers.numbers(in: value) {
      case .int(let number): result.append(Double(number))
      case .number(let number): result.append(number)
      default: throw .member(path, found: value.kind, expected: "a number")
      }
    }
    return result
  }

  private static func history(_ value: JSONValue) throws(ReportError) -> Plots.History {
    let entry = try JSONMembers(value, at: "text.plots.history")
    var simple: Plots.Simple?
    if let value = entry["simple"] {
      let members = try JSONMembers(value, at: "text.plots.history.simple")
      simple = Plots.Simple(
        name: try members.string("name"), loss: try members.number("loss") ?? .nan)
    }
    return Plots.History(
      unit: try entry.string("unit"), span: try entry.count("span"),
      values: try numbers(entry, "values"), constant: try entry.number("constant"), simple: simple)
  }

  private static func course(_ entry: JSONMembers) throws(ReportError) -> Plots.Course {
    let course = Plots.Course(
      name: try entry.string("name"), updates: try entry.indices("updates"),
      losses: try numbers(entry, "losses"), lowest: try numbers(entry, "lowest"),
      highest: try numbers(entry, "highest"))
    let count = course.losses.count
    guard course.updates.count == count, [0, count].contains(course.lowest.count),
      course.highest.count == course.lowest.count
    else { throw entry.wrong("losses", expected: "one for each of the updates") }
    return course
  }

  private static func rates(_ value: JSONValue) throws(ReportError) -> Plots.Rates {
    let entry = try JSONMembers(value, at: "text.plots.rates")
    let rates = Plots.Rates(
      own: try entry.number("own") ?? .nan, updates: try entry.count("updates"),
      rates: try numbers(entry, "rates"), losses: try numbers(entry, "losses"))
    guard rates.rates.count == rates.losses.count else {
      throw entry.wrong("losses", expected: "one for each rate")
    }
    return rates
  }

  private static func layer(
    _ entry: JSONMembers, _ number: Int
  ) throws(ReportError) -> Plots.Layer {
    let inputs = try entry.indices("inputs")
    guard inputs.allSatisfy({ $0 < number }) else {
      throw entry.wrong("inputs", expected: "indices of layers before it")
    }
    return Plots.Layer(
      kind: try entry.choice("kind"), name: try entry.string("name"),
      text: try entry.optionalString("text") ?? "", inputs: inputs,
      units: try entry.count("units"), alive: try entry.number("alive"),
      gradient: try entry.number("gradient"), moved: try entry.number("moved"),
      variation: try entry.number("variation"), findings: try entry.strings("findings"))
  }
}
