extension CSRMatrix {
  /// Each row's mean of its neighbours' features, weighted by softmax(LeakyReLU(target score + source score)) over the
  /// row's entries, in each head by itself. The backward pass is written by hand.
  ///
  /// Veličković et al., "Graph attention networks", ICLR 2018, eq. 3 to 5. Only the places of the matrix's entries count,
  /// not their values; a row without entries gets zeros.
  ///
  /// V rows, U columns, H heads, F features a head.
  ///
  /// - Parameters:
  ///   - features: of the columns, `[U, H·F]`, head after head.
  ///   - sourceScores: of the columns, `[U, H]`.
  ///   - targetScores: of the rows, `[V, H]`.
  ///   - slope: of the leaky ReLU where it is negative.
  /// - Returns: `[V, H·F]`.
  public func attention(features: Tensor, sourceScores: Tensor, targetScores: Tensor, slope: Float = 0.2) -> Tensor {
    let heads = sourceScores.shape.last ?? 0
    requireShape(
      features.rank == 2 && features.shape[0] == columns && sourceScores.shape == [columns, heads]
        && targetScores.shape == [rows, heads] && heads > 0 && features.shape[1] % heads == 0,
      "CSRMatrix.attention: [\(rows), \(columns)], features \(features.shape), scores \(sourceScores.shape) and "
        + "\(targetScores.shape)")
    let operands = [features, sourceScores, targetScores]
    let plain = operands.map { $0.detached() }
    let scalars = plain.map(\.scalars)
    let (result, weights) = Kernels.graphAttention(self, scalars, heads: heads, slope: slope)
    return Tensor(result, shape: [rows, features.shape[1]]).recording(operands) { g, _ in
      let made = Kernels.graphAttentionGradients(self, g.scalars, weights, scalars, heads: heads, slope: slope)
      return zip(plain, made).map { $0.with($1) }
    }
  }
}

extension Kernels {
  /// The result, and the weights: for each row, its heads one after the other, a number for each entry.
  fileprivate static func graphAttention(
    _ graph: CSRMatrix, _ operands: [[Float]], heads: Int, slope: Float
  ) -> (result: [Float], weights: [Float]) {
    let width = graph.columns == 0 ? 0 : operands[0].count / graph.columns
    let features = width / heads
    let rowsPerPiece = 64
    let made = making([graph.rows * width, graph.values.count * heads]) { into in
      reading(operands) { read in
        Threads.forEach((graph.rows + rowsPerPiece - 1) / rowsPerPiece, work: graph.values.count * (width + 16 * heads))
        {
          piece in
          for row in piece * rowsPerPiece..<Swift.min((piece + 1) * rowsPerPiece, graph.rows) {
            let (start, degree) = (graph.rowStarts[row], graph.rowStarts[row + 1] - graph.rowStarts[row])
            for head in 0..<heads {
              let weights = into[1] + start * heads + head * degree
              for i in 0..<degree {
                let score = read[2][row * heads + head] + read[1][graph.columnIndices[start + i] * heads + head]
                weights[i] = score < 0 ? score * slope : score
              }
              softmaxRow(weights, count: degree)
              for i in 0..<degree {
                addScaled(
                  weights[i], read[0] + graph.columnIndices[start + i] * width + head * features,
                  to: into[0] + row * width + head * features, count: features)
              }
            }
          }
        }
      }
    }
    return (made[0], made[1])
  }

  /// The gradients of features, source scores and target scores.
  fileprivate static func graphAttentionGradients(
    _ graph: CSRMatrix, _ g: [Float], _ weights: [Float], _ operands: [[Float]], heads: Int, slope: Float
  ) -> [[Float]] {
    let width = graph.columns == 0 ? 0 : operands[0].count / graph.columns
    let features = width / heads
    return making(operands.map(\.count)) { into in
      reading(operands + [g, weights]) { read in
        // Rows share columns, so this runs on one thread.
        for row in 0..<graph.rows {
          let (start, degree) = (graph.rowStarts[row], graph.rowStarts[row + 1] - graph.rowStarts[row])
          let slopes = scratch(degree)
          for head in 0..<heads {
            let upstream = read[3] + row * width + head * features
            let weights = read[4] + start * heads + head * degree
            for i in 0..<degree {
              let place = graph.columnIndices[start + i] * width + head * features
              slopes[i] = dot(upstream, read[0] + place, features)
              addScaled(weights[i], upstream, to: into[0] + place, count: features)
            }
            softmaxRowBackward(slopes, at: weights, count: degree)
            for i in 0..<degree {
              let source = graph.columnIndices[start + i] * heads + head
              let isNegative = read[2][row * heads + head] + read[1][source] < 0
              let change = isNegative ? slopes[i] * slope : slopes[i]
              into[1][source] += change
              into[2][row * heads + head] += change
            }
          }
          slopes.deallocate()
        }
      }
    }
  }
}
