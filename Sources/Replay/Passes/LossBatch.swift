import Operators
import Runs
import Tensors

/// What one loss holds its prediction against in one batch.
package struct LossBatch {
  /// The targets.
  let target: Tensor
  /// One weight per sample; nil when all weigh 1.
  let sampleWeights: Tensor?
  /// Whether a loss before this one has written the gradient of the prediction already.
  let adding: Bool
  /// The same for the second tensor.
  let addingSecond: Bool
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
      weights: weights.map { executor.values[$0] }, second: second.map { executor.values[$0] },
      scale: Float(scale), gradient: backward ? executor.gradients[prediction] : nil,
      secondGradient: backward ? second.flatMap { executor.gradients[$0] } : nil,
      adding: batch.adding,
      addingSecond: batch.addingSecond)
    do throws(OperatorError) {
      return try loss.evaluate(step, sampleWeights: batch.sampleWeights)
    } catch { throw .loss(place, kind: kind, error.shifted(by: firstSample)) }
  }

  /// The sum of the terms that there would be if the targets had the prediction's shape.
  func evaluateAligned(_ batch: LossBatch, _ executor: Executor) throws(RunError) -> Double {
    let prediction = executor.values[prediction]
    let step = LossStep(
      prediction: prediction, target: batch.target.reshaped(prediction.shape),
      weights: weights.map { executor.values[$0] }, second: second.map { executor.values[$0] })
    do throws(OperatorError) { return try loss.evaluate(step) } catch {
      throw .loss(place, kind: kind, error)
    }
  }
}
