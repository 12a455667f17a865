// Sums, means, maxima and variances, over all axes or some. A negative axis counts from the end.

extension Tensor {
  /// The sum of all entries.
  public func sum() -> Tensor { sum(axes: Array(0..<rank)) }

  /// The sum along one axis.
  public func sum(axis: Int, keepingDims: Bool = false) -> Tensor { sum(axes: [axis], keepingDims: keepingDims) }

  /// The sum along some axes.
  ///
  /// - Parameters:
  ///   - axes: the axes that go.
  ///   - keepingDims: whether those axes stay, with length 1.
  /// - Returns: the shape without `axes`, or with length 1 there.
  public func sum(axes: [Int], keepingDims: Bool = false) -> Tensor {
    let kept = shapeKeeping(axes, "sum")
    return Tensor(Kernels.sum(scalars, reduction(to: kept), count: Tensor.count(of: kept)), shape: kept)
      .recording([self]) { [shape] upstream, _ in [upstream.broadcast(to: shape)] }
      .removing(keepingDims ? [] : axes, of: self)
  }

  /// The mean of all entries.
  public func mean() -> Tensor { mean(axes: Array(0..<rank)) }

  /// The mean along one axis.
  public func mean(axis: Int, keepingDims: Bool = false) -> Tensor { mean(axes: [axis], keepingDims: keepingDims) }

  /// The mean along some axes.
  ///
  /// - Parameters:
  ///   - axes: the axes that go.
  ///   - keepingDims: whether those axes stay, with length 1.
  /// - Returns: the shape without `axes`, or with length 1 there.
  public func mean(axes: [Int], keepingDims: Bool = false) -> Tensor {
    let kept = shapeKeeping(axes, "mean")
    let count = Float(self.count) / Float(Tensor.count(of: kept))
    return sum(axes: axes, keepingDims: keepingDims) / count
  }

  /// The variance of all entries: the mean squared deviation, or with n − 1 in place of n if `unbiased`.
  public func variance(unbiased: Bool = false) -> Tensor { variance(axes: Array(0..<rank), unbiased: unbiased) }

  /// The variance along one axis.
  public func variance(axis: Int, keepingDims: Bool = false, unbiased: Bool = false) -> Tensor {
    variance(axes: [axis], keepingDims: keepingDims, unbiased: unbiased)
  }

  /// The variance along some axes: the mean squared deviation, or with n − 1 in place of n if `unbiased`.
  ///
  /// - Parameters:
  ///   - axes: the axes that go.
  ///   - keepingDims: whether those axes stay, with length 1.
  ///   - unbiased: divides by n − 1 (Bessel's correction).
  /// - Returns: the shape without `axes`, or with length 1 there.
  public func variance(axes: [Int], keepingDims: Bool = false, unbiased: Bool = false) -> Tensor {
    let kept = shapeKeeping(axes, "variance")
    let count = Float(self.count) / Float(Tensor.count(of: kept))
    let deviation = self - mean(axes: axes, keepingDims: true)
    return deviation.squared().sum(axes: axes, keepingDims: keepingDims) / (unbiased ? count - 1 : count)
  }

  /// The largest entry.
  public func max() -> Tensor { max(axes: Array(0..<rank)) }

  /// The largest entry along one axis.
  public func max(axis: Int, keepingDims: Bool = false) -> Tensor { max(axes: [axis], keepingDims: keepingDims) }

  /// The largest entry along some axes; NaN if there is one, and then the gradient there is NaN too. Ties share the
  /// gradient evenly.
  ///
  /// - Parameters:
  ///   - axes: the axes that go.
  ///   - keepingDims: whether those axes stay, with length 1.
  /// - Returns: the shape without `axes`, or with length 1 there.
  /// - Precondition: the axes are not empty.
  public func max(axes: [Int], keepingDims: Bool = false) -> Tensor {
    let kept = shapeKeeping(axes, "max")
    requireShape(count > 0 || Tensor.count(of: kept) == 0, "max: no entries along axes \(axes) of \(shape)")
    let peak = Tensor(Kernels.max(scalars, reduction(to: kept), count: Tensor.count(of: kept)), shape: kept)
    return peak.recording([self]) { [x = detached()] upstream, _ in
      let isPeak = x.equals(peak)
      return [isPeak * (upstream / isPeak.sum(axes: axes, keepingDims: true))]
    }
    .removing(keepingDims ? [] : axes, of: self)
  }

  /// The smallest entry along some axes; NaN if there is one. Ties share the gradient evenly.
  ///
  /// - Parameters:
  ///   - axes: the axes that go.
  ///   - keepingDims: whether those axes stay, with length 1.
  /// - Returns: the shape without `axes`, or with length 1 there.
  /// - Precondition: the axes are not empty.
  public func min(axes: [Int], keepingDims: Bool = false) -> Tensor {
    -(-self).max(axes: axes, keepingDims: keepingDims)
  }

  /// The smallest entry along one axis.
  public func min(axis: Int, keepingDims: Bool = false) -> Tensor { min(axes: [axis], keepingDims: keepingDims) }

  /// The smallest entry.
  public func min() -> Tensor { -(-self).max() }

  /// Where the largest entry of each row stands, the first on a tie; a row is the last axis. NaN counts as the largest.
  public func argmax() -> [Int] {
    requireShape(rank > 0, "argmax: a tensor of shape \(shape) has no last axis")
    let width = shape[rank - 1]
    requireShape(width > 0 || count == 0, "argmax: no entries along the last axis of \(shape)")
    let rows = width == 0 ? 0 : count / width
    return Kernels.argmax(scalars, rows: rows, width: width)
  }

  /// Where the smallest entry of each row stands, the first on a tie; a row is the last axis. NaN counts as the smallest.
  public func argmin() -> [Int] { (-detached()).argmax() }

  /// The `count` largest entries of each row, largest first, and where they stand; a row is the last axis.
  ///
  ///     let (values, indices) = Tensor([3, 9, 4, 9]).topK(3)     // [9, 9, 4] and [[1, 3, 2]]
  ///
  /// On a tie the earlier entry comes first. NaN counts as the largest, as in PyTorch. The gradient of a value goes to
  /// the entry that it was taken from.
  ///
  /// - Parameter count: how many entries, from 0 to the length of the last axis.
  /// - Returns: the values, `[…, count]`; for each row, the positions along the last axis.
  public func topK(_ count: Int) -> (values: Tensor, indices: [[Int]]) {
    requireShape(
      rank > 0 && count >= 0 && count <= shape[rank - 1], "topK: \(count) entries of each row of shape \(shape)")
    let width = shape[rank - 1]
    let rows = width == 0 ? Tensor.count(of: Array(shape.dropLast())) : self.count / width
    let indices = Kernels.largest(scalars, rows: rows, width: width, count: count)
    var places: [Int] = []
    for (row, columns) in indices.enumerated() {
      for column in columns { places.append(row * width + column) }
    }
    return (reshaped([self.count]).rows(places).reshaped(Array(shape.dropLast()) + [count]), indices)
  }

  /// The sum of each entry and all those before it along one axis.
  ///
  ///     Tensor([1, 2, 3]).cumulativeSum(axis: 0)     // [1, 3, 6]
  public func cumulativeSum(axis: Int) -> Tensor {
    let axis = checkedAxis(axis, "cumulativeSum")
    let length = shape[axis]
    let inner = Tensor.count(of: Array(shape[(axis + 1)...]))
    return with(Kernels.runningSums(scalars, length: length, inner: inner, backwards: false)).recording([self]) {
      upstream, _ in
      // An entry is part of its own sum and of all later ones.
      [upstream.with(Kernels.runningSums(upstream.scalars, length: length, inner: inner, backwards: true))]
    }
  }

  /// 1 where this tensor's entry is above `other`'s, else 0, broadcast; no gradient.
  public func greater(than other: Tensor) -> Tensor { (self - other).detached().mapped { $0 > 0 ? 1 : 0 } }

  /// 1 where the entries are equal, else 0, broadcast to this shape; no gradient.
  public func equals(_ other: Tensor) -> Tensor {
    guard let plan = Broadcast(shape, other.shape), plan.shape == shape else {
      shapeFailure("equals: \(shape) and \(other.shape)")
    }
    return with(Kernels.equal(scalars, other.scalars, plan))
  }

  /// A function of every entry; no gradient. For small tensors: it calls `function` once an entry.
  public func mapped(_ function: (Float) -> Float) -> Tensor { with(scalars.map(function)) }
}

extension Tensor {
  /// This gradient summed over the axes along which an operand of `target` was repeated.
  func summed(to target: [Int]) -> Tensor {
    if shape == target { return self }
    guard let plan = Broadcast(shape, target), plan.shape == shape else {
      shapeFailure("summed: \(shape) and \(target)")
    }
    return Tensor(Kernels.sum(scalars, plan, count: Tensor.count(of: target)), shape: target)
  }

  /// This shape with length 1 along `axes`.
  private func shapeKeeping(_ axes: [Int], _ operation: String) -> [Int] {
    var kept = shape
    for axis in axes { kept[checkedAxis(axis, operation)] = 1 }
    return kept
  }

  private func reduction(to kept: [Int]) -> Broadcast {
    guard let plan = Broadcast(shape, kept) else { shapeFailure("reduction: \(shape) and \(kept)") }
    return plan
  }

  private func removing(_ axes: [Int], of operand: Tensor) -> Tensor {
    if axes.isEmpty { return self }
    let gone = Set(axes.map { operand.checkedAxis($0, "sum") })
    return reshaped((0..<rank).filter { !gone.contains($0) }.map { shape[$0] })
  }

  /// An axis counted from the front.
  func checkedAxis(_ axis: Int, _ operation: String) -> Int {
    let counted = axis < 0 ? axis + rank : axis
    requireShape(counted >= 0 && counted < rank, "\(operation): axis \(axis) of a tensor of shape \(shape)")
    return counted
  }
}
