import Npy
import Support

/// Values and bytes of single elements, computed without the code under test.
enum Element {
  /// A number that the type holds exactly.
  static func value(_ index: Int, of type: ElementType) -> Double {
    switch type {
    case .bool: Double(index % 2)
    case .uint8, .uint16, .uint32, .uint64: Double((index * 7) % 251)
    case .int8, .int16, .int32, .int64: Double((index * 7) % 251 - 125)
    default: Double((index * 7) % 251 - 125) / 4
    }
  }

  static func bytes(_ value: Double, type: ElementType, order: ByteOrder) -> [UInt8] {
    let native: [UInt8] =
      switch type {
      case .bool, .uint8: [UInt8(value)]
      case .int8: [UInt8(bitPattern: Int8(value))]
      case .int16: NpyFixture.bytes([Int16(value)])
      case .int32: NpyFixture.bytes([Int32(value)])
      case .int64: NpyFixture.bytes([Int64(value)])
      case .uint16: NpyFixture.bytes([UInt16(value)])
      case .uint32: NpyFixture.bytes([UInt32(value)])
      case .uint64: NpyFixture.bytes([UInt64(value)])
      case .float16: NpyFixture.bytes([Float16(value)])
      case .bfloat16: NpyFixture.bytes([UInt16(Float(value).bitPattern >> 16)])
      case .float32: NpyFixture.bytes([Float(value)])
      default: NpyFixture.bytes([value])
      }
    return order == .native ? native : native.reversed()
  }

  /// The same values with the first index running fastest.
  static func columnMajor(_ values: [Double], shape: [Int]) -> [Double] {
    var result: [Double] = []
    var index = [Int](repeating: 0, count: shape.count)
    for _ in values {
      let flat = zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
      result.append(values[flat])
      for axis in index.indices {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }
}
