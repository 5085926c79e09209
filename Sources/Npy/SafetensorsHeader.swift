/// Reads the header of a .safetensors file, all of whose numbers may be wrong.
struct SafetensorsHeader {
  let file: String
  /// Bytes behind the header.
  let available: Int

  private static let memberLimit = 1 << 16

  /// Types by the names of the format. Floats of 8 bits are described only.
  private static let types: [String: ElementType] = [
    "BOOL": .bool, "I8": .int8, "I16": .int16, "I32": .int32, "I64": .int64, "U8": .uint8,
    "U16": .uint16, "U32": .uint32, "U64": .uint64, "F16": .float16, "BF16": .bfloat16,
    "F32": .float32, "F64": .float64, "C64": .complex64, "F8_E4M3": .void(size: 1),
    "F8_E5M2": .void(size: 1), "F8_E8M0": .void(size: 1),
  ]

  func read(
    _ text: [UInt8]
  ) throws(NpyError) -> (members: [Safetensors.Member], metadata: [String: String]) {
    var members: [Safetensors.Member] = []
    var metadata: [String: String] = [:]
    var names: Set<String> = []
    for entry in try entries(text) {
      guard names.insert(entry.key).inserted else {
        throw .duplicateKey(file: file, key: entry.key)
      }
      guard case .dictionary(let fields) = entry.value else {
        throw wrong(entry.key, entry.value, "an object")
      }
      if entry.key == "__metadata__" {
        for field in fields {
          guard case .string(let text) = field.value else {
            throw wrong("__metadata__.\(field.key)", field.value, "a text")
          }
          metadata[field.key] = text
        }
      } else {
        guard members.count < Self.memberLimit else {
          throw bad("more arrays than \(Self.memberLimit)", "no more")
        }
        members.append(try member(entry.key, fields))
      }
    }
    try checkOverlaps(members)
    return (members.sorted { $0.name < $1.name }, metadata)
  }

  private func entries(_ text: [UInt8]) throws(NpyError) -> [Literal.Entry] {
    var parser = LiteralParser(text, utf8: true, isJSON: true)
    do throws(LiteralParser.Failure) {
      let literal = try parser.parse()
      if case .dictionary(let entries) = literal { return entries }
      throw LiteralParser.Failure(offset: 0, found: "\(literal)", expected: "an object in braces")
    } catch {
      throw .malformedHeader(
        file: file, offset: error.offset, found: error.found, expected: error.expected)
    }
  }

  private func member(
    _ name: String, _ fields: [Literal.Entry]
  ) throws(NpyError) -> Safetensors.Member {
    var found: [String: Literal] = [:]
    for field in fields {
      guard ["dtype", "shape", "data_offsets"].contains(field.key) else {
        throw bad("'\(name)' with '\(field.key)'", "only 'dtype', 'shape' and 'data_offsets'")
      }
      guard found.updateValue(field.value, forKey: field.key) == nil else {
        throw .duplicateKey(file: file, key: "\(name).\(field.key)")
      }
    }
    guard case .string(let text) = found["dtype"] else {
      throw wrong("\(name).dtype", found["dtype"], "a text")
    }
    guard let type = Self.types[text] else {
      throw bad("'\(name)' of the type '\(text)'", Self.types.keys.sorted().joined(separator: ", "))
    }
    let shape = try numbers(found["shape"], "\(name).shape")
    let offsets = try numbers(found["data_offsets"], "\(name).data_offsets")
    guard shape.count <= NpyHeader.dimensionLimit,
      let extent = NpyHeader.extent(of: shape, itemSize: type.itemSize)
    else {
      throw .badShape(
        file: file, found: "\(shape) of '\(name)'", expected: "one whose bytes can be addressed")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw bad("data_offsets \(offsets) of '\(name)'", "where it begins and ends")
    }
    guard offsets[1] <= available else {
      throw .truncatedData(file: "\(file):\(name)", found: available, expected: offsets[1])
    }
    guard offsets[1] - offsets[0] == extent.bytes else {
      throw bad(
        "\(offsets[1] - offsets[0]) bytes for '\(name)'",
        "\(extent.bytes), as its type and shape say")
    }
    return Safetensors.Member(
      name: name, type: text, shape: shape, range: offsets[0]..<offsets[1], count: extent.count,
      elementType: type)
  }

  private func numbers(_ literal: Literal?, _ key: String) throws(NpyError) -> [Int] {
    guard case .list(let items) = literal else { throw wrong(key, literal, "a list of numbers") }
    var numbers: [Int] = []
    for item in items {
      guard case .integer(let number) = item, number >= 0 else {
        throw wrong(key, literal, "a list of numbers that are not negative")
      }
      numbers.append(number)
    }
    return numbers
  }

  private func checkOverlaps(_ members: [Safetensors.Member]) throws(NpyError) {
    let sorted = members.filter { !$0.range.isEmpty }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (first, second) in zip(sorted, sorted.dropFirst())
    where second.range.lowerBound < first.range.upperBound {
      throw bad("bytes that belong to '\(first.name)' and '\(second.name)'", "no overlap")
    }
  }

  private func wrong(_ key: String, _ found: Literal?, _ expected: String) -> NpyError {
    guard let found else { return bad("no '\(key)'", expected) }
    return .wrongValue(file: file, key: key, found: "\(found)", expected: expected)
  }

  private func bad(_ found: String, _ expected: String) -> NpyError {
    .badArchive(file: file, found: found, expected: expected)
  }
}
