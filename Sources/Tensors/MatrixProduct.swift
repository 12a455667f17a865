extension Tensor {
  /// The matrix product.
  ///
  ///     Tensor(rows: [[1, 2], [3, 4]]).matmul(Tensor(rows: [[1], [1]])).scalars  // [3, 7]
  ///
  /// | self | other | result |
  /// | --- | --- | --- |
  /// | `[M, K]` | `[K, N]` | `[M, N]` |
  /// | `[M, K]` | `[K]` | `[M]` |
  /// | `[B, M, K]` | `[B, K, N]` | `[B, M, N]` |
  /// | `[…, M, K]` | `[K, N]` | `[…, M, N]`, one matrix for the whole batch |
  ///
  /// - Parameters:
  ///   - other: the right operand.
  ///   - transposingFirst: uses this tensor's matrices transposed, `[…, K, M]`, without copying them.
  ///   - transposingSecond: uses `other`'s matrices transposed, `[…, N, K]`, without copying them.
  /// - Returns: the product, of the table's shape.
  public func matmul(_ other: Tensor, transposingFirst: Bool = false, transposingSecond: Bool = false) -> Tensor {
    let (a, b) = (self, other)
    func fits(_ ok: Bool) {
      requireShape(ok, "matmul: \(a.description(transposingFirst)) and \(b.description(transposingSecond))")
    }
    fits(a.rank >= 2)
    if b.rank == 1 && a.rank == 2 {
      return a.matmul(b.reshaped([b.count, 1]), transposingFirst: transposingFirst).reshaped([-1])
    }
    fits(b.rank == 2 || (b.rank == a.rank && b.shape.dropLast(2) == a.shape.dropLast(2)))
    if a.rank > 2 && b.rank == 2 && !transposingFirst {
      // One product of all rows.
      let rows = Array(a.shape.dropLast())
      let product = a.reshaped([Tensor.count(of: rows), a.shape[a.rank - 1]])
        .matmul(b, transposingSecond: transposingSecond)
      return product.reshaped(rows + [product.shape[1]])
    }
    fits(a.rank == b.rank)
    let (rows, depth) = a.lastTwo(transposed: transposingFirst)
    let (depthB, columns) = b.lastTwo(transposed: transposingSecond)
    fits(depth == depthB)
    let leading = Array(a.shape.dropLast(2))
    let product = Kernels.product(
      a.scalars, b.scalars, batch: Tensor.count(of: leading), rows: rows, columns: columns, depth: depth,
      transposedA: transposingFirst, transposedB: transposingSecond)
    return Tensor(product, shape: leading + [rows, columns])
      .recording([a, b]) { [a = a.detached(), b = b.detached()] g, wanted in
        // C = A·B: dA = dC·Bᵀ and dB = Aᵀ·dC; where an operand was transposed its gradient is too.
        var (toA, toB): (Tensor?, Tensor?)
        if wanted[0] {
          toA =
            transposingFirst
            ? b.matmul(g, transposingFirst: transposingSecond, transposingSecond: true)
            : g.matmul(b, transposingSecond: !transposingSecond)
        }
        if wanted[1] {
          toB =
            transposingSecond
            ? g.matmul(a, transposingFirst: true, transposingSecond: transposingFirst)
            : a.matmul(g, transposingFirst: !transposingFirst)
        }
        return [toA, toB]
      }
  }

  private func lastTwo(transposed: Bool) -> (Int, Int) {
    let (x, y) = (shape[rank - 2], shape[rank - 1])
    return transposed ? (y, x) : (x, y)
  }

  private func description(_ transposed: Bool) -> String { transposed ? "\(shape) transposed" : "\(shape)" }
}
