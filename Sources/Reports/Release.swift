/// The release that all faces of Defib tell.
public enum Release {
  /// Such as "0.1.0".
  public static let version: StaticString = "0.1.0"
}
