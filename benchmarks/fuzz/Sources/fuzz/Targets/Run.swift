extension Target {
  /// The text of a run.json, opened and validated.
  static let run = Target(name: "run", mutate: RunMutator.mutate) { input in
    SeedRun.use(input) { _ in }
  }
}
