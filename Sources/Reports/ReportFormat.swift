import Diagnosis

/// Every way to show a report: the one list of them. Command line, C interface and Python take the
/// formats from here, by their raw values.
public enum ReportFormat: String, Sendable, CaseIterable {
  /// For people, on a terminal.
  case text
  /// A line per cause.
  case concise
  /// For programs, as docs/report-format.md has it.
  case json
  /// A page for a browser, whole in itself.
  case html
  /// The same as one element, for a page of somebody else's, such as a notebook.
  case htmlFragment = "html-fragment"
  /// For an issue or a merge request.
  case markdown
  /// Annotations of a GitHub workflow.
  case github
  /// For code scanning.
  case sarif
  /// For continuous integration.
  case junit

  /// The whole report, with a line feed at its end.
  ///
  /// - Parameters:
  ///   - color: whether a text is coloured, as a terminal shows it.
  ///   - width: columns of a line of text.
  ///   - name: the run's name, for the headline of a page; empty where it has none.
  ///   - pages: the address below which rules have their pages, where a terminal shows links.
  public func render(
    _ report: Report, color: Bool = false, width: Int = 80, name: String = "",
    pages: String? = nil
  ) -> String {
    switch self {
    case .text: TextReport(color: color, width: width, pages: pages).render(report)
    case .concise: ConciseReport.render(report)
    case .json: JSONReport.render(report)
    case .html: HTMLReport.page(report, name: name)
    case .htmlFragment: HTMLReport.fragment(report, name: name)
    case .markdown: MarkdownReport.render(report)
    case .github: GitHubReport.render(report)
    case .sarif: SarifReport.render(report)
    case .junit: JUnitReport.render(report)
    }
  }
}

/// Every way to show the catalogue of rules.
public enum CatalogueFormat: String, Sendable, CaseIterable {
  /// For people, on a terminal.
  case text
  /// For programs.
  case json

  /// All rules; operators and losses too, for programs.
  ///
  /// - Parameters:
  ///   - color: whether a text is coloured, as a terminal shows it.
  ///   - width: columns of a line of text.
  public func list(color: Bool = false, width: Int = 80) -> String {
    switch self {
    case .text: CatalogueText(color: color, width: width).list(RuleRegistry.all.map { $0.info })
    case .json: CatalogueJSON.text
    }
  }

  /// Everything about one rule; parameters as for `list`.
  public func page(_ rule: RuleInfo, color: Bool = false, width: Int = 80) -> String {
    switch self {
    case .text: CatalogueText(color: color, width: width).page(rule)
    case .json: CatalogueJSON.text(of: rule)
    }
  }
}
