import Foundation
import Npy
import Support
import Testing

/// Files that commands read and write: each ends in a clear message or a right answer. All scripts run
/// within 256 MB of memory, and end by themselves.
struct FileTests {
  private func run(_ script: String, in folder: TemporaryFolder) throws -> Command.Outcome {
    try Command.shell("exec 2>&1; \(script)", in: folder)
  }

  @Test(arguments: ["$NPYINSPECT a.npy", "$DEFIB inspect a.npy", "$DEFIB rules"])
  func `a full disk behind standard output is the status 2`(command: String) throws {
    let folder = TemporaryFolder()
    try NpyWriter.write([1, 2, 3] as [Float], shape: [3], to: folder.file("a.npy"))
    let found = try Command.shell("\(command) > /dev/full", in: folder)
    #expect(found.status == 2)
    #expect(found.errors.contains("standard output: No space left on device"))
  }

  @Test func `a limit on the size of files is an error and leaves nothing behind`() throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.dead())
    _ = folder.write(Array("old".utf8), to: "report.json")
    let found = try run(
      "ulimit -f 1; timeout 60 $DEFIB check run --format json --output report.json", in: folder)
    #expect(found.status == 2)
    #expect(found.output.contains("report.json: cannot be written: File too large"))
    #expect(folder.names == ["report.json", "run"] && folder.read("report.json").count == 3)
  }

  @Test func `output goes through pipes, devices and links`() throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.sound())
    let whole = try Command.shell("$DEFIB check run --format json", in: folder)
    #expect(whole.output.contains("defib-report"))
    for script in [
      "$DEFIB check run --format json --output >(cat >got); sleep 0; wait $!; cat got",
      "$DEFIB check run --format json --output /dev/stdout",
      "$DEFIB check run --format json --output /dev/stdout | cat",
      "mkfifo p; (timeout 60 cat p >got)& $DEFIB check run --format json --output p; wait; cat got",
      "touch real; ln -s real link; $DEFIB check run --format json --output link; cat real",
    ] {
      let found = try Command.shell(script, in: folder)
      #expect(found.output == whole.output, "\(script)")
    }
    let kept = try Command.shell(
      "echo first >log; $DEFIB check run --format json --output /dev/stdout >>log; head -n1 log; "
        + "$DEFIB check run --output /dev/null; stat -c %F /dev/null real link", in: folder)
    #expect(
      kept.output == "first\ncharacter special file\nregular file\nsymbolic link\n")
  }

  @Test(
    arguments: [
      "mkfifo fifo; mv run/run.json run/old.json; mv fifo run/run.json",
      "rm run/data/x.npy; mkfifo run/data/x.npy",
      "rm run/weights/out.weight.npy; mkfifo run/weights/out.weight.npy",
      "mkfifo run/defib.toml",
      "rm run/run.json; ln -s /dev/zero run/run.json",
      "rm run/data/y.npy; mkdir run/data/y.npy; mkfifo run/data/y.npy/0.npy",
    ])
  func `pipes and devices in a run are refused, and nobody waits`(script: String) throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.sound())
    let found = try run("\(script); timeout 60 $DEFIB check run", in: folder)
    #expect(found.status == 2, "\(found.output)")
    #expect(
      found.output.contains("expected a regular file") || found.output.contains("out of the run"),
      "\(found.output)")
  }

  @Test func `the inspector reads pipes and standard input`() throws {
    let folder = TemporaryFolder()
    try NpyWriter.write(
      (0..<60_000).map { Float($0) }, shape: [60_000], to: folder.file("a.npy"))
    let whole = try run("$NPYINSPECT a.npy | tail -n +2", in: folder)
    for script in [
      "$NPYINSPECT - <a.npy", "cat a.npy | $NPYINSPECT -", "$NPYINSPECT <(cat a.npy)",
      "mkfifo p; (cat a.npy >p)& $NPYINSPECT p",
      "(head -c 9 a.npy; sleep 0.1; tail -c +10 a.npy) | $NPYINSPECT -",
    ] {
      let found = try run("(\(script)) | tail -n +2", in: folder)
      #expect(found.output == whole.output, "\(script): \(found)")
    }
    let part = try run(
      "cat a.npy | $NPYINSPECT diff - a.npy && $NPYINSPECT --head 1 --slice 5: - <a.npy", in: folder
    )
    #expect(part.status == 0 && part.output.contains("0  5\n"), "\(part)")
    // What cannot be an array is not read to an end that may never come.
    let endless = try run("yes | timeout 20 $NPYINSPECT -", in: folder)
    #expect(endless.status == 2 && endless.output.contains("standard input: begins with"))
    let empty = try run("$NPYINSPECT - </dev/null", in: folder)
    #expect(empty.status == 2 && empty.output.contains("standard input: is empty"))
    // Nobody asked for the pipe in a folder.
    let inside = try run("mkdir d; mkfifo d/p.npy; timeout 20 $NPYINSPECT d", in: folder)
    #expect(inside.status == 2 && inside.output.contains("is a pipe, expected a regular file"))
  }

  @Test(
    arguments: [
      "ln -s ../secret run/defib.toml", "ln -s $PWD/secret run/defib.toml",
      "mkdir in; mv run in/; ln -s ../secret in/defib.toml; ln -s in/run run",
      "rm run/run.json; ln -s ../secret run/run.json",
      "rm run/weights/out.bias.npy; ln -s ../../secret run/weights/out.bias.npy",
      "rm -r run/data; mkdir elsewhere; cp secret elsewhere/x.npy; ln -s ../elsewhere run/data",
    ])
  func `links do not lead out of a run, and nothing there is shown`(script: String) throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.sound())
    _ = folder.write(Array("swordfish = 1\n".utf8), to: "secret")
    let found = try run("\(script); timeout 60 $DEFIB check run", in: folder)
    #expect(found.status == 2, "\(found.output)")
    #expect(!found.output.contains("swordfish"))
    #expect(
      found.output.contains("leads out of") || found.output.contains("stays inside the run"),
      "\(found.output)")
  }

  @Test func `settings that cannot be read are an error`() throws {
    let folder = TemporaryFolder()
    _ = try folder.write(RunFixture.sound())
    for (script, message) in [
      ("mkdir run/defib.toml", "run/defib.toml: is a directory, expected a regular file"),
      ("rmdir run/defib.toml; ln -s defib.toml run/defib.toml", "run/defib.toml: cannot be opened"),
      ("rm run/defib.toml; printf '\\377' > run/defib.toml", "run/defib.toml: found bytes"),
      ("head -c 2000000 /dev/zero > run/defib.toml", "run/defib.toml: found 2000000 bytes"),
    ] {
      let found = try run("\(script); timeout 60 $DEFIB check run", in: folder)
      #expect(found.status == 2 && found.output.contains(message), "\(found.output)")
    }
  }

  @Test(arguments: ["(1099511627776, 0)", "(0, 1099511627776)", "(1099511627776, 0, 3)", "(5, 0)"])
  func `rows without columns are refused in a run, and shown at once`(shape: String) throws {
    let bytes = NpyFixture.file(NpyFixture.header("'<f4'", shape))
    for path in ["data/x.npy", "data/y.npy", "weights/out.weight.npy", "history/loss.npy"] {
      let folder = TemporaryFolder()
      var builder = RunFixture.sound()
      builder.record("loss", [3, 2, 1])
      _ = try folder.write(builder)
      _ = folder.write(bytes, to: "run/\(path)")
      let found = try run("ulimit -v 4000000; timeout 60 $DEFIB check run", in: folder)
      #expect(found.status == 2, "\(path): \(found.output)")
      #expect(found.output.contains(path) || found.output.contains("out.weight"), "\(found.output)")
      let shown = try run("timeout 60 $NPYINSPECT run/\(path)", in: folder)
      #expect(shown.status == 0 && shown.output.contains("no elements"), "\(shown.output)")
    }
  }

  @Test func `names cannot turn a terminal around`() throws {
    let folder = TemporaryFolder()
    let bytes = NpyFixture.file(NpyFixture.header("'<f4'", "(1,)"), data: [0, 0, 0, 0])
    let name = "a\u{202E}ypn.\u{2066}b\u{1B}[31m.npy"
    _ = folder.write(bytes, to: name)
    _ = folder.write([1], to: "c\u{202E}.npy")
    for script in [
      "$NPYINSPECT .", "$DEFIB inspect .", "$NPYINSPECT --format json .", "$NPYINSPECT a*",
      "$DEFIB inspect c*", "$DEFIB check a*",
    ] {
      let found = try run(script, in: folder)
      for scalar in found.output.unicodeScalars where scalar != "\n" {
        #expect(scalar.properties.generalCategory != .format, "\(script)")
        #expect(scalar.properties.generalCategory != .control, "\(script)")
      }
    }
  }

  /// Swift reads its arguments from /proc, which a small container may lack.
  @Test(.enabled(if: Self.canHideProc, "needs a mount namespace of its own"))
  func `commands have their arguments without proc`() throws {
    let folder = TemporaryFolder()
    try NpyWriter.write([1, 2, 3] as [Float], shape: [3], to: folder.file("a.npy"))
    _ = try folder.write(RunFixture.sound())
    let found = try run(
      "unshare -m bash -c 'umount -l /proc; $NPYINSPECT a.npy && $DEFIB inspect a.npy "
        + "&& $DEFIB check run && $DEFIB rules dead-units'", in: folder)
    #expect(found.status == 0, "\(found.output)")
    #expect(found.output.contains("float32") && found.output.contains("dead-units"))
  }

  static let canHideProc: Bool = {
    let found = try? Command.shell("unshare -m umount -l /proc", in: TemporaryFolder())
    return found?.status == 0
  }()
}
