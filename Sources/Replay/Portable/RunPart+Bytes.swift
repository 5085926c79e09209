import Runs

extension RunPart: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(onValidation)
    writer.put(dropped)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    self.init()
    onValidation = try reader.value()
    dropped = try reader.value()
  }
}
