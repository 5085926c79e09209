import CEngine
import Reports

/// Rules, operators and losses.
@c @implementation
public func defib_catalogue(_ catalogue: UnsafeMutablePointer<OpaquePointer?>?) -> defib_status {
  answering { () throws(Failure) in
    try OutHandle(catalogue, "catalogue").set(HeldText(CatalogueJSON.text))
  }
}
