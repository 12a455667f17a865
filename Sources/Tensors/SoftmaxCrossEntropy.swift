extension Tensor {
  /// The cross-entropy of softmax(self) against labels, in one pass over the rows, which leaves the gradient behind.
  ///
  /// With label smoothing ε over C classes of weights w, row i of weight r has the loss
  /// r·((1 − ε)·w[y]·(−log p[y]) + ε/C · Σ w[c]·(−log p[c])), and the mean is over r·w[y], as in PyTorch.
  ///
  /// Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, section 7.
  ///
  /// - Parameters:
  ///   - labels: one for each row, in 0..<C; self is `[rows, C]`.
  ///   - weights: what each row counts; 0 leaves it out. Nil: every row counts 1.
  ///   - classWeights: what each class counts, C numbers; nil: every class counts 1.
  ///   - smoothing: ε in 0..<1.
  /// - Returns: one number; 0 if nothing counts.
  package func softmaxCrossEntropy(
    _ labels: [Int], weights: [Float]?, classWeights: [Float]?, smoothing: Float
  ) -> Tensor {
    requireShape(rank == 2 && labels.count == shape[0], "softmaxCrossEntropy: \(shape) and \(labels.count) labels")
    let (rows, classes) = (shape[0], shape[1])
    for label in labels {
      requireShape(label >= 0 && label < classes, "softmaxCrossEntropy: label \(label) and \(classes) classes")
    }
    requireShape(
      weights.map { $0.count == rows } ?? true, "softmaxCrossEntropy: \(shape) and \(weights?.count ?? 0) weights")
    requireShape(
      classWeights.map { $0.count == classes } ?? true,
      "softmaxCrossEntropy: \(shape) and \(classWeights?.count ?? 0) class weights")
    let (loss, slope) = Kernels.softmaxCrossEntropy(
      scalars, labels, rows: weights ?? [Float](repeating: 1, count: rows),
      classes: classWeights ?? [Float](repeating: 1, count: classes), smoothing: smoothing)
    return Tensor(loss).recording([self]) { [shape] g, _ in
      let slope = Tensor(slope, shape: shape)
      return [g.scalar == 1 ? slope : slope * g.scalar]
    }
  }
}

extension Kernels {
  /// The loss, and its gradient.
  fileprivate static func softmaxCrossEntropy(
    _ x: [Float], _ labels: [Int], rows rowWeights: [Float], classes classWeights: [Float], smoothing: Float
  ) -> (loss: Float, slope: [Float]) {
    let (rows, width) = (labels.count, classWeights.count)
    var total: Double = 0
    for row in 0..<rows { total += Double(rowWeights[row] * classWeights[labels[row]]) }
    let share = total == 0 ? 1 : Float(1 / total)
    let hard = 1 - smoothing
    let soft = smoothing / Float(Swift.max(width, 1))
    let evenly = soft * classWeights.reduce(0, +)
    let rowsPerPiece = 32
    let made = making([rows * width, rows], cleared: false) { into in
      reading([x, rowWeights, classWeights]) { read in
        Threads.forEach((rows + rowsPerPiece - 1) / rowsPerPiece, work: rows * width * 12) { piece in
          for row in piece * rowsPerPiece..<Swift.min((piece + 1) * rowsPerPiece, rows) {
            let (logits, slope) = (read[0] + row * width, into[0] + row * width)
            if read[1][row] == 0 {
              slope.update(repeating: 0, count: width)
              into[1][row] = 0
              continue
            }
            slope.update(from: logits, count: width)
            let normalizer = softmaxRow(slope, count: width)
            let weight = read[1][row] * share
            let sharp = hard * read[2][labels[row]]
            var loss = sharp * (normalizer - logits[labels[row]])
            if smoothing > 0 {
              for c in 0..<width { loss += soft * read[2][c] * (normalizer - logits[c]) }
            }
            into[1][row] = weight * loss
            // d/dx[c] of Σ a[k]·(log Σ exp x − x[k]) is p[c]·Σ a − a[c].
            scale(slope, by: weight * (sharp + evenly), count: width)
            if smoothing > 0 { addScaled(-weight * soft, read[2], to: slope, count: width) }
            slope[labels[row]] -= weight * sharp
          }
        }
      }
    }
    var loss: Double = 0
    for part in made[1] { loss += Double(part) }
    return (Float(loss), made[0])
  }
}
