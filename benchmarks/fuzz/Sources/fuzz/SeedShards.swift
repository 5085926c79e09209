import CEngine
@testable import Engine
import Runs

/// One small run whose passes are done in pieces, and the frame around the bytes of these.
enum SeedShards {
  /// A dense layer of two units, over twelve rows in batches of four.
  static let document = """
    {"format": "defib-run", "version": 1,
    "graph": {"inputs": ["x"], "outputs": ["o"], "parameters": [
    {"name": "w", "file": "weights/w.3x2.f4.npy"}, {"name": "b", "file": "weights/b.2.f4.npy"}],
    "nodes": [{"op": "Gemm", "name": "hidden", "inputs": ["x", "w", "b"], "outputs": ["h"]},
    {"op": "Relu", "name": "relu", "inputs": ["h"], "outputs": ["o"]}]},
    "losses": [{"kind": "mse", "prediction": "o", "target": "y"}],
    "data": {"x": "data/x.12x3.f4.npy", "y": "data/y.12x2.f4.npy"},
    "training": {"batch_size": 4, "epochs": 2, "optimizer": {"kind": "sgd", "learning_rate": 0.1}}}
    """

  /// The run, open as long as the process lives; `keepingOpen` sets it before the first input.
  nonisolated(unsafe) private(set) static var opened: OpaquePointer?

  /// Opens the run, and calls something that uses it and does not return.
  static func keepingOpen(_ body: () -> Void) {
    use { run in
      opened = run
      body()
    }
  }

  /// The passes of the run.
  nonisolated(unsafe) static let passes: LanesOfPasses? = {
    guard let opened, let held: HeldRun = try? Handles.require(opened, "run") else { return nil }
    nonisolated(unsafe) var asked: [UInt8: (pass: [UInt8], done: [UInt8])] = [:]
    measure(opened, isCheck: true) { request in
      if asked[request.kind] == nil { asked[request.kind] = (request.pass, request.done()) }
    }
    return LanesOfPasses(held.run, asked)
  }()

  /// Uses the run.
  static func use(_ body: (OpaquePointer) -> Void) {
    var text = document
    text.withUTF8 { SeedRun.use(UnsafeRawBufferPointer($0), body) }
  }

  /// Which contents a frame may have.
  enum Content: UInt8 { case pass = 1, lanes }

  /// Bytes in a frame with the right checksum: damage is found out before anything is read otherwise.
  static func sealed(
    _ content: Content, kind: UInt8, owner: UInt64, _ body: some Collection<UInt8>
  ) -> [UInt8] {
    var bytes = Array("DFBP".utf8) + [1, 0, content.rawValue, kind]
    withUnsafeBytes(of: owner.littleEndian) { bytes += $0 }
    bytes += body
    withUnsafeBytes(of: Digest.of(bytes: bytes).littleEndian) { bytes += $0 }
    return bytes
  }

  /// What a frame says of the owner of its bytes.
  static func owner(of bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }

  /// Lets the library do a check or vitals, with lanes done by `deliver`.
  static func measure(_ run: OpaquePointer, isCheck: Bool, _ deliver: @escaping (Request) -> Void) {
    let box = Unmanaged.passRetained(Box(run, deliver))
    defer { box.release() }
    var options = Calls.options()
    options.executor_context = box.toOpaque()
    options.executor = { context, request in
      guard let context else { return 1 }
      let box = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
      let request = Request(request.pointee, of: box.run)
      box.deliver(request)
      return request.finish() ? 0 : 1
    }
    if isCheck {
      "{\"effort\": 0.01}".withCString { settings in
        options.settings = settings
        var report: OpaquePointer?
        _ = defib_check(run, &options, &report)
        defib_report_free(report)
      }
    } else {
      var text: OpaquePointer?
      _ = defib_vitals(run, &options, &text)
      Calls.takeJSON(text, "vitals")
    }
  }

  private final class Box {
    let run: OpaquePointer
    let deliver: (Request) -> Void

    init(_ run: OpaquePointer, _ deliver: @escaping (Request) -> Void) {
      (self.run, self.deliver) = (run, deliver)
    }
  }

  /// What an executor is asked for.
  struct Request {
    let run: OpaquePointer
    let pass: [UInt8]
    let lanes: Int
    let shards: OpaquePointer?
    var kind: UInt8 { pass[7] }

    init(_ request: defib_shard_request, of run: OpaquePointer) {
      self.run = run
      pass = Array(UnsafeRawBufferPointer(start: request.pass, count: request.pass_size))
      (lanes, shards) = (request.lanes, request.shards)
    }

    /// What the library itself gives for all lanes.
    func done() -> [UInt8] {
      let text = Calls.make { out, options in
        defib_shard_run(run, pass, pass.count, 0, lanes, &options, out)
      }
      defer { defib_text_free(text) }
      return Array(
        UnsafeRawBufferPointer(start: defib_text_data(text), count: defib_text_size(text)))
    }

    func deliver(_ bytes: [UInt8]) -> Bool {
      defib_shards_deliver(shards, bytes, bytes.count) == DEFIB_OK
    }

    /// Delivers what has not arrived.
    func finish() -> Bool { deliver(done()) }
  }
}
