extension Tensor {
  /// exp(x) / Σ exp(x) along the last axis, shifted by the row's maximum so that it cannot overflow.
  ///
  /// A row with NaN or +∞, or with nothing but −∞, is NaN everywhere: it has no distribution.
  public func softmax() -> Tensor {
    let width = lastAxis("softmax")
    let result = with(Kernels.softmax(scalars, width: width))
    return result.recording([self]) { upstream, _ in
      [result.with(Kernels.softmaxGradient(upstream.scalars, at: result.scalars, width: width))]
    }
  }

  /// x − log Σ exp(x) along the last axis, shifted by the row's maximum so that it cannot overflow.
  ///
  /// A row with NaN or +∞, or with nothing but −∞, is NaN at those entries at least: it has no distribution.
  public func logSoftmax() -> Tensor {
    let width = lastAxis("logSoftmax")
    let result = with(Kernels.logSoftmax(scalars, width: width))
    return result.recording([self]) { upstream, _ in
      [result.with(Kernels.logSoftmaxGradient(upstream.scalars, at: result.scalars, width: width))]
    }
  }

  /// Softmax along the last axis over the entries that count; the others are 0.
  ///
  ///     Tensor(rows: [[1, 1, 9], [3, 4, 5]]).softmax(mask: Tensor(rows: [[1, 1, 0], [0, 0, 0]]))
  ///     // [[0.5, 0.5, 0], [0, 0, 0]]
  ///
  /// What stands at a masked entry, NaN and ∞ too, changes nothing. A row whose entries are all masked is 0 everywhere
  /// and passes no gradient; a row that is −∞ at every entry that counts is NaN there.
  ///
  /// - Parameter mask: 0 at the entries that do not count, any other number elsewhere; broadcast to this shape.
  /// - Returns: this tensor's shape; each row that counts adds up to 1.
  public func softmax(mask: Tensor) -> Tensor {
    let width = lastAxis("softmax")
    let mask = wide(mask, "softmax").scalars
    let lowered = Kernels.keeping(scalars, where: mask, else: -.infinity)
    let result = with(Kernels.keeping(Kernels.softmax(lowered, width: width), where: mask, else: 0))
    return result.recording([self]) { upstream, _ in
      let arriving = Kernels.keeping(upstream.scalars, where: mask, else: 0)
      let gradient = Kernels.softmaxGradient(arriving, at: result.scalars, width: width)
      return [result.with(Kernels.keeping(gradient, where: mask, else: 0))]
    }
  }

  /// Log-softmax along the last axis over the entries that count; the others are −∞, the logarithm of 0.
  ///
  /// What stands at a masked entry, NaN and ∞ too, changes nothing, and no gradient leaves it. A row whose entries are
  /// all masked is −∞ everywhere and passes no gradient; a row that is −∞ at every entry that counts is NaN there.
  ///
  /// - Parameter mask: 0 at the entries that do not count, any other number elsewhere; broadcast to this shape.
  /// - Returns: this tensor's shape.
  public func logSoftmax(mask: Tensor) -> Tensor {
    let width = lastAxis("logSoftmax")
    let mask = wide(mask, "logSoftmax").scalars
    let lowered = Kernels.keeping(scalars, where: mask, else: -.infinity)
    let result = with(Kernels.keeping(Kernels.logSoftmax(lowered, width: width), where: mask, else: -.infinity))
    return result.recording([self]) { upstream, _ in
      let arriving = Kernels.keeping(upstream.scalars, where: mask, else: 0)
      let gradient = Kernels.logSoftmaxGradient(arriving, at: result.scalars, width: width)
      return [result.with(Kernels.keeping(gradient, where: mask, else: 0))]
    }
  }

  /// This tensor where the mask is not 0, `number` where it is; no gradient leaves the entries replaced.
  ///
  /// - Parameters:
  ///   - mask: broadcast to this shape.
  ///   - number: what takes the place of the other entries.
  /// - Returns: this tensor's shape.
  public func keeping(where mask: Tensor, else number: Float) -> Tensor {
    let mask = wide(mask, "keeping").scalars
    return with(Kernels.keeping(scalars, where: mask, else: number)).recording([self]) { upstream, _ in
      [upstream.with(Kernels.keeping(upstream.scalars, where: mask, else: 0))]
    }
  }

  /// A mask as a plain value of this shape.
  private func wide(_ mask: Tensor, _ operation: String) -> Tensor {
    requireShape(Broadcast(shape, mask.shape)?.shape == shape, "\(operation): \(shape) and the mask \(mask.shape)")
    return mask.detached().broadcast(to: shape)
  }

  private func lastAxis(_ operation: String) -> Int {
    requireShape(rank > 0, "\(operation): a tensor of shape \(shape) has no last axis")
    return shape[rank - 1]
  }
}
