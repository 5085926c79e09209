import Tensors

/// How the columns of an array vary together.
public struct Correlation: Sendable {
  /// By column.
  public let mean: [Double]
  /// By column, the standard deviation.
  public let deviation: [Double]
  /// The correlation of every pair of columns, row by row; 0 for a constant column.
  public let products: [Double]

  /// The eigenvalues, smallest first, of the mean of `x̃·x̃ᵀ` with x̃ the columns and a 1 for the
  /// bias: what the Hessian of a linear layer is made of (LeCun et al., Efficient BackProp, 1998).
  ///
  /// - Parameter standardized: of columns with mean 0 and deviation 1 rather than the raw ones.
  public func spectrum(standardized: Bool) -> [Double]? {
    let width = mean.count
    let order = width + 1
    var matrix = [Double](repeating: 0, count: order * order)
    matrix[order * order - 1] = 1
    for i in 0..<width {
      for j in 0..<width {
        let correlation = products[i * width + j]
        matrix[i * order + j] =
          standardized
          ? correlation : correlation * deviation[i] * deviation[j] + mean[i] * mean[j]
      }
      if !standardized {
        matrix[i * order + width] = mean[i]
        matrix[width * order + i] = mean[i]
      }
    }
    return symmetricEigenvalues(matrix, order: order)
  }
}
