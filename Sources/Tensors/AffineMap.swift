extension Tensor {
  /// x·Wᵀ + b along the last axis, in one operation: the bias is added, and the activation applied, where the product
  /// lies.
  ///
  /// - Parameters:
  ///   - weights: W, `[outputs, inputs]`; self is `[…, inputs]` with at least two axes.
  ///   - bias: b, `[outputs]`.
  ///   - activation: what is applied to the sum.
  /// - Returns: `[…, outputs]`.
  public func affine(_ weights: Tensor, bias: Tensor, activation: FusedActivation = .identity) -> Tensor {
    requireFusible(activation, "affine")
    requireShape(
      rank >= 2 && weights.rank == 2 && shape[rank - 1] == weights.shape[1] && bias.shape == [weights.shape[0]],
      "affine: \(shape), weights \(weights.shape) and bias \(bias.shape)")
    let (outputs, inputs) = (weights.shape[0], weights.shape[1])
    let rows = Tensor.count(of: Array(shape.dropLast()))
    var product = Kernels.product(
      scalars, weights.scalars, rows: rows, columns: outputs, depth: inputs, transposedB: true)
    Kernels.addRow(bias.scalars, activation, to: &product)
    let result = Tensor(product, shape: shape.dropLast() + [outputs])
    // The result tells where the activation lets the gradient through; without one it need not be kept.
    let y = activation == .identity ? [] : product
    return result.recording([self, weights, bias]) { [x = detached(), weights = weights.detached()] g, wanted in
      let g = activation.gradient(g.scalars, at: y)
      return [
        wanted[0] ? x.with(Kernels.product(g, weights.scalars, rows: rows, columns: inputs, depth: outputs)) : nil,
        wanted[1]
          ? weights.with(Kernels.product(g, x.scalars, rows: outputs, columns: inputs, depth: rows, transposedA: true))
          : nil,
        wanted[2] ? Tensor(Kernels.columnSums(g, width: outputs)) : nil,
      ]
    }
  }
}

extension Kernels {
  /// Adds a row to every row of a matrix, then applies the activation.
  fileprivate static func addRow(_ row: [Float], _ activation: FusedActivation, to matrix: inout [Float]) {
    let width = row.count
    guard width > 0 else { return }
    let rows = matrix.count / width
    let rowsPerPiece = Swift.max(1, (1 << 15) / width)
    matrix.withUnsafeMutableBufferPointer { matrix in
      row.withUnsafeBufferPointer { row in
        guard let matrix = matrix.baseAddress, let row = row.baseAddress else { return }
        Threads.forEach((rows + rowsPerPiece - 1) / rowsPerPiece, work: rows * width) { piece in
          for i in piece * rowsPerPiece..<Swift.min((piece + 1) * rowsPerPiece, rows) {
            switch activation {
            case .identity: addScaled(1, row, to: matrix + i * width, count: width)
            case .relu: addRow(row, slope: 0, to: matrix + i * width, count: width)
            case .leakyRelu(let slope): addRow(row, slope: slope, to: matrix + i * width, count: width)
            }
          }
        }
      }
    }
  }

  /// Adds a row; a slope of 0 is the plain ReLU's.
  private static func addRow(
    _ row: UnsafePointer<Float>, slope: Float, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    var i = 0
    while i + 16 <= count {
      let sum =
        UnsafeRawPointer(target + i).loadUnaligned(as: Vector.self)
        + UnsafeRawPointer(row + i).loadUnaligned(as: Vector.self)
      // −∞ · 0 would be NaN.
      let below = slope == 0 ? Vector.zero : sum * slope
      UnsafeMutableRawPointer(target + i).storeBytes(of: sum.replacing(with: below, where: sum .< 0), as: Vector.self)
      i += 16
    }
    while i < count {
      let sum = target[i] + row[i]
      target[i] = sum < 0 ? (slope == 0 ? 0 : sum * slope) : sum
      i += 1
    }
  }
}
