import Npy
import Runs

/// The data on which a training is tried again: some rows to train on and others to judge by, in one
/// run in memory, the rows to train on first and in the order of the batches.
public struct TrialData: Sendable {
  /// The run on those rows.
  public let run: Run
  /// How many rows are trained on.
  public private(set) var trained: Int
  /// The rows that the trial is judged by; all rows where there are too few to hold some back.
  public private(set) var judged: Range<Int>

  /// The share of the run's rows that were picked from: a batch of the training holds as many of them.
  private let share: Double
  /// The most rows of a batch; nil for those of the training.
  private var batchLimit: Int?

  /// The most rows to train on.
  static let trainedLimit = 1536
  /// The most rows to judge by.
  static let judgedLimit = 512
  /// The most rows to pick from: of more, one is taken at random from each of as many even strata.
  static let pickedLimit = 1 << 18
  /// The most rows that are judged as one batch.
  private static let chunk = 256
  /// Rows that are.
  let chunk: Int
  /// The fewest rows of which some are held back.
  static let fewest = 40
  /// The fewest rows that a trial is judged by, where there are as many.
  static let fewestJudged = 64

  /// Whether it is judged by rows that it was not trained on.
  public var isHeldOut: Bool { judged.lowerBound > 0 }

  /// Picks the rows by a fixed seed. They are shuffled, unless the run says that it did not.
  ///
  /// - Parameter rows: the only rows to pick from; nil for all.
  /// - Throws: `RunError.npy` when the data cannot be read.
  public init(_ whole: Run, rows: [Int]? = nil) throws(RunError) {
    chunk = try whole.affordableAtOnce(Self.chunk)
    let picked = rows?.count ?? whole.samples
    let rows = rows ?? whole.strata(Self.pickedLimit, seed: 4)
    let count = rows.count
    var random = FixedRandom(seed: 5)
    var order = Array(0..<count)
    let shuffled = whole.training.shuffle ?? true
    if shuffled { order = random.permutation(count) }
    var held = 0
    if count >= Self.fewest {
      held = min(Self.judgedLimit, count / 4)
      if held > chunk { held -= held % chunk }
    }
    var (train, judge) = (Array(order.dropFirst(held)), Array(order.prefix(held)))
    if !shuffled, held > 0 {
      // Rows in their order: those to judge by are spread over all of them.
      judge = (0..<held).map { $0 * count / held }
      let taken = Set(judge)
      train = order.filter { !taken.contains($0) }
    }
    if train.count > Self.trainedLimit {
      let all = train
      train =
        shuffled
        ? Array(all.prefix(Self.trainedLimit))
        : (0..<Self.trainedLimit).map { all[$0 * all.count / Self.trainedLimit] }
    }
    var values: [String: NpyArray] = [:]
    for (name, array) in whole.data {
      values[name] = try array.selecting((train + judge).map { rows[$0] })
    }
    run = whole.replacingData(values, rows: train.count + judge.count)
    trained = train.count
    share = whole.samples > 0 ? Double(picked) / Double(whole.samples) : 1
    judged = held > 0 ? train.count..<(train.count + held) : 0..<min(train.count, Self.judgedLimit)
  }

  /// The same rows in another form of their run.
  func on(_ run: Run) -> TrialData { TrialData(run, self) }

  /// Other rows, as many of them to train on as are named, and behind them those to judge by.
  func on(_ run: Run, trained: Int) -> TrialData {
    var other = TrialData(run, self)
    other.trained = trained
    let start = isHeldOut ? trained : 0
    other.judged = start..<(start + judged.count)
    return other
  }

  /// The same rows in batches of at most so many, judged by as many as cost less than the training with
  /// them does.
  func shrunk(batch: Int, steps: Int) -> TrialData {
    var other = TrialData(run, self)
    other.batchLimit = batch
    let count = min(judged.count, max(Self.fewestJudged, steps * batch / 3))
    other.judged = judged.lowerBound..<(judged.lowerBound + count)
    return other
  }

  private init(_ run: Run, _ other: TrialData) {
    self.run = run
    trained = other.trained
    share = other.share
    batchLimit = other.batchLimit
    chunk = other.chunk
    judged = other.judged
  }

  /// Whether batches are smaller than the training's.
  var isShrunk: Bool { batchLimit != nil }

  /// Rows of a batch.
  public var batch: Int {
    min(batchLimit ?? .max, max(1, min(Int((Double(run.nominalBatch) * share).rounded()), trained)))
  }

  /// The parts of `judged` that are replayed as one batch each.
  var chunks: [Range<Int>] {
    stride(from: judged.lowerBound, to: judged.upperBound, by: chunk).map {
      $0..<min($0 + chunk, judged.upperBound)
    }
  }

  /// The same rows with mean and deviation taken out of some arrays: by column for tables, at once
  /// for images and sequences. Both are those of the rows to train on.
  ///
  /// - Throws: `RunError.npy` when the data cannot be read.
  public func standardized(_ names: Set<String>) throws(RunError) -> TrialData {
    var values: [String: NpyArray] = [:]
    for name in names.sorted() {
      guard let array = run.data[name] else { continue }
      let block = try FloatBlock(reading: array)
      let width = array.shape.count > 2 ? 1 : max(1, array.rowLength)
      let rows = array.shape.count > 2 ? trained * array.rowLength : trained
      for column in 0..<width {
        let scale = Self.scale(block.buffer, column, width, rows)
        for i in stride(from: column, to: array.count, by: width) {
          block.buffer[i] = Float((Double(block.buffer[i]) - scale.mean) * scale.factor)
        }
      }
      values[name] = try block.array(array.shape, name: name)
    }
    return TrialData(run.replacingData(values, rows: run.samples), self)
  }

  static func scale(
    _ values: UnsafeMutableBufferPointer<Float>, _ column: Int, _ width: Int, _ rows: Int
  ) -> (mean: Double, factor: Double) {
    var mean = 0.0
    for row in 0..<rows { mean += Double(values[row * width + column]) }
    mean /= Double(max(1, rows))
    var square = 0.0
    for row in 0..<rows {
      let d = Double(values[row * width + column]) - mean
      square += d * d
    }
    let deviation = (square / Double(max(1, rows))).squareRoot()
    return (mean, deviation > 1e-7 * abs(mean) ? 1 / deviation : 0)
  }
}

extension Stepper {
  /// The loss on the rows to judge by.
  func judge(_ data: TrialData) throws(RunError) -> Double {
    var total = 0.0
    for chunk in data.chunks {
      total += try dataLoss(chunk) * Double(chunk.count) / Double(data.judged.count)
    }
    return total
  }
}
