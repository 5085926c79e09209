import Testing

@testable import Replay

/// Ranges that are computed one by one are those that a walk over all rows would make.
@Test(arguments: [0, 1, 7, 64, 100], [1, 3, 8, 200])
func `ranges are those of a walk`(samples: Int, rows: Int) {
  for inside in [1, 2, 7, 8, 50, 1000] {
    var walked: [Range<Int>] = []
    var start = 0
    while start < samples {
      let boundary = (start / inside + 1) * inside
      let end = min(start + rows, boundary, samples)
      walked.append(start..<end)
      start = end
    }
    #expect(Array(BatchRanges(samples: samples, rows: rows, inside: inside)) == walked)
  }
}
