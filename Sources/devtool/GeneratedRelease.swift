/// The release of the engine, which is that of the Python package.
struct GeneratedRelease {
  static let source = "python/src/defib/__init__.py"
  static let path = "Sources/Npy/Release.swift"

  static func text(in repository: Repository) throws -> String {
    let line = /\n__version__ = "([0-9A-Za-z.+-]+)"\n/
    guard let version = repository.read(source)?.firstMatch(of: line)?.1 else {
      throw DevtoolError.noVersion
    }
    return """
      // Written by `devtool register` from \(source); do not edit.

      /// The release that every program and library of Defib tells. It stands in the one module that all
      /// import.
      public enum Release {
        /// Such as "0.1.0".
        public static let version: StaticString = "\(version)"
      }

      """
  }
}
