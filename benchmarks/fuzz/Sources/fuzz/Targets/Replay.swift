import CEngine
import Engine

extension Target {
  /// A small run, planned, replayed and measured.
  static let replay = Target(name: "replay", mutate: RunMutator.mutate) { input in
    SeedRun.use(input) { run in
      if let replay = Calls.make({ defib_replay_run(run, &$1, $0) }) {
        look(at: replay)
        defib_replay_free(replay)
      }
      Calls.takeJSON(Calls.make { defib_vitals(run, &$1, $0) }, "vitals")
    }
  }

  /// Touches every byte that a replay hands out.
  private static func look(at replay: OpaquePointer) {
    for kind in [DEFIB_OUTPUTS, DEFIB_GRADIENTS, DEFIB_LOSSES] {
      let kind = defib_replay_kind(kind)
      for index in 0..<defib_replay_count(replay, kind) {
        var array = defib_array()
        array.size = MemoryLayout<defib_array>.size
        let status = defib_replay_array(replay, kind, index, &array)
        expect(status == DEFIB_OK, "array \(index) of kind \(kind) is there")
        let shape = UnsafeBufferPointer(start: array.shape, count: array.ndim)
        let size = shape.reduce(kind == DEFIB_LOSSES ? 8 : 4) { $0 * Int($1) }
        _ = UnsafeRawBufferPointer(start: array.data, count: size).reduce(0) { $0 ^ $1 }
      }
    }
  }
}
