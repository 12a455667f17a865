extension Tensor {
  /// Each sequence of `[N, L, …]` backwards: step t of the result is step L − 1 − t.
  ///
  /// - Parameter lengths: how many steps of each sequence are turned round, N numbers; the others stay in their places.
  ///   Nil for all.
  /// - Returns: the same shape.
  public func reversedSteps(lengths: [Int]? = nil) -> Tensor {
    requireShape(rank >= 2, "reversedSteps: a tensor of shape \(shape) has no steps")
    let (sequences, steps) = (shape[0], shape[1])
    requireShape(
      lengths.map { $0.count == sequences && $0.allSatisfy { $0 >= 0 && $0 <= steps } } ?? true,
      "reversedSteps: \(shape) and lengths \(lengths ?? [])")
    let order = (0..<sequences).flatMap { n in
      let length = lengths?[n] ?? steps
      return (0..<steps).map { n * steps + ($0 < length ? length - 1 - $0 : $0) }
    }
    let width = Tensor.count(of: Array(shape[2...]))
    // Turning round twice changes nothing, so the backward pass is the same move.
    return with(Kernels.rows(scalars, order, width: width)).recording([self]) { g, _ in
      [g.with(Kernels.rows(g.scalars, order, width: width))]
    }
  }
}
