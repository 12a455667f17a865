extension Tensor {
  /// exp(x) / Σ exp(x) along the last axis, shifted by the row's maximum so that it cannot overflow.
  public func softmax() -> Tensor {
    let width = lastAxis("softmax")
    let result = with(Kernels.softmax(scalars, width: width))
    return result.recording([self]) { upstream, _ in
      [result.with(Kernels.softmaxGradient(upstream.scalars, at: result.scalars, width: width))]
    }
  }

  /// x − log Σ exp(x) along the last axis, shifted by the row's maximum so that it cannot overflow.
  public func logSoftmax() -> Tensor {
    let width = lastAxis("logSoftmax")
    let result = with(Kernels.logSoftmax(scalars, width: width))
    return result.recording([self]) { upstream, _ in
      [result.with(Kernels.logSoftmaxGradient(upstream.scalars, at: result.scalars, width: width))]
    }
  }

  private func lastAxis(_ operation: String) -> Int {
    requireShape(rank > 0, "\(operation): a tensor of shape \(shape) has no last axis")
    return shape[rank - 1]
  }
}
