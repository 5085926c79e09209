import Benchmark
import Glibc
import Npy

/// Reads of 1 MB from a file in the page cache, as float32.
func arrayReads() -> BenchmarkSuite {
  BenchmarkSuite(name: "reads, 2^18 elements") { suite in
    for (type, bytes) in [("<f4", 4), (">f4", 4), ("<f8", 8), ("<f2", 2), ("<i8", 8), ("|u1", 1)] {
      suite.benchmark(type) { state in
        let path = "/tmp/microbench-\(getpid()).npy"
        defer { unlink(path) }
        try write(type, bytes, to: path)
        let array = try NpyArray(path: path)
        let target = UnsafeMutableBufferPointer<Float>.allocate(capacity: array.count)
        defer { target.deallocate() }
        try state.measured { try array.read(rows: 0..<array.rows, into: target) }
      }
    }
  }
}

/// Writes an array of zeros, 1024 x 256.
private func write(_ type: String, _ bytes: Int, to path: String) throws {
  var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (1024, 256), }"
  while (header.utf8.count + 11) % 64 != 0 { header += " " }
  header += "\n"
  let length = UInt16(header.utf8.count)
  let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
  let head = magic + [UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
  guard let file = fopen(path, "wb") else { return }
  defer { fclose(file) }
  fwrite(head, 1, head.count, file)
  let zeros = [UInt8](repeating: 0, count: bytes << 18)
  fwrite(zeros, 1, zeros.count, file)
}
