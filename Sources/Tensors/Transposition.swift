/// Writes the transpose of `rows` × `columns` values: in tiles, so that neither side leaves the cache.
public func transpose(
  _ x: UnsafeMutablePointer<Float>, rows: Int, columns: Int, into y: UnsafeMutablePointer<Float>
) {
  for top in stride(from: 0, to: rows, by: 16) {
    let bottom = min(rows, top + 16)
    for column in 0..<columns {
      for row in top..<bottom { y[column &* rows &+ row] = x[row &* columns &+ column] }
    }
  }
}
