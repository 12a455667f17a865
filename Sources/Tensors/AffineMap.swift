extension Tensor {
  /// x·Wᵀ + b along the last axis, in one operation: the bias is added where the product lies.
  ///
  /// - Parameters:
  ///   - weights: W, `[outputs, inputs]`; self is `[…, inputs]` with at least two axes.
  ///   - bias: b, `[outputs]`.
  /// - Returns: `[…, outputs]`.
  public func affine(_ weights: Tensor, bias: Tensor) -> Tensor {
    requireShape(
      rank >= 2 && weights.rank == 2 && shape[rank - 1] == weights.shape[1] && bias.shape == [weights.shape[0]],
      "affine: \(shape), weights \(weights.shape) and bias \(bias.shape)")
    let (outputs, inputs) = (weights.shape[0], weights.shape[1])
    let rows = Tensor.count(of: Array(shape.dropLast()))
    var product = Kernels.product(
      scalars, weights.scalars, rows: rows, columns: outputs, depth: inputs, transposedB: true)
    Kernels.addRow(bias.scalars, to: &product)
    return Tensor(product, shape: shape.dropLast() + [outputs])
      .recording([self, weights, bias]) { [x = detached(), weights = weights.detached()] g, wanted in
        [
          wanted[0]
            ? x.with(Kernels.product(g.scalars, weights.scalars, rows: rows, columns: inputs, depth: outputs)) : nil,
          wanted[1]
            ? weights.with(
              Kernels.product(g.scalars, x.scalars, rows: outputs, columns: inputs, depth: rows, transposedA: true))
            : nil,
          wanted[2] ? Tensor(Kernels.columnSums(g.scalars, width: outputs)) : nil,
        ]
      }
  }
}

extension Kernels {
  /// Adds a row to every row of a matrix.
  fileprivate static func addRow(_ row: [Float], to matrix: inout [Float]) {
    let width = row.count
    guard width > 0 else { return }
    let rows = matrix.count / width
    let rowsPerPiece = Swift.max(1, (1 << 15) / width)
    matrix.withUnsafeMutableBufferPointer { matrix in
      row.withUnsafeBufferPointer { row in
        guard let matrix = matrix.baseAddress, let row = row.baseAddress else { return }
        Threads.forEach((rows + rowsPerPiece - 1) / rowsPerPiece, work: rows * width) { piece in
          for i in piece * rowsPerPiece..<Swift.min((piece + 1) * rowsPerPiece, rows) {
            addScaled(1, row, to: matrix + i * width, count: width)
          }
        }
      }
    }
  }
}
