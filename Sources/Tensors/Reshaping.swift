extension Tensor {
  /// The same numbers in another shape; one axis may be −1 and takes what is left.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    var target = newShape
    if let free = target.firstIndex(of: -1) {
      target[free] = 1
      let rest = Tensor.count(of: target)
      requireShape(rest > 0 && count % rest == 0, "reshaped: \(shape) and \(newShape)")
      target[free] = count / rest
    }
    requireShape(
      Tensor.count(of: target) == count && target.allSatisfy { $0 >= 0 }, "reshaped: \(shape) and \(newShape)")
    if target == shape { return self }
    return Tensor(scalars, shape: target).recording([self]) { [shape] upstream, _ in
      [Tensor(upstream.scalars, shape: shape)]
    }
  }

  /// All axes from `axis` on as one: `[N, C, H, W]` becomes `[N, C·H·W]`.
  public func flattened(from axis: Int = 1) -> Tensor {
    requireShape(axis >= 0 && axis <= rank, "flattened: axis \(axis) of a tensor of shape \(shape)")
    return reshaped(Array(shape[..<axis]) + [Tensor.count(of: Array(shape[axis...]))])
  }

  /// The shape with a new axis of length 1 before `axis`; −1 appends one.
  public func insertingAxis(at axis: Int) -> Tensor {
    var target = shape
    let position = axis < 0 ? axis + rank + 1 : axis
    requireShape(position >= 0 && position <= rank, "insertingAxis: axis \(axis) of a tensor of shape \(shape)")
    target.insert(1, at: position)
    return reshaped(target)
  }

  /// The shape without an axis of length 1.
  public func removingAxis(_ axis: Int) -> Tensor {
    var target = shape
    let position = checkedAxis(axis, "removingAxis")
    requireShape(shape[position] == 1, "removingAxis: axis \(axis) of a tensor of shape \(shape)")
    target.remove(at: position)
    return reshaped(target)
  }

  /// Repeats axes of length 1, and adds axes in front, up to `target`.
  public func broadcast(to target: [Int]) -> Tensor {
    if shape == target { return self }
    guard let plan = Broadcast(target, shape), plan.shape == target else {
      shapeFailure("broadcast: \(shape) and \(target)")
    }
    return Tensor(Kernels.repeated(scalars, plan), shape: target).recording([self]) { [shape] upstream, _ in
      [upstream.summed(to: shape)]
    }
  }

  /// Images `[N, C, H, W]` enlarged: each pixel becomes a square of `scale` × `scale` (nearest neighbour).
  ///
  /// - Returns: `[N, C, H·scale, W·scale]`. A pixel's gradient is the sum over its square.
  public func upsampledNearest2d(_ scale: Int) -> Tensor {
    requireShape(rank == 4 && scale > 0, "upsampledNearest2d: \(shape) and the scale \(scale)")
    let (n, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
    return reshaped([n, c, h, 1, w, 1]).broadcast(to: [n, c, h, scale, w, scale])
      .reshaped([n, c, h * scale, w * scale])
  }

  /// The last two axes exchanged.
  public func transposed() -> Tensor {
    requireShape(rank >= 2, "transposed: a tensor of shape \(shape) has no two axes")
    return permuted(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  /// The axes in another order: axis `i` of the result is axis `order[i]` of this tensor.
  public func permuted(_ order: [Int]) -> Tensor {
    requireShape(order.sorted() == Array(0..<rank), "permuted: \(shape) and the order \(order)")
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    let target = order.map { shape[$0] }
    let steps = Tensor.steps(of: shape)
    return Tensor(Kernels.gather(scalars, shape: target, steps: order.map { steps[$0] }), shape: target)
      .recording([self]) { [inverse] upstream, _ in [upstream.permuted(inverse)] }
  }
}
