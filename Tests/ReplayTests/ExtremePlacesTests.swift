import Tensors
import Testing

@testable import Replay

/// Columns with ties, more of them than a vector holds, against a search of each alone.
@Test(arguments: [1, 3, 16, 37], [1, 2])
func `extremes are found where they are first`(columns: Int, perSample: Int) throws {
  let samples = 23
  let rows = samples * perSample
  let arena = try Arena(bytes: Arena.bytes(rows * columns))
  let values = try arena.tensor(try Shape([rows, columns]))
  for i in 0..<values.count { values.base[i] = Float((i &* 7919 &+ i / columns) % 11) - 5 }
  var moments = UnitMoments(units: columns)
  moments.observe(values, UnitLayout(values.shape, axis: 1), .init(), firstSample: 0)

  let found = ExtremePlaces(
    values, of: moments, since: nil, rows: 100..<(100 + samples), perSample: perSample)
  for column in 0..<columns {
    let all = (0..<rows).map { values.base[$0 * columns + column] }
    let first = { (value: Float?) in 100 + (all.firstIndex { $0 == value } ?? 0) / perSample }
    #expect(found.smallest[column] == first(all.min()))
    #expect(found.largest[column] == first(all.max()))
  }

  // Nothing is new beside the same columns.
  let again = ExtremePlaces(
    values, of: moments, since: moments, rows: 100..<(100 + samples), perSample: perSample)
  #expect(again.smallest.allSatisfy { $0 == 100 })
}
