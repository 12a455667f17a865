// Parts of tensors, and tensors put together from parts.

extension Tensor {

  // MARK: Slices

  /// The entries `range` along one axis.
  public func sliced(_ range: Range<Int>, axis: Int = 0) -> Tensor {
    let axis = checkedAxis(axis, "sliced")
    requireShape(
      range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "sliced: range \(range) along axis \(axis) of a tensor of shape \(shape)")
    if range.count == shape[axis] { return self }
    var target = shape
    target[axis] = range.count
    let inner = Tensor.count(of: Array(shape[(axis + 1)...]))
    let outer = Tensor.count(of: Array(shape[..<axis]))
    let (whole, part) = (shape[axis] * inner, range.count * inner)
    var result = [Float](repeating: 0, count: outer * part)
    Kernels.copyBlocks(
      scalars, from: range.lowerBound * inner, step: whole, into: &result, at: 0, step: part, length: part, count: outer
    )
    return Tensor(result, shape: target).recording([self]) { [shape] upstream, _ in
      var gradient = Tensor.zeros(shape)
      Kernels.copyBlocks(
        upstream.scalars, from: 0, step: part, into: &gradient.scalars, at: range.lowerBound * inner, step: whole,
        length: part, count: outer)
      return [gradient]
    }
  }

  /// Entry `index` along one axis, without that axis: `x.selected(t, axis: 1)` is step `t` of `[N, L, D]`.
  public func selected(_ index: Int, axis: Int = 0) -> Tensor {
    let axis = checkedAxis(axis, "selected")
    requireShape(
      index >= 0 && index < shape[axis], "selected: index \(index) along axis \(axis) of a tensor of shape \(shape)")
    return sliced(index..<index + 1, axis: axis).removingAxis(axis)
  }

  /// The tensor cut into parts of the given lengths along one axis.
  public func split(_ lengths: [Int], axis: Int = 0) -> [Tensor] {
    let axis = checkedAxis(axis, "split")
    requireShape(lengths.reduce(0, +) == shape[axis], "split: \(shape) along axis \(axis) and lengths \(lengths)")
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return sliced(start..<start + length, axis: axis)
    }
  }

  // MARK: Joining

  /// Tensors one after the other along one axis.
  public static func concatenated(_ parts: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = parts.first else { shapeFailure("concatenated: no tensors") }
    if parts.count == 1 { return first }
    let axis = first.checkedAxis(axis, "concatenated")
    var target = first.shape
    target[axis] = 0
    for part in parts {
      var other = part.shape
      if other.count == first.rank { other[axis] = first.shape[axis] }
      requireShape(other == first.shape, "concatenated: \(first.shape) and \(part.shape) along axis \(axis)")
      target[axis] += part.shape[axis]
    }
    let inner = count(of: Array(target[(axis + 1)...]))
    let outer = count(of: Array(target[..<axis]))
    let whole = target[axis] * inner
    var result = [Float](repeating: 0, count: outer * whole)
    var start = 0
    for part in parts {
      let length = part.shape[axis] * inner
      Kernels.copyBlocks(
        part.scalars, from: 0, step: length, into: &result, at: start, step: whole, length: length, count: outer)
      start += length
    }
    let lengths = parts.map { $0.shape[axis] }
    return Tensor(result, shape: target).recording(parts) { upstream, _ in upstream.split(lengths, axis: axis) }
  }

  /// Tensors of one shape along a new axis.
  public static func stacked(_ parts: [Tensor], axis: Int = 0) -> Tensor {
    for part in parts {
      requireShape(part.shape == parts[0].shape, "stacked: \(parts[0].shape) and \(part.shape)")
    }
    return concatenated(parts.map { $0.insertingAxis(at: axis) }, axis: axis)
  }

  /// Zeros, or another number, before and after along one axis; no gradient leaves them.
  public func padded(before: Int, after: Int, axis: Int, with number: Float = 0) -> Tensor {
    let axis = checkedAxis(axis, "padded")
    requireShape(before >= 0 && after >= 0, "padded: \(shape) and the padding \(before), \(after)")
    func filled(_ length: Int) -> Tensor {
      var shape = shape
      shape[axis] = length
      return Tensor(repeating: number, shape: shape)
    }
    return Tensor.concatenated([filled(before), self, filled(after)], axis: axis)
  }

  // MARK: Rows

  /// The rows with the given numbers, in their order; a row may come more than once. A row is a step along axis 0.
  ///
  /// On a table `[V, D]` this is the embedding look-up: the result is `[indices.count, D]`. Its gradient is as large as
  /// the table with `gradients(of:)`, and as large as the result with `sparseGradients(of:)`.
  public func rows(_ indices: [Int]) -> Tensor {
    requireShape(rank >= 1, "rows: a tensor of shape \(shape) has no rows")
    let width = shape[0] == 0 ? 0 : count / shape[0]
    for index in indices {
      requireShape(index >= 0 && index < shape[0], "rows: row \(index) of a tensor of shape \(shape)")
    }
    let target = [indices.count] + shape.dropFirst()
    return Tensor(Kernels.rows(scalars, indices, width: width), shape: target)
      .recordingLookup(of: self, indices) { [shape] upstream in
        var gradient = Tensor.zeros(shape)
        Kernels.addRows(upstream.scalars, indices, width: width, into: &gradient.scalars)
        return gradient
      }
  }

  /// This tensor with rows added to some of its own (scatter-add): `result[indices[i]] += rows[i]`.
  ///
  /// Several rows may go to one place; they are added in their order, so that the result has the same bits every time.
  ///
  /// - Parameters:
  ///   - rows: `[indices.count, …]`, its other axes those of this tensor.
  ///   - indices: which row of this tensor each is added to.
  /// - Returns: this tensor's shape.
  public func addingRows(_ rows: Tensor, at indices: [Int]) -> Tensor {
    requireShape(
      rank >= 1 && rows.shape == [indices.count] + shape.dropFirst(),
      "addingRows: \(shape) and \(rows.shape) at \(indices.count) indices")
    for index in indices {
      requireShape(index >= 0 && index < shape[0], "addingRows: row \(index) of a tensor of shape \(shape)")
    }
    let width = Tensor.count(of: Array(shape.dropFirst()))
    var result = scalars
    Kernels.addRows(rows.scalars, indices, width: width, into: &result)
    return Tensor(result, shape: shape).recording([self, rows]) { upstream, wanted in
      [wanted[0] ? upstream : nil, wanted[1] ? upstream.rows(indices) : nil]
    }
  }

  /// From each row of a matrix, the entry in the column that belongs to the row: `result[i] = self[i, columns[i]]`.
  public func picking(columns: [Int]) -> Tensor {
    requireShape(rank == 2 && columns.count == shape[0], "picking: \(shape) and \(columns.count) columns")
    let width = shape[1]
    for column in columns {
      requireShape(column >= 0 && column < width, "picking: column \(column) of a tensor of shape \(shape)")
    }
    let flat = columns.enumerated().map { $0.offset * width + $0.element }
    return reshaped([count]).rows(flat)
  }

  /// A row for each label: 1 in the label's column, 0 elsewhere; `[labels.count, classes]`.
  public static func oneHot(_ labels: [Int], classes: Int) -> Tensor {
    var result = [Float](repeating: 0, count: labels.count * classes)
    for (row, label) in labels.enumerated() {
      requireShape(label >= 0 && label < classes, "oneHot: label \(label) and \(classes) classes")
      result[row * classes + label] = 1
    }
    return Tensor(result, shape: [labels.count, classes])
  }
}
