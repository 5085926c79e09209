import Runs

extension Report {
  /// The layers of findings: by the place's own name, by the first use of a parameter, or by what
  /// computes an output.
  static func layers(of findings: [Finding], in graph: Graph) -> [String: String] {
    var result: [String: String] = [:]
    for finding in findings { result[finding.id] = layer(of: finding.place, in: graph) }
    return result
  }

  /// The layer that a place belongs to; nil where it belongs to none.
  public func layer(of place: Place) -> String? { layersOfPlaces[place] }

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
