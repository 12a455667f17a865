// Elementwise operations. Shapes are broadcast by NumPy's rules: aligned at the last axis, an axis of length 1 repeats.

extension Tensor {

  // MARK: Two tensors

  /// The sum, broadcast.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    let plan = broadcast(a, b, "+")
    return Tensor(Kernels.add(a.scalars, b.scalars, plan), shape: plan.shape)
      .recording([a, b]) { [shapes = (a.shape, b.shape)] upstream, wanted in
        [
          wanted[0] ? upstream.summed(to: shapes.0) : nil,
          wanted[1] ? upstream.summed(to: shapes.1) : nil,
        ]
      }
  }

  /// The difference, broadcast.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    let plan = broadcast(a, b, "-")
    return Tensor(Kernels.subtract(a.scalars, b.scalars, plan), shape: plan.shape)
      .recording([a, b]) { [shapes = (a.shape, b.shape)] upstream, wanted in
        [
          wanted[0] ? upstream.summed(to: shapes.0) : nil,
          wanted[1] ? -upstream.summed(to: shapes.1) : nil,
        ]
      }
  }

  /// The product of the entries, broadcast; for the matrix product see `matmul`.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    let plan = broadcast(a, b, "*")
    return Tensor(Kernels.multiply(a.scalars, b.scalars, plan), shape: plan.shape)
      .recording([a, b]) { [a = a.detached(), b = b.detached()] upstream, wanted in
        [
          wanted[0] ? (upstream * b).summed(to: a.shape) : nil,
          wanted[1] ? (upstream * a).summed(to: b.shape) : nil,
        ]
      }
  }

  /// The quotient, broadcast.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    let plan = broadcast(a, b, "/")
    let quotient = Tensor(Kernels.divide(a.scalars, b.scalars, plan), shape: plan.shape)
    return quotient.recording([a, b]) { [shape = a.shape, b = b.detached()] upstream, wanted in
      let share = upstream / b
      return [
        wanted[0] ? share.summed(to: shape) : nil,
        wanted[1] ? -(share * quotient).summed(to: b.shape) : nil,
      ]
    }
  }

  /// The larger of each pair, broadcast; NaN if either is. On a tie each side takes half of the gradient; where one is
  /// NaN both take all of it, as in PyTorch.
  public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor {
    let plan = broadcast(a, b, "maximum")
    return Tensor(Kernels.maximum(a.scalars, b.scalars, plan), shape: plan.shape)
      .recording([a, b]) { [a = a.detached(), b = b.detached()] upstream, wanted in
        let (wideA, wideB) = (a.broadcast(to: upstream.shape), b.broadcast(to: upstream.shape))
        /// The gradient less what goes to the other side: of NaN nothing goes to either.
        func share(_ other: Tensor, _ own: Tensor) -> Tensor {
          upstream - upstream.with(Kernels.maximumGradient(upstream.scalars, other.scalars, own.scalars))
        }
        return [
          wanted[0] ? share(wideB, wideA).summed(to: a.shape) : nil,
          wanted[1] ? share(wideA, wideB).summed(to: b.shape) : nil,
        ]
      }
  }

  /// The smaller of each pair, broadcast; NaN if either is.
  public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { -maximum(-a, -b) }

  /// Adds in place.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }

  /// Subtracts in place.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }

  /// Multiplies in place, entry by entry.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }

  /// Divides in place, entry by entry.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

  // MARK: A tensor and a number

  /// Adds a number to every entry.
  public static func + (a: Tensor, b: Float) -> Tensor {
    a.with(Kernels.adding(a.scalars, b)).recording([a]) { upstream, _ in [upstream] }
  }

  /// Adds a number to every entry.
  public static func + (a: Float, b: Tensor) -> Tensor { b + a }

  /// Subtracts a number from every entry.
  public static func - (a: Tensor, b: Float) -> Tensor { a + (-b) }

  /// A number minus every entry.
  public static func - (a: Float, b: Tensor) -> Tensor {
    b.with(Kernels.affine(b.scalars, -1, a)).recording([b]) { upstream, _ in [-upstream] }
  }

  /// Multiplies every entry by a number.
  public static func * (a: Tensor, b: Float) -> Tensor {
    a.with(Kernels.scaled(a.scalars, b)).recording([a]) { upstream, _ in [upstream * b] }
  }

  /// Multiplies every entry by a number.
  public static func * (a: Float, b: Tensor) -> Tensor { b * a }

  /// Divides every entry by a number.
  public static func / (a: Tensor, b: Float) -> Tensor {
    a.with(Kernels.divided(a.scalars, by: b)).recording([a]) { upstream, _ in [upstream / b] }
  }

  /// A number divided by every entry.
  public static func / (a: Float, b: Tensor) -> Tensor {
    let quotient = b.with(Kernels.dividing(a, by: b.scalars))
    return quotient.recording([b]) { [b = b.detached()] upstream, _ in [-(upstream * quotient / b)] }
  }

  // MARK: One tensor

  /// The negative of every entry.
  public static prefix func - (a: Tensor) -> Tensor {
    a.with(Kernels.negated(a.scalars)).recording([a]) { upstream, _ in [-upstream] }
  }

  /// eˣ.
  public func exp() -> Tensor {
    let result = with(Kernels.exp(scalars))
    return result.recording([self]) { upstream, _ in [upstream * result] }
  }

  /// The natural logarithm: −∞ at 0, NaN below.
  public func log() -> Tensor {
    with(Kernels.log(scalars)).recording([self]) { [x = detached()] upstream, _ in [upstream / x] }
  }

  /// √x; NaN below 0.
  public func sqrt() -> Tensor {
    let result = with(Kernels.sqrt(scalars))
    return result.recording([self]) { upstream, _ in
      [upstream.with(Kernels.sqrtGradient(upstream.scalars, at: result.scalars))]
    }
  }

  /// x².
  public func squared() -> Tensor {
    with(Kernels.squared(scalars)).recording([self]) { [x = detached()] upstream, _ in [upstream * x * 2] }
  }

  /// xⁿ for a whole exponent, also negative.
  public func pow(_ exponent: Int) -> Tensor {
    if exponent == 1 { return self }
    if exponent < 0 { return 1 / pow(-exponent) }
    var result = Tensor.ones(shape)
    for _ in 0..<exponent { result = result * detached() }
    return result.recording([self]) { [x = detached()] upstream, _ in
      [exponent == 0 ? Tensor.zeros(x.shape) : upstream * x.pow(exponent - 1) * Float(exponent)]
    }
  }

  /// xᵉ for any exponent, by the rules of C's `pow`: NaN for a negative x unless e is whole, ∞ for 0 to a negative power.
  ///
  /// The gradient is e·xᵉ⁻¹, hence ∞ at 0 for 0 < e < 1, and 0 everywhere for e = 0.
  public func pow(_ exponent: Float) -> Tensor {
    with(Kernels.power(scalars, exponent)).recording([self]) { [x = detached()] upstream, _ in
      [exponent == 0 ? Tensor.zeros(x.shape) : upstream * x.with(Kernels.power(x.scalars, exponent - 1)) * exponent]
    }
  }

  /// |x|; the gradient at 0 is 0. NaN stays NaN and lets its gradient through.
  public func abs() -> Tensor {
    with(Kernels.abs(scalars)).recording([self]) { [x = detached()] upstream, _ in
      [x.with(Kernels.absGradient(upstream.scalars, at: x.scalars))]
    }
  }

  /// The hyperbolic tangent.
  public func tanh() -> Tensor {
    let result = with(Kernels.tanh(scalars))
    return result.recording([self]) { upstream, _ in
      [result.with(Kernels.tanhGradient(upstream.scalars, at: result.scalars))]
    }
  }

  /// The logistic function 1 / (1 + e⁻ˣ).
  public func sigmoid() -> Tensor {
    let result = with(Kernels.sigmoid(scalars))
    return result.recording([self]) { upstream, _ in
      [result.with(Kernels.sigmoidGradient(upstream.scalars, at: result.scalars))]
    }
  }

  /// max(x, 0); the gradient at 0 is 0. NaN stays NaN and lets its gradient through.
  public func relu() -> Tensor {
    let result = with(Kernels.relu(scalars))
    return result.recording([self]) { upstream, _ in
      [result.with(Kernels.reluGradient(upstream.scalars, at: result.scalars))]
    }
  }

  /// min(max(x, 0), 6); the gradient at 0 and at 6 is 0, as in PyTorch. NaN stays NaN and lets its gradient through.
  ///
  /// Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.
  public func relu6() -> Tensor {
    let result = with(Kernels.clipped(scalars, 0, 6))
    return result.recording([self]) { upstream, _ in
      let above = Kernels.reluGradient(upstream.scalars, at: result.scalars)
      return [result.with(Kernels.reluGradient(above, at: (6 - result).scalars))]
    }
  }

  /// x where positive, `slope` · x elsewhere.
  public func leakyRelu(slope: Float = 0.01) -> Tensor {
    with(Kernels.leakyRelu(scalars, slope: slope)).recording([self]) { [x = detached()] upstream, _ in
      [x.with(Kernels.leakyReluGradient(upstream.scalars, at: x.scalars, slope: slope))]
    }
  }

  /// log(1 + eˣ), without overflow for large x.
  public func softplus() -> Tensor {
    with(Kernels.softplus(scalars)).recording([self]) { [x = detached()] upstream, _ in
      [x.with(Kernels.softplusGradient(upstream.scalars, at: x.scalars))]
    }
  }

  /// Every entry moved into `range`; the gradient outside is 0. NaN stays NaN and lets its gradient through.
  public func clipped(to range: ClosedRange<Float>) -> Tensor {
    let (low, high) = (range.lowerBound, range.upperBound)
    return with(Kernels.clipped(scalars, low, high)).recording([self]) { [x = detached()] upstream, _ in
      [x.with(Kernels.clippedGradient(upstream.scalars, at: x.scalars, low, high))]
    }
  }

  /// A plain value of this shape.
  func with(_ scalars: [Float]) -> Tensor { Tensor(scalars, shape: shape) }
}
