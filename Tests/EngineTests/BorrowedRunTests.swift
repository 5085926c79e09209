import CEngine
import Support
import Testing

/// Runs in the caller's memory.
struct BorrowedRunTests {
  static let document = """
    {"format": "defib-run", "version": 1,
     "graph": {"inputs": ["x"],
       "nodes": [{"name": "out", "op": "Gemm", "inputs": ["x", "w"], "outputs": ["out"],
                  "attributes": {"transB": 1}}],
       "parameters": [{"name": "w", "file": "w"}], "outputs": ["out"]},
     "data": {"x": "x"}}
    """

  /// Makes a run with x of four rows and w of one, after `change`.
  private func create(
    count: Int = 2, _ change: (inout [defib_array]) -> Void = { _ in }
  ) -> (status: defib_status, run: OpaquePointer?) {
    let x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let (shapeX, shapeW): ([Int64], [Int64]) = ([4, 2], [1, 2])
    // Rows from the last to the first.
    let strides: [Int64] = [-8, 4]
    return x.withUnsafeBytes { x in
      shapeX.withUnsafeBufferPointer { shapeX in
        shapeW.withUnsafeBufferPointer { shapeW in
          strides.withUnsafeBufferPointer { strides in
            "x".withCString { nameX in
              "w".withCString { nameW in
                "<f4".withCString { type in
                  let size = MemoryLayout<defib_array>.size
                  let start = x.baseAddress
                  var arrays = [
                    defib_array(
                      size: size, path: nameX, data: start.map { $0 + 24 }, dtype: type, ndim: 2,
                      shape: shapeX.baseAddress, strides: strides.baseAddress,
                      total_rows: 0, first_row: 0, read: nil, context: nil),
                    defib_array(
                      size: size, path: nameW, data: start, dtype: type, ndim: 2,
                      shape: shapeW.baseAddress, strides: nil, total_rows: 0, first_row: 0,
                      read: nil, context: nil),
                  ]
                  change(&arrays)
                  var run: OpaquePointer?
                  let document = Self.document
                  let status = defib_run_create(document, document.utf8.count, arrays, count, &run)
                  guard status == Call.ok else { return (status, run) }
                  // The arrays live as long as this closure: they are used here.
                  #expect(outputs(run) == [23, 17, 11, 5])
                  return (status, run)
                }
              }
            }
          }
        }
      }
    }
  }

  private func outputs(_ run: OpaquePointer?) -> [Float] {
    var replay: OpaquePointer?
    #expect(defib_replay_run(run, nil, &replay) == Call.ok, "\(Call.message)")
    defer { defib_replay_free(replay) }
    var array = defib_array()
    array.size = MemoryLayout<defib_array>.size
    #expect(defib_replay_array(replay, 0, 0, &array) == Call.ok)
    #expect(defib_replay_count(replay, defib_replay_kind(DEFIB_GRADIENTS)) == 0)
    let values = UnsafeRawBufferPointer(start: array.data, count: 16)
    return values.withMemoryRebound(to: Float.self) { Array($0) }
  }

  @Test func `arrays are borrowed with any strides`() {
    let (status, run) = create()
    #expect(status == Call.ok, "\(Call.message)")
    defib_run_free(run)
  }

  @Test func `an array that run.json names must be given`() {
    #expect(create(count: 1).status == Call.invalidRun)
    #expect(Call.message.contains("\"w\""))
  }

  @Test(arguments: [0, 1, 7, 12, -1, Int.min, 1 << 40])
  func `sizes that are none`(size: Int) {
    #expect(create { $0[0].size = size }.status == Call.invalidArgument)
    #expect(Call.message.hasPrefix("arrays[0].size: "))
    #expect(create { $0[1].size = size }.status == Call.invalidArgument)
  }

  @Test(arguments: [65, -1, Int.max, Int.min])
  func `dimensions that are none`(count: Int) {
    #expect(create { $0[0].ndim = count }.status == Call.invalidArgument)
    #expect(Call.message.hasPrefix("arrays[0].ndim: "))
  }

  @Test(arguments: [[-4, 2], [Int64.min, 2], [.max, .max], [1 << 62, 1]] as [[Int64]])
  func `lengths that are none`(shape: [Int64]) {
    let status = shape.withUnsafeBufferPointer { shape in
      create { $0[0].shape = shape.baseAddress }.status
    }
    #expect(status == Call.invalidArgument)
    #expect(Call.message.hasPrefix("arrays[0]: x: "), "\(Call.message)")
  }

  @Test(arguments: [[Int64.min, .min], [.max, 4], [1 << 62, -1 << 62]] as [[Int64]])
  func `strides out of memory`(strides: [Int64]) {
    let status = strides.withUnsafeBufferPointer { strides in
      create { $0[0].strides = strides.baseAddress }.status
    }
    #expect(status == Call.invalidArgument)
  }

  @Test(arguments: ["", "f4", "<f5", "<f999999999999999999999", "<", "|O", "<U3", "\u{1F4A5}"])
  func `types that are no numbers`(type: String) {
    let status = type.withCString { type in create { $0[0].dtype = type }.status }
    #expect(status == Call.invalidArgument || status == Call.invalidRun, "\(Call.message)")
    #expect(!Call.message.isEmpty)
  }

  @Test func `bytes that are no text`() {
    let bytes: [CChar] = [-1, -2, 0]
    bytes.withUnsafeBufferPointer { bytes in
      #expect(create { $0[0].path = bytes.baseAddress }.status == Call.invalidArgument)
      #expect(create { $0[0].dtype = bytes.baseAddress }.status == Call.invalidArgument)
      var run: OpaquePointer?
      #expect(defib_run_open(bytes.baseAddress, &run) == Call.invalidArgument)
      #expect(defib_run_create(bytes.baseAddress, 2, nil, 0, &run) == Call.invalidArgument)
    }
  }

  @Test func `parts that are missing`() {
    #expect(create { $0[0].path = nil }.status == Call.invalidArgument)
    #expect(create { $0[0].data = nil }.status == Call.invalidArgument)
    #expect(create { $0[0].dtype = nil }.status == Call.invalidArgument)
    #expect(create { $0[0].shape = nil }.status == Call.invalidArgument)
    #expect(create { $0[1].path = $0[0].path }.status == Call.invalidArgument)
  }

  @Test(arguments: [
    "", "{", "nonsense", "null", "[]", "{\"format\": 3}", String(repeating: "[", count: 100_000),
    "{\"format\": \"defib-run\", \"version\": 1e400}",
  ])
  func `texts that are no run`(text: String) {
    var run: OpaquePointer?
    #expect(defib_run_create(text, text.utf8.count, nil, 0, &run) == Call.invalidRun)
    #expect(run == nil && !Call.message.isEmpty)
  }
}
