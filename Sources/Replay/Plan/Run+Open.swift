import Npy
import Runs

extension Run {
  /// Opens the run in a folder, ready to be replayed.
  ///
  /// - Parameters:
  ///   - folder: the folder with the run.json.
  ///   - isCancelled: asked now and then; once true, the call ends by `RunError.cancelled`.
  /// - Throws: `RunError` when run.json or an array that it names is missing, damaged, or does
  ///   not fit.
  public static func open(
    folder: String, isCancelled: @escaping () -> Bool = { false }
  ) throws(RunError) -> Run {
    try Run(reading: folder, isCancelled: isCancelled).squeezingRefused()
  }

  /// Makes a run of the text of a run.json and the arrays that it names, ready to be replayed.
  ///
  /// - Parameters:
  ///   - json: the text.
  ///   - arrays: by the paths in it.
  ///   - isCancelled: asked now and then; once true, the call ends by `RunError.cancelled`.
  /// - Throws: `RunError` when the text is damaged, or does not fit the arrays.
  public static func open(
    json: String, arrays: [String: NpyArray], isCancelled: @escaping () -> Bool = { false }
  ) throws(RunError) -> Run {
    try Run(reading: json, arrays: arrays, isCancelled: isCancelled).squeezingRefused()
  }
}

extension RunBuilder {
  /// The run.
  ///
  /// - Throws: `RunError` when its parts do not fit.
  public func run() throws(RunError) -> Run {
    try Run.open(json: document.text(), arrays: try views())
  }
}
