import Replay
import Runs

/// How much of a search for a cure the arithmetic lasts for: how large its batches are, how long its
/// trainings, and how much is tried.
struct CureSize {
  /// The rows, in batches of the training's size or smaller.
  let data: TrialData
  /// Updates of every training.
  let steps: Int
  /// What is tried.
  let proposals: [Cure.Proposal]
  /// Whether changes are put together.
  let combines: Bool

  /// Arithmetic of all trainings together.
  static let budget = 4e11
  /// Trainings beside the first of every change.
  static let laterPlays = 100
  /// Those where changes are not put together.
  static let fewLaterPlays = 12
  /// The fewest changes to try.
  static let fewProposals = 6
  /// The fewest updates that tell anything, and how many are enough.
  static let fewest = 60
  static let most = 3000
  /// Updates of a training that does not say how many it had.
  static let usual = 600

  /// Smaller batches come first, then fewer changes: what is called too large is too large for both.
  ///
  /// - Returns: nil where the smallest batch costs too much.
  init?(
    _ run: Run, _ data: TrialData, _ proposals: [Cure.Proposal], effort: Double
  ) throws(RunError) {
    let wanted = min(run.updates ?? Self.usual, Self.most)
    let fewest = Double(min(Self.fewest, max(1, wanted)))
    var (proposals, later, rows) = (proposals, Self.laterPlays, data.batch)
    func affordable() throws(RunError) -> Double {
      let work = Workload.operations(data.run, try Plan(data.run, rows: rows))
      return effort * Self.budget / Double(proposals.count + later) / work
        / Double(run.training.accumulation ?? 1)
    }
    var steps = try affordable()
    while steps < fewest, rows > Trials.smallestBatch {
      rows = max(Trials.smallestBatch, rows / 2)
      steps = try affordable()
    }
    if steps < fewest {
      later = Self.fewLaterPlays
      while try affordable() < fewest, proposals.count > Self.fewProposals {
        proposals.removeLast()
      }
      steps = try affordable()
    }
    guard steps >= fewest else { return nil }
    self.steps = max(1, Int(min(Double(wanted), steps)))
    self.data = rows < data.batch ? data.shrunk(batch: rows, steps: self.steps) : data
    self.proposals = proposals
    combines = later > Self.fewLaterPlays
  }
}
