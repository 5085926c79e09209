import Support
import Testing

/// Files of settings, and of findings that are known.
struct SettingTests {
  private func outcome(_ script: String, in folder: TemporaryFolder) throws -> Command.Outcome {
    try Command.shell("exec 2>&1; \(script)", in: folder)
  }

  private static let pyproject = """
    [project]
    name = "x"  # others' values may be of any kind
    when = 1979-05-27T07:32:00Z
    most = [inf, {a = '''b'''}]

    [tool.defib]
    ignore = [
      "zero-gradient",
    ]
    dead-units.warn-share = 0.9
    """

  @Test func `a table of pyproject_toml applies to every run below it`() throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.dead())
    _ = folder.write(Array(Self.pyproject.utf8), to: "pyproject.toml")
    let found = try outcome(
      "mkdir -p a/b; mv run a/b/c; $DEFIB check --show-settings a/b/c --set dead-units.error-share=1",
      in: folder)
    #expect(found.status == 0)
    #expect(found.output.contains("ignore                  zero-gradient  "))
    #expect(found.output.contains("dead-units.warn-share   0.9            /"))
    #expect(found.output.contains("pyproject.toml\n"))
    #expect(found.output.contains("dead-units.error-share  1              option\n"))
    #expect(found.output.contains("select                  every rule     default\n"))
    let nearer = try outcome(
      "echo '# nothing' > a/defib.toml; $DEFIB check --show-settings a/b/c", in: folder)
    #expect(!nearer.output.contains("zero-gradient"))
  }

  @Test(arguments: [
    ("[tool.defib", "line 1: found nothing more, expected a ]"),
    ("[tool]\ndefib = 1", "No"),
    (
      "[tool.defib]\nignore = 'dead-units'",
      "ignore: found \"dead-units\", expected a list of rules"
    ),
    ("[tool.defib]\nselect = [1]", "select: found a list of 1, expected a list of rules"),
    (
      "[tool.defib]\ncolour = true", "colour: found true, expected select, ignore or a table [rule]"
    ),
    ("[tool.defib.dead-units]\nwarn-share = 'x'", "dead-units.warn-share: found \"x\", expected a"),
    (
      "[tool.defib.dead-units]\nwarn-share = inf",
      "dead-units.warn-share: found inf, expected a number"
    ),
    ("[tool.defib.dead-unit]\nwarn-share = 1", "unknown rule \"dead-unit\""),
    ("[tool.defib]\n\"a\\u0000b\" = 1", "expected select, ignore or a table [rule]"),
    ("a = " + String(repeating: "[", count: 100_000), "values lie deeper in each other than 64"),
  ])
  func `what is wrong with a file of settings`(text: String, message: String) throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.sound())
    _ = folder.write(Array(text.utf8), to: "pyproject.toml")
    let found = try outcome("timeout 60 $DEFIB check run --format concise", in: folder)
    guard message != "No" else { return #expect(!found.output.contains("pyproject")) }
    #expect(found.status == 2 && found.output.contains("pyproject.toml: "))
    #expect(found.output.contains(message), "\(found.output)")
  }

  @Test func `known findings are silent, and new ones are told`() throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.dead())
    let written = try outcome("$DEFIB check run --write-baseline known.json", in: folder)
    #expect(written.status == 1 && written.output.contains("dead-units"))
    let silent = try outcome("$DEFIB check ./run/ --baseline known.json --strict", in: folder)
    #expect(silent.status == 0, "\(silent.output)")
    #expect(silent.output.hasPrefix("No new fault: "))
    #expect(!silent.output.contains("[dead-units]"))
    let new = try outcome(
      """
      echo '{"format": "defib-baseline", "version": 1, "known": {"run": ["dead-units:x"]}}' > some.json
      $DEFIB check run --baseline some.json
      """, in: folder)
    #expect(new.status == 1 && new.output.contains("[dead-units]"))
    #expect(
      new.output.contains("defib: run: the baseline lists what is found no more: dead-units:x"))
    let others = try outcome(
      "mv run two; $DEFIB check two --write-baseline known.json --quiet; cat known.json", in: folder
    )
    #expect(others.output.contains("\"run\"") && others.output.contains("\"two\""))
  }

  @Test(arguments: ["[", "{}", #"{"format": "defib-baseline", "version": 1, "known": {"run": 1}}"#])
  func `what is no baseline is left as it is`(text: String) throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.sound())
    _ = folder.write(Array(text.utf8), to: "known.json")
    for option in ["--baseline", "--write-baseline"] {
      let found = try outcome("$DEFIB check run \(option) known.json", in: folder)
      #expect(found.status == 2 && found.output.contains("the baseline known.json: "))
    }
    #expect(folder.read("known.json") == Array(text.utf8))
  }

  @Test func `a baseline that is not there`() throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.sound())
    let found = try outcome("$DEFIB check run --baseline none.json", in: folder)
    #expect(found.status == 2)
    #expect(found.output.contains("none.json: no such file; --write-baseline writes one"))
  }
}
