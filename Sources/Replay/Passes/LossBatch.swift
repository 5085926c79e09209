import Operators
import Runs
import Tensors

/// What one loss holds its prediction against in one batch.
package struct LossBatch {
  /// The targets.
  let target: Tensor
  /// One weight per sample; nil when all weigh 1.
  let sampleWeights: Tensor?
  /// The further targets of the loss, in the order of its others.
  let others: [Tensor]
  /// By head: whether its gradient is there already, from a loss or a head before.
  let adding: [Bool]
}

extension Run.LossTerm {
  /// What a mean over the batch divides by.
  package func normalizer(
    _ batch: LossBatch, prediction: Shape, weights: Tensor?
  ) throws(RunError) -> Double {
    guard reduction == .weightedMean, let sampleWeights = batch.sampleWeights else {
      return loss.normalizer(prediction: prediction, target: batch.target, weights: weights)
    }
    do throws(OperatorError) {
      return try loss.normalizer(
        prediction: prediction, target: batch.target, weights: weights,
        sampleWeights: sampleWeights)
    } catch { throw .loss(place, kind: kind, error) }
  }

  /// The sum of the terms of a batch; writes or adds `scale` times its gradients where there is
  /// room for them.
  ///
  /// - Parameters:
  ///   - firstSample: the number of the batch's first sample, for messages.
  package func evaluate(
    _ batch: LossBatch, _ executor: Executor, scale: Double, backward: Bool, firstSample: Int
  ) throws(RunError) -> Double {
    let step = LossStep(
      prediction: executor.values[prediction], target: batch.target,
      weights: weights.map { executor.values[$0] },
      others: others.isEmpty ? [] : beside(batch, executor, backward: backward),
      scale: Float(scale), gradient: backward ? executor.gradients[prediction] : nil,
      adding: batch.adding.first ?? false)
    do throws(OperatorError) {
      return try loss.evaluate(step, sampleWeights: batch.sampleWeights)
    } catch { throw .loss(place, kind: kind, error.shifted(by: firstSample)) }
  }

  /// What the loss takes beside prediction and target.
  private func beside(
    _ batch: LossBatch, _ executor: Executor, backward: Bool
  ) -> [LossStep.Other] {
    var targets = batch.others.makeIterator()
    var adding = batch.adding.dropFirst().makeIterator()
    return others.compactMap { other in
      guard let tensor = other.tensor else { return targets.next().map { LossStep.Other($0) } }
      return LossStep.Other(
        executor.values[tensor], gradient: backward ? executor.gradients[tensor] : nil,
        adding: adding.next() ?? false)
    }
  }

  /// The sum of the terms that there would be if the targets had the prediction's shape.
  func evaluateAligned(_ batch: LossBatch, _ executor: Executor) throws(RunError) -> Double {
    let prediction = executor.values[prediction]
    let step = LossStep(
      prediction: prediction, target: batch.target.reshaped(prediction.shape),
      weights: weights.map { executor.values[$0] },
      others: beside(batch, executor, backward: false))
    do throws(OperatorError) { return try loss.evaluate(step) } catch {
      throw .loss(place, kind: kind, error)
    }
  }
}
