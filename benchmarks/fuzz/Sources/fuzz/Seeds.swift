import CEngine
import Engine
import Glibc

/// First inputs that only the engine itself can make; benchmarks/fuzz/seeds.py makes the others.
enum Seeds {
  /// Writes them into the folders of their targets.
  static func write(to folder: String) {
    SeedShards.use { run in
      for isCheck in [false, true] {
        SeedShards.measure(run, isCheck: isCheck) { request in
          let name = "seed-\(request.kind)"
          save([request.kind] + body(request.pass), to: "\(folder)/pass/\(name)")
          save([request.kind] + body(request.done()), to: "\(folder)/lanes/\(name)")
        }
      }
      let report = Calls.make { defib_check(run, &$1, $0) }
      defer { defib_report_free(report) }
      let text = Calls.take(Calls.make { out, _ in defib_report_render(report, "json", out) })
      save(Array((text ?? "").utf8), to: "\(folder)/report/seed-check")
    }
    save(Array(SeedShards.document.utf8), to: "\(folder)/replay/seed-shards")
  }

  /// What a frame holds, without the frame.
  private static func body(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.dropFirst(16).dropLast(8)) }

  private static func save(_ bytes: [UInt8], to path: String) {
    let file = fopen(path, "w")
    Target.expect(file != nil, "\(path) can be written")
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
