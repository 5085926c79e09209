import CPython
import Testing

/// The Python of the system, inside this process.
///
/// Every call takes the interpreter's lock, whatever thread it comes from. The interpreter is started
/// once and stays until the process ends.
enum Python {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs statements in the main module.
  static func run(_ code: String) throws {
    try locked { try evaluate(code, start: Py_file_input) { _ in } }
  }

  /// The text of an expression, as `str` has it.
  static func text(_ expression: String) throws -> String {
    let bytes = try bytes("str((\(expression))).encode()")
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The elements of an array, in C order, as NumPy itself converts them.
  static func doubles(_ expression: String) throws -> [Double] {
    let raw = try bytes("np.ascontiguousarray(\(expression)).astype('f8').tobytes()")
    return raw.withUnsafeBytes { raw in
      (0..<raw.count / 8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
  }

  /// The value of an expression that is a bytes object.
  static func bytes(_ expression: String) throws -> [UInt8] {
    try locked {
      try evaluate(expression, start: Py_eval_input) { object in
        var pointer: UnsafeMutablePointer<CChar>?
        var length = 0
        guard PyBytes_AsStringAndSize(object, &pointer, &length) == 0 else {
          throw failure(expression)
        }
        return [UInt8](UnsafeRawBufferPointer(start: pointer, count: length))
      }
    }
  }

  private static func locked<Result>(_ body: () throws -> Result) throws -> Result {
    if let problem = started { throw problem }
    let state = PyGILState_Ensure()
    defer { PyGILState_Release(state) }
    return try body()
  }

  private static func evaluate<Result>(
    _ code: String, start: Int32, _ use: (UnsafeMutablePointer<PyObject>?) throws -> Result
  ) throws -> Result {
    let globals = PyModule_GetDict(PyImport_AddModule("__main__"))
    let result = PyRun_StringFlags(code, start, globals, globals, nil)
    defer { Py_DecRef(result) }
    guard result != nil else { throw failure(code) }
    return try use(result)
  }

  /// The pending exception, taken away.
  private static func failure(_ code: String) -> Failure {
    var type: UnsafeMutablePointer<PyObject>?
    var value: UnsafeMutablePointer<PyObject>?
    var trace: UnsafeMutablePointer<PyObject>?
    PyErr_Fetch(&type, &value, &trace)
    defer { [type, value, trace].forEach { Py_DecRef($0) } }
    let text = PyObject_Str(value)
    defer { Py_DecRef(text) }
    let message = PyUnicode_AsUTF8(text).map { String(cString: $0) } ?? "unknown"
    return Failure(description: "\(message) in: \(code)")
  }

  /// Starts the interpreter, on the first use; what went wrong, if anything did.
  private static let started: Failure? = {
    var config = PyConfig()
    PyConfig_InitIsolatedConfig(&config)
    defer { PyConfig_Clear(&config) }
    // The library belongs to this program; without it the first python3 of PATH would be asked where
    // the modules are.
    let status = withUnsafeMutablePointer(to: &config) { config in
      withUnsafeMutablePointer(to: &config.pointee.program_name) { name in
        _ = PyConfig_SetBytesString(config, name, "/usr/bin/python3")
      }
      return Py_InitializeFromConfig(config)
    }
    guard PyStatus_Exception(status) == 0 else {
      return Failure(description: status.err_msg.map { String(cString: $0) } ?? "no interpreter")
    }
    let globals = PyModule_GetDict(PyImport_AddModule("__main__"))
    let imported = PyRun_StringFlags(
      "import io, warnings\nimport numpy as np", Py_file_input, globals, globals, nil)
    let problem = imported == nil ? failure("import numpy") : nil
    Py_DecRef(imported)
    // Whoever comes next takes the lock from here.
    PyEval_SaveThread()
    return problem
  }()
}
