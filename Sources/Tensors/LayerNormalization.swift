extension Tensor {
  /// Each row with mean 0 and variance 1, then scaled and shifted; a row is the last axis. The backward pass is written
  /// by hand.
  ///
  /// Ba, Kiros & Hinton, "Layer normalization", arXiv:1607.06450.
  ///
  /// - Parameters:
  ///   - scale: `[D]`, D the length of the last axis.
  ///   - shift: `[D]`.
  ///   - epsilon: added to the biased variance.
  /// - Returns: the shape of self.
  public func layerNormalized(scale: Tensor, shift: Tensor, epsilon: Float = 1e-5) -> Tensor {
    requireShape(
      rank >= 1 && scale.shape == [shape[rank - 1]] && shift.shape == scale.shape,
      "layerNormalized: \(shape) and scale \(scale.shape), shift \(shift.shape)")
    let width = shape[rank - 1]
    let trace = Kernels.layerNormalized(
      scalars, scale: scale.scalars, shift: shift.scalars, epsilon: epsilon, width: width)
    return with(trace.result).recording([self, scale, shift]) { [scale = scale.detached()] g, _ in
      let made = Kernels.layerNormalizedGradients(
        g.scalars, normal: trace.normal, inverses: trace.inverses, scale: scale.scalars, width: width)
      return [g.with(made.input), scale.with(made.scale), scale.with(made.shift)]
    }
  }
}

extension Kernels {
  /// How many rows a piece of work has.
  private static let rowsPerPiece = 64

  fileprivate static func layerNormalized(
    _ x: [Float], scale: [Float], shift: [Float], epsilon: Float, width: Int
  ) -> (result: [Float], normal: [Float], inverses: [Float]) {
    let rows = width == 0 ? 0 : x.count / width
    let made = making([x.count, x.count, rows], cleared: false) { into in
      reading([x, scale, shift]) { read in
        Threads.forEach((rows + rowsPerPiece - 1) / rowsPerPiece, work: x.count * 8) { piece in
          for row in piece * rowsPerPiece..<Swift.min((piece + 1) * rowsPerPiece, rows) {
            into[2][row] = normalizeRow(
              read[0] + row * width, scale: read[1], shift: read[2], epsilon: epsilon, normal: into[1] + row * width,
              result: into[0] + row * width, count: width)
          }
        }
      }
    }
    return (made[0], made[1], made[2])
  }

  fileprivate static func layerNormalizedGradients(
    _ g: [Float], normal: [Float], inverses: [Float], scale: [Float], width: Int
  ) -> (input: [Float], scale: [Float], shift: [Float]) {
    let rows = inverses.count
    let pieces = (rows + rowsPerPiece - 1) / rowsPerPiece
    // Each piece has sums of its own, added in order afterwards.
    let made = making([g.count, pieces * width, pieces * width]) { into in
      reading([g, normal, inverses, scale]) { read in
        Threads.forEach(pieces, work: g.count * 8) { piece in
          for row in piece * rowsPerPiece..<Swift.min((piece + 1) * rowsPerPiece, rows) {
            normalizeRowBackward(
              read[0] + row * width, normal: read[1] + row * width, scale: read[3], inverse: read[2][row],
              input: into[0] + row * width, scaleGradient: into[1] + piece * width,
              shiftGradient: into[2] + piece * width, count: width)
          }
        }
      }
    }
    return (made[0], columnSums(made[1], width: width), columnSums(made[2], width: width))
  }
}
