import Npy
import Support
import Testing

/// One way to damage a sound run on disk, and what the message must name.
struct Damage: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let names: [String]
  let apply: @Sendable (TemporaryFolder) throws -> Void

  init(
    _ title: String, names: String..., apply: @escaping @Sendable (TemporaryFolder) throws -> Void
  ) {
    testDescription = title
    self.names = names
    self.apply = apply
  }

  /// A damage done by replacing a piece of run.json.
  static func document(_ title: String, _ old: String, _ new: String, names: [String]) -> Damage {
    Damage(title, names) { folder in
      let text = String(decoding: folder.read("run/run.json"), as: UTF8.self)
      try #require(text.contains(old), "run.json has no \(old)")
      _ = folder.write(Array(text.replacing(old, with: new).utf8), to: "run/run.json")
    }
  }

  private init(
    _ title: String, _ names: [String],
    _ apply: @escaping @Sendable (TemporaryFolder) throws -> Void
  ) {
    testDescription = title
    self.names = names
    self.apply = apply
  }

  static let files: [Damage] = [
    Damage("truncated data", names: "run/data/x.npy", "found 41 bytes", "expected 512") { folder in
      _ = folder.write(Array(folder.read("run/data/x.npy").prefix(169)), to: "run/data/x.npy")
    },
    Damage("truncated header", names: "run/data/x.npy", "ends inside its header") { folder in
      _ = folder.write(Array(folder.read("run/data/x.npy").prefix(20)), to: "run/data/x.npy")
    },
    Damage("no .npy at all", names: "run/weights/out.bias.npy", "begins with") { folder in
      _ = folder.write(Array("nothing of the kind".utf8), to: "run/weights/out.bias.npy")
    },
    Damage("a wild shape", names: "run/weights/out.weight.npy", "4611686018427387904") { folder in
      let header = NpyFixture.header("'<f4'", "(4611686018427387904, 4611686018427387904)")
      _ = folder.write(NpyFixture.file(header), to: "run/weights/out.weight.npy")
    },
    Damage("a negative shape", names: "run/weights/out.weight.npy", "-1") { folder in
      let header = NpyFixture.header("'<f4'", "(-1, 2)")
      _ = folder.write(NpyFixture.file(header), to: "run/weights/out.weight.npy")
    },
    Damage("texts as weights", names: "run/weights/out.bias.npy", "real numbers") { folder in
      let header = NpyFixture.header("'<U3'", "(1,)")
      let file = NpyFixture.file(header, data: [UInt8](repeating: 0, count: 12))
      _ = folder.write(file, to: "run/weights/out.bias.npy")
    },
    Damage("targets of another length", names: "run/data/y.npy", "63 rows", "64") { folder in
      try NpyWriter.write(
        [Float](repeating: 1, count: 63), shape: [63, 1], to: folder.file("run/data/y.npy"))
    },
    Damage("weights that do not fit", names: "\"out\"", "Gemm", "3", "2") { folder in
      for path in ["run/weights/out.weight.npy", "run/initial/out.weight.npy"] {
        try NpyWriter.write([1, 2, 3] as [Float], shape: [1, 3], to: folder.file(path))
      }
    },
    Damage("another shape before", names: "run/initial/out.weight.npy", "(2, 1)|[2, 1]") { folder in
      try NpyWriter.write(
        [1, 2] as [Float], shape: [2, 1], to: folder.file("run/initial/out.weight.npy"))
    },
  ]

  static let documents: [Damage] = [
    .document(
      "a missing file", "weights/out.bias.npy", "weights/none.npy",
      names: ["run/weights/none.npy", "No such file"]),
    .document(
      "a path up", "weights/out.bias.npy", "../out.bias.npy",
      names: ["graph.parameters[1].file", "\"../out.bias.npy\"", "inside the run"]),
    .document(
      "an absolute path", "weights/out.bias.npy", "/etc/passwd",
      names: ["graph.parameters[1].file", "\"/etc/passwd\"", "inside the run"]),
    .document(
      "an unknown operator", "\"Gemm\"", "\"Frobnicate\"",
      names: ["node \"out\" (Frobnicate)", "not supported", "expected"]),
    .document(
      "an unknown attribute", "\"transB\"", "\"transC\"",
      names: ["node \"out\" (Gemm)", "\"transC\"", "expected"]),
    .document(
      "an unknown loss", "\"mse\"", "\"hubris\"",
      names: ["losses[0]", "hubris", "expected one of", "mse"]),
    .document(
      "an unknown key", "\"training\"", "\"trainings\"",
      names: ["\"trainings\"", "expected one of", "training"]),
    .document(
      "a wrong type", "\"batch_size\" : 16", "\"batch_size\" : \"16\"",
      names: ["training.batch_size", "\"16\"", "whole number"]),
    .document(
      "another version", "\"version\" : 1", "\"version\" : 2",
      names: ["version", "2", "expected 1"]),
    .document(
      "no JSON", "{", "",
      names: ["run/run.json", "is no JSON"]),
    .document(
      "a tensor from nowhere", "\"x\",", "\"z\",",
      names: ["node \"out\"", "tensor \"z\"", "expected an input"]),
    .document(
      "a target from nowhere", "\"target\" : \"y\"", "\"target\" : \"z\"",
      names: ["losses[0].target", "\"z\"", "x, y"]),
  ]
}

@Test(arguments: Damage.files + Damage.documents)
func `a damaged run gets a message and the status 2`(damage: Damage) throws {
  let folder = TemporaryFolder()
  _ = try folder.write(RunFixture.sound())
  try damage.apply(folder)
  let outcome = try Command.defib("check", "run", "--output", "report", in: folder)
  #expect(outcome.status == 2)
  #expect(outcome.output.isEmpty)
  #expect(outcome.errors.hasPrefix("defib: error: "))
  #expect(outcome.errors.hasSuffix("\n") && outcome.errors.count { $0 == "\n" } == 1)
  for name in damage.names {
    let spellings = name.split(separator: "|")
    #expect(spellings.contains { outcome.errors.contains($0) }, "\(name): \(outcome.errors)")
  }
  // Nothing is left where the report would have been.
  #expect(folder.names == ["run"])
}
