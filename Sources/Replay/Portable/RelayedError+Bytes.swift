import Runs

extension RelayedError: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(message)
    writer.put(isReplay)
    writer.put(isSystem)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    let message = try reader.value(String.self)
    let isReplay = try reader.value(Bool.self)
    let isSystem = try reader.value(Bool.self)
    self.init(message: message, isReplay: isReplay, isSystem: isSystem)
  }
}
