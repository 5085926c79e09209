// Written by `devtool register` from python/src/defib/__init__.py; do not edit.

/// The release that every program and library of Defib tells. It stands in the one module that all
/// import.
public enum Release {
  /// Such as "0.1.0".
  public static let version: StaticString = "0.1.0"
}
