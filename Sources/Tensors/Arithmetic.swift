extension Tensor {
  /// The sum of two tensors of one shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    requireShape(a.shape == b.shape, "+: \(a.shape) and \(b.shape)")
    var sum = a.scalars
    for (index, term) in b.scalars.enumerated() { sum[index] += term }
    return Tensor(sum, shape: a.shape).recording([a, b]) { upstream, _ in [upstream, upstream] }
  }
}
