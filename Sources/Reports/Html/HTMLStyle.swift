/// How the HTML of a report looks.
enum HTMLStyle {
  /// The head of a page. The policy forbids the browser to run or to load anything.
  static let head = Markup.fixed(
    """
    <meta charset="utf-8"><meta name="viewport" content="width=device-width">\
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; style-src 'unsafe-inline'">
    """)

  /// The style sheet, for elements of class `defib` alone.
  static let sheet = Markup.fixed(
    """

    .defib{font:14px/1.5 system-ui,sans-serif;max-width:60em}
    .defib h2{font-size:1.15em;margin:.6em 0}
    .defib details{border-left:4px solid #999;margin:.4em 0;padding:.2em .8em}
    .defib details.error{border-color:#c0392b}
    .defib details.warning{border-color:#d68910}
    .defib details.note{border-color:#2874a6}
    .defib h2 .error{color:#c0392b}
    .defib h2 .warning{color:#b9770e}
    .defib h2 .good{color:#1e8449}
    .defib summary{cursor:pointer}
    .defib code{font-size:.95em}
    .defib table{border-collapse:collapse;margin:.4em 0}
    .defib th,.defib td{text-align:left;padding:.1em 1em .1em 0;font-weight:normal}
    .defib .quiet{opacity:.7}
    .defib .figure{text-align:right}

    """)
}
