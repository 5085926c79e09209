/// Writes files as a whole: aside first, then renamed into their place.
public enum WholeFile {
  /// Puts a text at a path. A reader sees what was there before or all of the text, never a part.
  ///
  /// - Throws: `NpyError` when the folder refuses the file or the disk is full; nothing changes at
  ///   the path then.
  public static func write(_ text: String, to path: String) throws(NpyError) {
    let file = try AsideFile(path: path)
    try file.write(Array(text.utf8))
    try file.commit()
  }
}
