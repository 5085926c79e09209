import Testing

@testable import Replay

@Test(arguments: [0, 1, 2, 511, 512, 513, 9000, 70_001], [1, 7, 512])
func `chunks cover every row once`(rows: Int, size: Int) throws {
  let chunks = RowChunks(rows: rows, size: size)
  var found: [Int] = []
  for lane in 0..<chunks.laneCount {
    var own: [Int] = []
    try chunks.forEach(of: lane, Progress()) { part in
      #expect(!part.isEmpty && part.count <= size)
      own += part
    }
    #expect(own == Array(chunks.rows(of: lane)))
    found += own
  }
  #expect(found == Array(0..<rows))
}

@Test func `wide rows make small chunks`() {
  #expect(RowChunks(rows: 10, width: 0).size == 4096)
  #expect(RowChunks(rows: 10, width: 64).size == 4096)
  #expect(RowChunks(rows: 10, width: 1024).size == 256)
  #expect(RowChunks(rows: 10, width: 1 << 20).size == 1)
}

@Test func `a stopped lane reads no further`() throws {
  let progress = Progress()
  var seen = 0
  try RowChunks(rows: 100, size: 10).forEach(of: 0, progress) { _ in
    seen += 1
    progress.stop()
  }
  #expect(seen == 1)
}
