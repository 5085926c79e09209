/// How the HTML of a report looks.
enum HTMLStyle {
  /// The head of a page. The policy forbids the browser to run or to load anything.
  static let head = Markup.fixed(
    """
    <meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">\
    <meta name="color-scheme" content="light dark">\
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; style-src 'unsafe-inline'">
    """)

  /// The style sheet, for elements of class `defib` alone.
  static var sheet: Markup {
    Markup.all([.fixed("\n"), colors, text, findings, charts, paper])
  }

  /// Colours of text and lines, in light and in dark. Notebooks say which of them they are.
  private static let colors = Markup.fixed(
    """
    .defib{--page:#ffffff;--panel:#f4f6f8;--ink:#1b2026;--quiet:#56606b;--line:#d3d9e0;\
    --error:#b3261e;--warning:#855600;--note:#1d5fa6;--good:#1a6b3c;--c1:#b3261e;--c2:#1d5fa6;\
    --c3:#1a7a43;--c4:#7a4fb0;--cs:#855600}
    .defib-page{margin:0;background:#ffffff}
    @media(prefers-color-scheme:dark){.defib{--page:#15191e;--panel:#1e242b;--ink:#e7ebef;\
    --quiet:#a6b0bb;--line:#3a434d;--error:#ff8f86;--warning:#f0ba55;--note:#86bcff;--good:#74d69a;\
    --c1:#ff8f86;--c2:#86bcff;--c3:#74d69a;--c4:#c8a2f4;--cs:#f0ba55}\
    .defib-page{background:#15191e}}

    """)

  private static let text = Markup.fixed(
    """
    .defib{font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);\
    background:var(--page);max-width:60rem;margin:0 auto;padding:1.5rem clamp(.9rem,4vw,2rem);\
    box-sizing:border-box;overflow-wrap:anywhere}
    .defib *{box-sizing:border-box}
    .defib h2{font-size:clamp(1.3rem,1rem + 1.8vw,1.65rem);line-height:1.25;margin:.2rem 0 .6rem;text-wrap:balance}
    .defib h3{font-size:1.15rem;line-height:1.35;margin:0 0 .3rem}
    .defib h4{font-size:.95rem;margin:1rem 0 .2rem}
    .defib p{margin:.4rem 0;max-width:70ch}
    .defib .mark{font-size:.8rem;font-weight:600;letter-spacing:.06em;color:var(--quiet);margin:0}
    .defib .quiet{color:var(--quiet)}
    .defib code,.defib pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;\
    font-size:.88em}
    .defib pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;\
    padding:.6rem .8rem;margin:.5rem 0;white-space:pre-wrap}
    .defib ul,.defib ol{padding-left:1.3rem;margin:.4rem 0}
    .defib table{border-collapse:collapse;font-size:.88rem;margin:.4rem 0}
    .defib th,.defib td{text-align:left;font-weight:normal;vertical-align:top;\
    padding:.15rem 1.1rem .15rem 0;border-bottom:1px solid var(--line);min-width:3rem}
    .defib thead th{color:var(--quiet)}
    .defib .figures{font-variant-numeric:tabular-nums}
    .defib .scroll{overflow-x:auto}
    .defib summary{cursor:pointer;color:var(--note)}
    .defib details{margin:.5rem 0}
    .defib .facts{display:flex;flex-wrap:wrap;gap:.5rem 1.6rem;margin:.8rem 0;padding:0}
    .defib .facts div{min-width:5rem}
    .defib .facts dt{color:var(--quiet);font-size:.8rem}
    .defib .facts dd{margin:0;font-weight:600}

    """)

  private static let findings = Markup.fixed(
    """
    .defib .error{--tone:var(--error)}
    .defib .warning{--tone:var(--warning)}
    .defib .note{--tone:var(--note)}
    .defib .good{--tone:var(--good)}
    .defib .tone{color:var(--tone)}
    .defib .cause,.defib .cured,.defib .side{border:1px solid var(--line);\
    border-left:5px solid var(--tone);border-radius:8px;padding:.9rem 1.1rem;margin:1rem 0}
    .defib .side{padding:.5rem 1.1rem;margin:.5rem 0}
    .defib .badge{color:var(--tone);border:1px solid var(--tone);border-radius:4px;font-size:.78rem;\
    font-weight:600;padding:.05rem .4rem}
    .defib .rank{color:var(--tone)}
    .defib .chain{list-style:none;border-left:2px solid var(--line);padding-left:.9rem;\
    margin:.5rem 0 .5rem .2rem}
    .defib .chain li{margin:.5rem 0}
    .defib .chain b{color:var(--tone)}

    """)

  private static let charts = Markup.fixed(
    """
    .defib .charts{columns:2 19rem;column-gap:1.6rem}
    .defib figure{margin:0 0 1.2rem;border-top:1px solid var(--line);padding-top:.6rem;\
    break-inside:avoid}
    .defib figcaption{font-size:.9rem;margin-bottom:.4rem}
    .defib figure>svg{display:block;width:100%;height:auto;max-width:30rem}
    .defib svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;stroke:none}
    .defib svg .strong{font-weight:700}
    .defib .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1rem;padding:0;\
    margin:.3rem 0;font-size:.83rem;color:var(--quiet)}
    .defib .legend svg{vertical-align:middle}
    .defib .c1{color:var(--c1)}
    .defib .c2{color:var(--c2)}
    .defib .c3{color:var(--c3)}
    .defib .c4{color:var(--c4)}
    .defib .cs{color:var(--cs)}
    .defib .cl,.defib .edge,.defib .node{color:var(--quiet)}
    .defib .bar{color:var(--c2)}
    .defib .bad,.defib .cut,.defib .silent,.defib .node.error,.defib .node.cause{color:var(--error)}
    .defib .node.warning{color:var(--warning)}
    .defib svg .node{fill:var(--page)}
    .defib svg .node.cause{fill:currentColor}
    .defib svg text.rank{font-size:10px;font-weight:700;fill:var(--page)}
    .defib svg .label.bad{font-weight:700}

    """)

  private static let paper = Markup.fixed(
    """
    @media print{.defib{--page:#ffffff;--panel:#f4f6f8;--ink:#1b2026;--quiet:#56606b;--line:#d3d9e0;\
    --error:#b3261e;--warning:#855600;--note:#1d5fa6;--good:#1a6b3c;--c1:#b3261e;--c2:#1d5fa6;\
    --c3:#1a7a43;--c4:#7a4fb0;--cs:#855600;font-size:10.5pt;padding:0;max-width:none;\
    print-color-adjust:exact}.defib figure,.defib .side,.defib li p,.defib pre,.defib tr\
    {break-inside:avoid}.defib details:not([open]):not(.side):not(.follows){display:none}\
    .defib .follows::details-content{content-visibility:visible;block-size:auto}\
    .defib h2,.defib h3,.defib h4{break-after:avoid}.defib-page{background:#ffffff}}

    """)
}
