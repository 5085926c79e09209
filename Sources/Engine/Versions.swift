import CEngine
import Npy
import Reports

/// (major << 16) | minor of the interface.
@c @implementation
public func defib_abi_version() -> UInt32 { 1 << 16 | 6 }

/// The release of the engine.
@c @implementation
public func defib_version() -> UnsafePointer<CChar> {
  UnsafeRawPointer(Release.version.utf8Start).assumingMemoryBound(to: CChar.self)
}
