import Npy
import Support
import Testing

/// The tests that share the interpreter; it runs one of them at a time.
@Suite(.serialized) struct InteropTests {}

extension InteropTests {
  /// NumPy writes, `Npy` reads.
  @Suite(.serialized) struct NumPyWrites {
    let folder = TemporaryFolder()
    static let shapes = ["()", "(3,)", "(2, 3)", "(2, 3, 4)", "(0, 3)", "(5, 1, 2, 3)", "(90, 70)"]

    @Test(arguments: [
      "?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8",
    ])
    func `every order shape and version`(type: String) throws {
      try Python.run(
        """
        random = np.random.default_rng(7)
        arrays, files = [], []
        for shape in [\(Self.shapes.joined(separator: ", "))]:
            for byte_order in '<>':
                for memory_order in 'CF':
                    for version in [(1, 0), (2, 0), (3, 0)]:
                        dtype = np.dtype(byte_order + '\(type)')
                        if dtype.kind == 'f':
                            values = random.normal(size=shape) * 100
                        else:
                            low, high = (0, 2) if dtype.kind == 'b' else (0, 120)
                            if dtype.kind == 'i': low = -120
                            values = random.integers(low, high, size=shape)
                        array = np.asarray(values).astype(dtype, order=memory_order)
                        array = np.asarray(array, order=memory_order)
                        files.append('\(folder.path)/%d.npy' % len(files))
                        with open(files[-1], 'wb') as file, warnings.catch_warnings():
                            warnings.simplefilter('ignore')
                            np.lib.format.write_array(file, array, version=version)
                        arrays.append(array)
        """)
      let count = try #require(Int(try Python.text("len(files)")))
      #expect(count == 7 * 2 * 2 * 3)
      for index in 0..<count {
        let array = try NpyArray(path: try Python.text("files[\(index)]"))
        let expected = try Python.doubles("arrays[\(index)]")
        let name = try Python.text("arrays[\(index)].dtype.name")
        let shape = try Python.text("list(arrays[\(index)].shape)")
        #expect(array.elementType.name == name)
        #expect("\(array.shape)" == shape)
        #expect(try array.doubles() == expected)
        #expect(try array.floats() == expected.map { Float($0) })
        if expected.allSatisfy({ $0.rounded() == $0 }) {
          #expect(try array.ints() == expected.map { Int64($0) })
        }
      }
    }

    @Test func `every half is the same number`() throws {
      let path = folder.file("half.npy")
      try Python.run(
        "halves = np.arange(65536, dtype='u2').view('f2'); np.save('\(path)', halves)")
      let expected = try Python.doubles("halves")
      for (ours, theirs) in zip(try NpyArray(path: path).doubles(), expected) {
        #expect(ours.isNaN ? theirs.isNaN : ours == theirs && ours.sign == theirs.sign)
      }
    }

    @Test(arguments: [
      ("np.zeros(2, 'S3')", "S3", 6), ("np.zeros((2, 2), 'U3')", "U3", 48),
      ("np.zeros(3, 'M8[25us]')", "datetime64[25us]", 24), ("np.zeros(1, 'm8')", "timedelta64", 8),
      ("np.zeros(2, 'V5')", "V5", 10), ("np.zeros(2, 'g')", "float128", 32),
      ("np.zeros(2, 'G')", "complex256", 64), ("np.zeros(2, 'c8')", "complex64", 16),
      ("np.zeros(2, '>c16')", "complex128", 32),
      ("np.zeros(2, [('a', '<f4', (2, 3)), ('b', 'i1')])", "{a: float32 (2, 3), b: int8}", 50),
      ("np.zeros(2, [(('title', 'x'), '<i4')])", "{x: int32}", 8),
      ("np.zeros(1, [('é漢', [('in', '>f8'), ('ner', '?')])])", "{é漢: {in: float64, ner: bool}}", 9),
      (
        "np.zeros(2, np.dtype([('a', 'i1'), ('b', 'f8')], align=True))", "{a: int8, b: float64}", 32
      ),
      ("np.array([{}, None], 'O')", "object", 16),
    ])
    func `other types are described`(expression: String, name: String, bytes: Int) throws {
      let path = folder.file("a.npy")
      try Python.run(
        "with warnings.catch_warnings():\n  warnings.simplefilter('ignore')\n"
          + "  np.save('\(path)', \(expression))")
      let array = try NpyArray(path: path)
      #expect(array.elementType.name == name)
      #expect(array.count * array.elementType.itemSize == bytes)
      #expect(throws: NpyError.self) { try array.doubles() }
    }

    @Test(arguments: ["savez", "savez_compressed"]) func `archives`(function: String) throws {
      let path = folder.file("a.npz")
      try Python.run(
        """
        members = {'w': np.arange(12, dtype='f4').reshape(3, 4), 'b': np.float64(2.5),
                   'y': np.asfortranarray(np.arange(6).reshape(2, 3)), 'empty': np.zeros((0, 2))}
        np.\(function)('\(path)', **members)
        """)
      let archive = try NpyArchive(path: path)
      #expect(archive.members.map(\.name) == ["w", "b", "y", "empty"])
      for member in archive.members {
        #expect(member.isCompressed == (function == "savez_compressed"))
        let expected = try Python.doubles("members['\(member.name)']")
        #expect(try archive.array(of: member).doubles() == expected)
      }
    }

    @Test(arguments: [
      "base", "base[::-1]", "base[:, ::2]", "base.T", "base[3]", "base[..., 1]",
      "base[::-2, 1:, ::-1]",
      "np.broadcast_to(base[0, 0], (4, 5))", "base.transpose(1, 2, 0)", "base[1:1]",
      "base[0, 0, 0]",
      "base.astype('>f4')[::3]", "base.astype('i2')[:, ::-1]",
      "np.zeros(9, [('a', 'i1'), ('b', 'f4')])['b']",
    ])
    func `arrays in memory`(expression: String) throws {
      try Python.run(
        """
        base = np.arange(9 * 6 * 5, dtype='f4').reshape(9, 6, 5)
        view = np.asarray(\(expression))
        """)
      let interface = try Python.text(
        "[view.__array_interface__['data'][0], view.ndim, *view.shape, *view.strides]")
      let numbers = interface.dropFirst().dropLast().split(separator: ", ").compactMap { Int($0) }
      let rank = numbers[1]
      let isSwapped = try Python.text("view.dtype.byteorder") == ">"
      let isFloat = try Python.text("view.dtype.kind") == "f"
      let array = try NpyArray(
        borrowing: UnsafeRawPointer(bitPattern: numbers[0]), type: isFloat ? .float32 : .int16,
        byteOrder: isSwapped ? .big : .little, shape: Array(numbers[2..<2 + rank]),
        byteStrides: Array(numbers[(2 + rank)...]))
      #expect(try array.doubles() == Python.doubles("view"))
    }
  }
}
