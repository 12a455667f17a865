/// The inner loops of the optimizers: each changes a parameter in place from its gradient.
///
/// They are plain loops over numbers: the compiler makes vectors of them, with the square root and the quotient of
/// sixteen numbers in one instruction each.
package enum Updates {

  // MARK: Stochastic gradient descent

  /// Stochastic gradient descent. `velocity` is empty without momentum.
  package static func sgd(
    _ parameter: inout [Float], gradient: [Float], velocity: inout [Float], rate: Float, momentum: Float,
    nesterov: Bool, decay: Float
  ) {
    let count = parameter.count
    let hasMomentum = !velocity.isEmpty
    parameter.withUnsafeMutableBufferPointer { p in
      velocity.withUnsafeMutableBufferPointer { v in
        gradient.withUnsafeBufferPointer { g in
          guard let p = p.baseAddress, let g = g.baseAddress else { return }
          guard hasMomentum, let v = v.baseAddress else {
            for i in 0..<count { p[i] -= rate * (g[i] + decay * p[i]) }
            return
          }
          for i in 0..<count {
            let slope = g[i] + decay * p[i]
            v[i] = momentum * v[i] + slope
            p[i] -= rate * (nesterov ? slope + momentum * v[i] : v[i])
          }
        }
      }
    }
  }

  /// Stochastic gradient descent without momentum and decay: rows without a gradient stay where they are.
  package static func sgd(_ parameter: inout [Float], gradient: SparseRows, rate: Float) {
    let width = gradient.width
    parameter.withUnsafeMutableBufferPointer { p in
      gradient.values.scalars.withUnsafeBufferPointer { g in
        guard let p = p.baseAddress, let g = g.baseAddress else { return }
        for (place, row) in gradient.rows.enumerated() {
          let (p, g) = (p + row * width, g + place * width)
          for i in 0..<width { p[i] -= rate * g[i] }
        }
      }
    }
  }

  // MARK: Adam

  /// The numbers in Adam's rule, the same for all entries of a tensor in one step.
  package struct AdamRule: Sendable {
    /// The step size over 1 − β₁ᵗ.
    package var rate: Float
    /// How long the mean of the gradient remembers.
    package var beta1: Float
    /// How long the mean of its square remembers.
    package var beta2: Float
    /// Added to the root of the mean square.
    package var epsilon: Float
    /// 1 / √(1 − β₂ᵗ).
    package var rootCorrection: Float
    /// Multiplies the parameter before the step: decoupled decay.
    package var shrink: Float
    /// Times the parameter, added to the gradient.
    package var decay: Float

    /// A rule.
    package init(
      rate: Float, beta1: Float, beta2: Float, epsilon: Float, rootCorrection: Float, shrink: Float, decay: Float
    ) {
      self.rate = rate
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.rootCorrection = rootCorrection
      self.shrink = shrink
      self.decay = decay
    }

    /// Whether an entry that never had a gradient, so that both its means are 0, stays as it is, to the bit.
    package var leavesRestAlone: Bool {
      shrink == 1 && decay == 0 && epsilon > 0 && rate >= 0 && rate.isFinite
    }
  }

  /// Adam.
  package static func adam(
    _ parameter: inout [Float], gradient: [Float], mean: inout [Float], square: inout [Float], rule: AdamRule
  ) {
    let count = parameter.count
    let pieceLength = 1 << 15
    lend(&parameter, &mean, &square, gradient) { p, m, v, g in
      Threads.forEach((count + pieceLength - 1) / pieceLength, work: count * 16) { piece in
        let start = piece * pieceLength
        adam(p + start, m + start, v + start, g + start, count: Swift.min(pieceLength, count - start), rule)
      }
    }
  }

  /// Adam with a gradient of which few rows are there; the others count as zeros.
  ///
  /// The result has the bits of the dense rule: a row without a gradient moves on by its means. Only rows that are still
  /// asleep, whose means are 0, are passed over. What a step costs is what was ever looked up, not the table.
  ///
  /// - Parameters:
  ///   - parameter: the numbers to change.
  ///   - gradient: of the same shape.
  ///   - mean: Adam's first moment.
  ///   - square: Adam's second moment.
  ///   - awake: whether each row had a gradient before; those of this gradient wake up.
  ///   - rule: for which `leavesRestAlone`, or all rows are awake.
  package static func adam(
    _ parameter: inout [Float], gradient: SparseRows, mean: inout [Float], square: inout [Float],
    awake: inout [Bool], rule: AdamRule
  ) {
    let (rows, width) = (gradient.shape[0], gradient.width)
    var places = [Int](repeating: -1, count: rows)
    for (place, row) in gradient.rows.enumerated() {
      places[row] = place
      awake[row] = true
    }
    let (nothing, isAwake) = ([Float](repeating: 0, count: width), awake)
    let rowsPerPiece = Swift.max(1, (1 << 15) / Swift.max(width, 1))
    let slopes = gradient.rows.isEmpty ? nothing : gradient.values.scalars
    lend(&parameter, &mean, &square, slopes) { p, m, v, g in
      nothing.withUnsafeBufferPointer { nothing in
        guard let nothing = nothing.baseAddress else { return }
        Threads.forEach((rows + rowsPerPiece - 1) / rowsPerPiece, work: rows * width * 16) { piece in
          for row in piece * rowsPerPiece..<Swift.min((piece + 1) * rowsPerPiece, rows) where isAwake[row] {
            let start = row * width
            let slope = places[row] < 0 ? nothing : g + places[row] * width
            adam(p + start, m + start, v + start, slope, count: width, rule)
          }
        }
      }
    }
  }

  private static func adam(
    _ p: UnsafeMutablePointer<Float>, _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
    _ g: UnsafePointer<Float>, count: Int, _ rule: AdamRule
  ) {
    for i in 0..<count {
      let slope = g[i] + rule.decay * p[i]
      let first = rule.beta1 * m[i] + (1 - rule.beta1) * slope
      let second = rule.beta2 * v[i] + (1 - rule.beta2) * slope * slope
      m[i] = first
      v[i] = second
      p[i] = p[i] * rule.shrink - rule.rate * first / (second.squareRoot() * rule.rootCorrection + rule.epsilon)
    }
  }

  private static func lend(
    _ parameter: inout [Float], _ mean: inout [Float], _ square: inout [Float], _ gradient: [Float],
    _ body: (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafePointer<Float>
    ) -> Void
  ) {
    parameter.withUnsafeMutableBufferPointer { p in
      mean.withUnsafeMutableBufferPointer { m in
        square.withUnsafeMutableBufferPointer { v in
          gradient.withUnsafeBufferPointer { g in
            guard let p = p.baseAddress, let m = m.baseAddress, let v = v.baseAddress, let g = g.baseAddress
            else { return }
            body(p, m, v, g)
          }
        }
      }
    }
  }

  // MARK: RMSProp

  /// RMSProp.
  package static func rmsProp(
    _ parameter: inout [Float], gradient: [Float], square: inout [Float], rate: Float, smoothing: Float,
    epsilon: Float, decay: Float
  ) {
    let count = parameter.count
    parameter.withUnsafeMutableBufferPointer { p in
      square.withUnsafeMutableBufferPointer { v in
        gradient.withUnsafeBufferPointer { g in
          guard let p = p.baseAddress, let v = v.baseAddress, let g = g.baseAddress else { return }
          for i in 0..<count {
            let slope = g[i] + decay * p[i]
            v[i] = smoothing * v[i] + (1 - smoothing) * slope * slope
            p[i] -= rate * slope / (v[i].squareRoot() + epsilon)
          }
        }
      }
    }
  }

  /// Σ x², gathered in Double.
  package static func sumOfSquares(_ x: [Float]) -> Double { Kernels.sumOfSquares(x) }
}
