extension Tensor {
  /// The mean of log(1 + eˣ) − x·y, the cross-entropy of σ(self) against constants, in one pass that leaves the gradient
  /// (σ(x) − y) / n behind.
  ///
  /// - Parameter targets: y, of this shape; they have no gradient.
  /// - Returns: one number; NaN for no entries.
  package func binaryCrossEntropy(_ targets: Tensor) -> Tensor {
    requireShape(shape == targets.shape, "binaryCrossEntropy: \(shape) and the targets \(targets.shape)")
    let (sum, slope) = Kernels.binaryCrossEntropy(scalars, targets.scalars, factor: 1 / Float(count))
    return Tensor(sum / Float(count)).recording([self]) { [shape] g, _ in
      let slope = Tensor(slope, shape: shape)
      return [g.scalar == 1 ? slope : slope * g.scalar]
    }
  }
}
