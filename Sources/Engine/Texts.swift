import CEngine

/// A text that a caller holds: its bytes, in UTF-8 unless they are bytes of shards, and a 0.
final class HeldText: @unchecked Sendable {
  /// Never written after `init`.
  let bytes: UnsafeMutableBufferPointer<CChar>

  init(_ text: String) {
    var text = text
    bytes = text.withUTF8 { utf8 in
      let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: utf8.count + 1)
      bytes.initialize(repeating: 0)
      UnsafeMutableRawBufferPointer(bytes).copyBytes(from: utf8)
      return bytes
    }
  }

  init(_ content: [UInt8]) {
    bytes = .allocate(capacity: content.count + 1)
    bytes.initialize(repeating: 0)
    UnsafeMutableRawBufferPointer(bytes).copyBytes(from: content)
  }

  deinit { bytes.deallocate() }
}

/// The bytes of a text.
@c @implementation
public func defib_text_data(_ text: OpaquePointer?) -> UnsafePointer<CChar>? {
  Handles.find(text, HeldText.self).flatMap { UnsafePointer($0.bytes.baseAddress) }
}

/// How many bytes, without the final 0.
@c @implementation
public func defib_text_size(_ text: OpaquePointer?) -> Int {
  Handles.find(text, HeldText.self).map { $0.bytes.count - 1 } ?? 0
}

/// Ends a text.
@c @implementation
public func defib_text_free(_ text: OpaquePointer?) { Handles.end(text, HeldText.self) }
