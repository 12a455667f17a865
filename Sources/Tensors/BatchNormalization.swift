extension Tensor {
  /// Each channel of `[N, C, H, W]` with mean 0 and variance 1 over the batch, then scaled and shifted.
  ///
  /// Ioffe & Szegedy, "Batch normalization", ICML 2015; the backward pass is theirs, gathered per channel.
  ///
  /// - Parameters:
  ///   - scale: `[C]`.
  ///   - shift: `[C]`.
  ///   - epsilon: added to the variance.
  /// - Returns: the result; the mean and the biased variance of each channel, `[C]`, as plain values.
  public func batchNormalized(
    scale: Tensor, shift: Tensor, epsilon: Float
  ) -> (result: Tensor, mean: Tensor, variance: Tensor) {
    requireShape(
      rank == 4 && scale.shape == [shape[1]] && shift.shape == scale.shape,
      "batchNormalized: \(shape) and scale \(scale.shape), shift \(shift.shape)")
    let channel = [shape[1], 1, 1]
    let axes = [0, 2, 3]
    let x = detached()
    let mean = x.mean(axes: axes)
    let centred = x - mean.reshaped(channel)
    let variance = centred.squared().mean(axes: axes)
    let inverse = 1 / (variance + epsilon).sqrt()
    let normal = centred * inverse.reshaped(channel)
    let plainScale = scale.detached()
    let result = normal * plainScale.reshaped(channel) + shift.detached().reshaped(channel)
    let recorded = result.recording([self, scale, shift]) { g, wanted in
      // dx = scale · inverse · (g − mean g − normal · mean(g · normal))
      let toScale = (g * normal).sum(axes: axes)
      let toShift = g.sum(axes: axes)
      guard wanted[0] else { return [nil, toScale, toShift] }
      let count = Float(g.count) / Float(toShift.count)
      let inner = g - (toShift / count).reshaped(channel) - normal * (toScale / count).reshaped(channel)
      return [inner * (plainScale * inverse).reshaped(channel), toScale, toShift]
    }
    return (recorded, mean, variance)
  }
}
