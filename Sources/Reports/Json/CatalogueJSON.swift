import Diagnosis
import Npy
import Operators
import Runs

/// Everything that Defib knows: rules with their texts and thresholds, operators and losses.
public enum CatalogueJSON {
  /// The catalogue as indented JSON.
  public static var text: String {
    let document = JSONValue.object([
      "format": .string("defib-catalogue"),
      "version": .int(1),
      "release": .string("\(Release.version)"),
      "rules": .array(RuleRegistry.all.map { rule($0.info) }),
      "operators": .array(OperatorRegistry.all.map { operation($0.info) }),
      "losses": .array(LossRegistry.all.map { loss($0.info) }),
      "optimizers": .strings(OptimizerSettings.kinds),
    ])
    return document.text(pretty: true) + "\n"
  }

  /// One rule as indented JSON, as it stands in the catalogue.
  public static func text(of info: RuleInfo) -> String { rule(info).text(pretty: true) + "\n" }

  private static func rule(_ info: RuleInfo) -> JSONValue {
    .object([
      "id": .string(info.id.rawValue),
      "title": .string(info.title),
      "severity": .string(info.severity.rawValue),
      "evidence": .string(info.evidence.rawValue),
      "summary": .string(info.summary),
      "rationale": .string(info.rationale),
      "remedy": .string(info.remedy),
      "source": .string(info.source),
      "thresholds": .array(info.thresholds.map(threshold)),
      "examples": .array(info.examples.map(example)),
    ])
  }

  private static func threshold(_ threshold: Threshold) -> JSONValue {
    .object([
      "name": .string(threshold.name),
      "value": .number(threshold.value),
      "unit": .string(threshold.unit),
      "meaning": .string(threshold.meaning),
    ])
  }

  private static func example(_ example: Example) -> JSONValue {
    let (outcome, places): (String, [String]) =
      switch example.expectation {
      case .fires(let places): ("fires", places)
      case .silent: ("silent", [])
      case .cannotTell: ("cannot-tell", [])
      }
    return .object([
      "title": .string(example.title), "outcome": .string(outcome), "places": .strings(places),
    ])
  }

  private static func operation(_ info: OperatorInfo) -> JSONValue {
    .object([
      "name": .string(info.name),
      "summary": .string(info.summary),
      "formula": .string(info.formula),
      "inputs": .ints([info.inputs.lowerBound, info.inputs.upperBound]),
      "outputs": .ints([info.outputs.lowerBound, info.outputs.upperBound]),
      "attributes": .array(info.attributes.map(attribute)),
    ])
  }

  private static func loss(_ info: LossInfo) -> JSONValue {
    .object([
      "kind": .string(info.kind),
      "summary": .string(info.summary),
      "formula": .string(info.formula),
      "head": .string(info.head.rawValue),
      "targets": .string(info.targets.rawValue),
      "settings": .array(info.allSettings.map(attribute)),
    ])
  }

  private static func attribute(_ info: AttributeInfo) -> JSONValue {
    .object([
      "name": .string(info.name),
      "default": .string(info.standard),
      "meaning": .string(info.meaning),
    ])
  }
}
