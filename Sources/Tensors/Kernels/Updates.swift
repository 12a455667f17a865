/// The inner loops of the optimizers: each changes a parameter in place from its gradient.
package enum Updates {
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

  /// Adam; `shrink` multiplies the parameter first (decoupled decay), `decay` is added to the gradient.
  package static func adam(
    _ parameter: inout [Float], gradient: [Float], mean: inout [Float], square: inout [Float], rate: Float,
    beta1: Float, beta2: Float, epsilon: Float, rootCorrection: Float, shrink: Float, decay: Float
  ) {
    let count = parameter.count
    parameter.withUnsafeMutableBufferPointer { p in
      mean.withUnsafeMutableBufferPointer { m in
        square.withUnsafeMutableBufferPointer { v in
          gradient.withUnsafeBufferPointer { g in
            guard let p = p.baseAddress, let m = m.baseAddress, let v = v.baseAddress, let g = g.baseAddress
            else { return }
            let pieceLength = 1 << 15
            Threads.forEach((count + pieceLength - 1) / pieceLength, work: count * 16) { piece in
              let end = Swift.min((piece + 1) * pieceLength, count)
              var i = piece * pieceLength
              while i + 16 <= end {
                let parameter = load(p + i)
                let slope = load(g + i) + decay * parameter
                let first = beta1 * load(m + i) + (1 - beta1) * slope
                let second = beta2 * load(v + i) + (1 - beta2) * slope * slope
                store(first, m + i)
                store(second, v + i)
                let size = squareRoot(second) * rootCorrection + epsilon
                store(parameter * shrink - rate * first / size, p + i)
                i += 16
              }
              while i < end {
                let slope = g[i] + decay * p[i]
                let first = beta1 * m[i] + (1 - beta1) * slope
                let second = beta2 * v[i] + (1 - beta2) * slope * slope
                m[i] = first
                v[i] = second
                p[i] = p[i] * shrink - rate * first / (second.squareRoot() * rootCorrection + epsilon)
                i += 1
              }
            }
          }
        }
      }
    }
  }

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

  /// √x of sixteen numbers. `SIMD16.squareRoot` takes them one by one, which was half of a small network's step.
  ///
  /// A first guess of 1/√x from the exponent's bits, Newton's iteration, and one step for √x itself that rounds right
  /// but for a unit in the last place. What is not 0 or a normal positive number goes the slow way.
  @inline(__always)
  private static func squareRoot(_ x: Kernels.Vector) -> Kernels.Vector {
    typealias Bits = SIMD16<UInt32>
    let isEasy = (x .== 0) .| ((x .>= Float.leastNormalMagnitude) .& (x .<= Float.greatestFiniteMagnitude))
    if !all(isEasy) { return x.squareRoot() }
    let half = x * 0.5
    var inverse = unsafeBitCast(
      Bits(repeating: 0x5F37_59DF) &- (unsafeBitCast(x, to: Bits.self) &>> 1), to: Kernels.Vector.self)
    for _ in 0..<3 {
      inverse *= Kernels.Vector(repeating: 1.5).addingProduct(-(half * inverse), inverse)
    }
    let root = x * inverse
    return root.addingProduct(inverse * 0.5, x.addingProduct(-root, root))
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Kernels.Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Kernels.Vector.self)
  }

  @inline(__always)
  private static func store(_ vector: Kernels.Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Kernels.Vector.self)
  }
}
