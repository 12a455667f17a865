extension Tensor {
  /// Each channel of `[N, C, H, W]` with mean 0 and variance 1 over the batch, then scaled and shifted.
  ///
  /// Ioffe & Szegedy, "Batch normalization", ICML 2015; the backward pass is theirs, gathered per channel.
  ///
  /// - Parameters:
  ///   - scale: `[C]`.
  ///   - shift: `[C]`.
  ///   - epsilon: added to the variance.
  ///   - activation: what is applied to the result, at hardly any cost.
  /// - Returns: the result; the mean and the biased variance of each channel, `[C]`, as plain values.
  public func batchNormalized(
    scale: Tensor, shift: Tensor, epsilon: Float, activation: FusedActivation = .identity
  ) -> (result: Tensor, mean: Tensor, variance: Tensor) {
    requireShape(
      rank == 4 && scale.shape == [shape[1]] && shift.shape == scale.shape,
      "batchNormalized: \(shape) and scale \(scale.shape), shift \(shift.shape)")
    requireFusible(activation, "batchNormalized")
    let channels = Kernels.Channels(batch: shape[0], channels: shape[1], area: shape[2] * shape[3])
    let (values, mean, variance, inverse) = Kernels.normalizeChannels(
      scalars, channels, scale: scale.scalars, shift: shift.scalars, epsilon: epsilon, activation)
    let result = with(values)
    let recorded = result.recording([self, scale, shift]) {
      [x = detached(), y = activation == .identity ? [] : values, scale = scale.detached()] g, wanted in
      let (toInput, toScale, toShift) = Kernels.normalizeChannelsBackward(
        g.scalars, at: x.scalars, result: y, channels, scale: scale.scalars, mean: mean, inverse: inverse, activation,
        wantsInput: wanted[0])
      return [wanted[0] ? x.with(toInput) : nil, Tensor(toScale), Tensor(toShift)]
    }
    return (recorded, Tensor(mean), Tensor(variance))
  }
}
