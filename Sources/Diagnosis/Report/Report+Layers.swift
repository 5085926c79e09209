import Runs

extension Report {
  /// The layers of findings: by the place's own name, by the first use of a parameter, or by what
  /// computes an output.
  static func layers(of findings: [Finding], in graph: Graph) -> [Place: String] {
    var result: [Place: String] = [:]
    for place in findings.flatMap(\.places) { result[place] = layer(of: place, in: graph) }
    return result
  }

  static func layer(of place: Place, in graph: Graph) -> String? {
    switch place.kind {
    case .layer: return place.name
    case .input, .target, .loss, .run: return nil
    case .output, .parameter:
      guard let tensor = graph.tensor(named: place.name) else { return nil }
      if let node = graph.producer[tensor] { return graph.nodes[node].layer }
      return graph.consumers[tensor].first.map { graph.nodes[$0.node].layer }
    }
  }
}
