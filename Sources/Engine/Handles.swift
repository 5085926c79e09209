import CEngine
import Synchronization

/// The objects that callers hold by a handle.
///
/// A handle is a number that is never given out twice, and no address: one that was freed, made up
/// or meant for another function is found out instead of being followed.
enum Handles {
  private struct Table: ~Copyable {
    var objects: [UInt: any Sendable & AnyObject] = [:]
    // Far from 0 and in steps, so that a small number or a damaged handle is none by accident.
    var next: UInt = 0x1000
  }

  private static let table = Mutex(Table())

  /// A new handle of an object.
  static func add(_ object: any Sendable & AnyObject) -> OpaquePointer? {
    let number = table.withLock { table in
      table.next += 16
      table.objects[table.next] = object
      return table.next
    }
    return OpaquePointer(bitPattern: number)
  }

  /// The object of a handle; nil when it is none of that type.
  static func find<Object: AnyObject>(
    _ handle: OpaquePointer?, _ type: Object.Type = Object.self
  ) -> Object? {
    guard let handle else { return nil }
    return table.withLock { $0.objects[UInt(bitPattern: handle)] } as? Object
  }

  /// The object of a handle that was passed as an argument.
  static func require<Object: AnyObject>(
    _ handle: OpaquePointer?, _ name: String
  ) throws(Failure) -> Object {
    if let object: Object = find(handle) { return object }
    throw .argument(
      name, found: handle == nil ? "NULL" : "a handle that is not alive, or of something else",
      expected: "a handle of this library")
  }

  /// Ends a handle, if it is one of that type. Calls that still use the object keep it alive.
  static func end<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) {
    guard let handle else { return }
    // Taken out under the lock, ended outside of it: that may take long.
    let ended = table.withLock { table -> (any Sendable & AnyObject)? in
      let number = UInt(bitPattern: handle)
      guard table.objects[number] is Object else { return nil }
      return table.objects.removeValue(forKey: number)
    }
    withExtendedLifetime(ended) {}
  }
}

/// Sets an out-pointer to NULL, and later to a handle.
struct OutHandle {
  private let pointer: UnsafeMutablePointer<OpaquePointer?>

  init(_ pointer: UnsafeMutablePointer<OpaquePointer?>?, _ name: String) throws(Failure) {
    guard let pointer else {
      throw .argument(name, found: "NULL", expected: "a place for the result")
    }
    pointer.pointee = nil
    self.pointer = pointer
  }

  func set(_ object: any Sendable & AnyObject) { pointer.pointee = Handles.add(object) }
}
