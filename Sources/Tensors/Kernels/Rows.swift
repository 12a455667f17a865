/// What attention, layer normalisation, the softmax loss and the recurrent steps do to one row of numbers.
///
/// `exp` and `tanh` stand here once more, as in `Vectors.swift`: what is in another file is not inlined in a debug
/// build.
extension Kernels {

  // MARK: Softmax

  /// The gradient of a softmax row's logits, put in place of the gradient of its probabilities: p·(g − Σ g·p).
  static func softmaxRowBackward(_ g: UnsafeMutablePointer<Float>, at p: UnsafePointer<Float>, count: Int) {
    let mean = dot(g, p, count)
    let means = Vector(repeating: mean)
    var k = 0
    while k + 16 <= count {
      store((load(g + k) - means) * load(p + k), g + k)
      k += 16
    }
    while k < count {
      g[k] = (g[k] - mean) * p[k]
      k += 1
    }
  }

  static func scale(_ x: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
    let factors = Vector(repeating: factor)
    var k = 0
    while k + 16 <= count {
      store(load(x + k) * factors, x + k)
      k += 16
    }
    while k < count {
      x[k] *= factor
      k += 1
    }
  }

  // MARK: Layer normalisation

  /// A row with mean 0 and variance 1, and that row scaled and shifted.
  ///
  /// - Returns: 1 / √(variance + epsilon).
  static func normalizeRow(
    _ x: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, epsilon: Float,
    normal: UnsafeMutablePointer<Float>, result: UnsafeMutablePointer<Float>, count: Int
  ) -> Float {
    var sums = Vector.zero
    var k = 0
    while k < count {
      sums += read(x + k, Swift.min(16, count - k))
      k += 16
    }
    let mean = Vector(repeating: sums.sum() / Float(count))
    var squares = Vector.zero
    k = 0
    while k < count {
      let n = Swift.min(16, count - k)
      var deviation = read(x + k, n) - mean
      if n < 16 { for i in n..<16 { deviation[i] = 0 } }
      squares.addProduct(deviation, deviation)
      k += 16
    }
    let inverse = 1 / (squares.sum() / Float(count) + epsilon).squareRoot()
    k = 0
    while k < count {
      let n = Swift.min(16, count - k)
      let z = (read(x + k, n) - mean) * inverse
      write(z, normal + k, n)
      write(read(shift + k, n).addingProduct(z, read(scale + k, n)), result + k, n)
      k += 16
    }
    return inverse
  }

  /// Backwards: with h = g·scale, dx = inverse·(h − mean h − normal·mean(h·normal)).
  static func normalizeRowBackward(
    _ g: UnsafePointer<Float>, normal: UnsafePointer<Float>, scale: UnsafePointer<Float>, inverse: Float,
    input: UnsafeMutablePointer<Float>, scaleGradient: UnsafeMutablePointer<Float>,
    shiftGradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    var (sums, products) = (Vector.zero, Vector.zero)
    var k = 0
    while k < count {
      let n = Swift.min(16, count - k)
      let (u, z) = (read(g + k, n), read(normal + k, n))
      let h = u * read(scale + k, n)
      sums += h
      products.addProduct(h, z)
      write(read(scaleGradient + k, n).addingProduct(u, z), scaleGradient + k, n)
      write(read(shiftGradient + k, n) + u, shiftGradient + k, n)
      k += 16
    }
    let mean = sums.sum() / Float(count)
    let product = products.sum() / Float(count)
    k = 0
    while k < count {
      let n = Swift.min(16, count - k)
      let h = read(g + k, n) * read(scale + k, n)
      write((h - mean - read(normal + k, n) * product) * inverse, input + k, n)
      k += 16
    }
  }

  // MARK: Recurrent steps

  /// h = tanh(x + bias), in place.
  static func elmanStep(_ x: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, count: Int) {
    var k = 0
    while k < count {
      let n = Swift.min(16, count - k)
      write(hyperbolicTangent(read(x + k, n) + read(bias + k, n)), x + k, n)
      k += 16
    }
  }

  /// The gradient of the sum inside tanh: g·(1 − h²).
  static func elmanStepBackward(
    _ g: UnsafePointer<Float>, hidden: UnsafePointer<Float>, into sum: UnsafeMutablePointer<Float>, count: Int
  ) {
    var k = 0
    while k < count {
      let n = Swift.min(16, count - k)
      let h = read(hidden + k, n)
      write(read(g + k, n) * (1 - h * h), sum + k, n)
      k += 16
    }
  }

  /// One step of a GRU for `count` hidden units of one sequence.
  ///
  /// - Parameters:
  ///   - gates: what r, z, n see of the input, without bias, `count` numbers each; replaced by the activations.
  ///   - recurrent: what r, z, n see of the state, without bias; its last third receives its own bias.
  ///   - inputBias: three times `count` numbers.
  ///   - recurrentBias: three times `count` numbers.
  ///   - previous: the state before the step.
  ///   - candidate: receives the last third of `recurrent` with its bias.
  ///   - hidden: receives the state after the step.
  ///   - count: how many hidden units.
  static func gruStep(
    gates: UnsafeMutablePointer<Float>, recurrent: UnsafePointer<Float>, inputBias: UnsafePointer<Float>,
    recurrentBias: UnsafePointer<Float>, previous: UnsafePointer<Float>, candidate: UnsafeMutablePointer<Float>,
    hidden: UnsafeMutablePointer<Float>, count: Int
  ) {
    var k = 0
    while k < count {
      let lanes = Swift.min(16, count - k)
      let (second, third) = (count + k, 2 * count + k)
      let r = logistic(
        read(gates + k, lanes) + read(inputBias + k, lanes) + read(recurrent + k, lanes)
          + read(recurrentBias + k, lanes))
      let z = logistic(
        read(gates + second, lanes) + read(inputBias + second, lanes) + read(recurrent + second, lanes)
          + read(recurrentBias + second, lanes))
      let q = read(recurrent + third, lanes) + read(recurrentBias + third, lanes)
      let fromInput = read(gates + third, lanes) + read(inputBias + third, lanes)
      let n = hyperbolicTangent(fromInput.addingProduct(r, q))
      write(r, gates + k, lanes)
      write(z, gates + second, lanes)
      write(n, gates + third, lanes)
      write(q, candidate + k, lanes)
      write(n.addingProduct(z, read(previous + k, lanes) - n), hidden + k, lanes)
      k += 16
    }
  }

  /// The step backwards.
  ///
  /// - Parameters:
  ///   - gates: the activations r, z, n.
  ///   - candidate: as `gruStep` left it.
  ///   - previous: the state before the step.
  ///   - hiddenGradient: of the state after the step; replaced by the share that goes past the gates to the one before.
  ///   - inputGradients: receives the gradients of what r, z, n see of the input.
  ///   - recurrentGradients: receives the gradients of what they see of the state.
  ///   - count: how many hidden units.
  static func gruStepBackward(
    gates: UnsafePointer<Float>, candidate: UnsafePointer<Float>, previous: UnsafePointer<Float>,
    hiddenGradient: UnsafeMutablePointer<Float>, inputGradients: UnsafeMutablePointer<Float>,
    recurrentGradients: UnsafeMutablePointer<Float>, count: Int
  ) {
    var k = 0
    while k < count {
      let lanes = Swift.min(16, count - k)
      let (second, third) = (count + k, 2 * count + k)
      let (r, z, n) = (read(gates + k, lanes), read(gates + second, lanes), read(gates + third, lanes))
      let g = read(hiddenGradient + k, lanes)
      let toN = g * (1 - z) * (1 - n * n)
      let toZ = g * (read(previous + k, lanes) - n) * (z * (1 - z))
      let toR = toN * read(candidate + k, lanes) * (r * (1 - r))
      write(toR, inputGradients + k, lanes)
      write(toZ, inputGradients + second, lanes)
      write(toN, inputGradients + third, lanes)
      write(toR, recurrentGradients + k, lanes)
      write(toZ, recurrentGradients + second, lanes)
      write(toN * r, recurrentGradients + third, lanes)
      write(g * z, hiddenGradient + k, lanes)
      k += 16
    }
  }

  // MARK: Functions of a vector, as in Vectors.swift

  /// x = n·ln 2 + r with |r| ≤ ½ ln 2, and a polynomial in r (the coefficients of Cephes' `expf`).
  @inline(__always)
  private static func exponential(_ x: Vector) -> Vector {
    let bounded = x.replacing(with: -110, where: x .< -110).replacing(with: 95, where: x .> 95)
    let magic = Vector(repeating: 12_582_912)  // 1.5·2²³: adding it rounds to a whole number
    let shifted = magic.addingProduct(bounded, Vector(repeating: 1.442_695_04))
    let n = shifted - magic
    let high = bounded.addingProduct(n, Vector(repeating: -0.693_359_375))
    let r = high.addingProduct(n, Vector(repeating: 2.121_944_4e-4))
    var p = Vector(repeating: 1.987_569_15e-4)
    p = Vector(repeating: 1.398_199_95e-3).addingProduct(p, r)
    p = Vector(repeating: 8.333_451_9e-3).addingProduct(p, r)
    p = Vector(repeating: 4.166_579_6e-2).addingProduct(p, r)
    p = Vector(repeating: 1.666_666_55e-1).addingProduct(p, r)
    p = Vector(repeating: 5.000_000_1e-1).addingProduct(p, r)
    let y = r.addingProduct(p, r * r) + 1
    // 2ⁿ in two factors, so that results near the ends of the range come out right.
    let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- 0x4B40_0000
    let half = exponent &>> 1
    let first = unsafeBitCast((half &+ 127) &<< 23, to: Vector.self)
    let second = unsafeBitCast((exponent &- half &+ 127) &<< 23, to: Vector.self)
    return y * first * second
  }

  /// 1 / (1 + e⁻ˣ).
  @inline(__always)
  private static func logistic(_ x: Vector) -> Vector { 1 / (1 + exponential(-x)) }

  /// tanh x: near 0 a polynomial (Cephes' `tanhf`), elsewhere 1 − 2 / (e²ˣ + 1).
  @inline(__always)
  private static func hyperbolicTangent(_ x: Vector) -> Vector {
    let size = x.replacing(with: -x, where: x .< 0)
    let large = 1 - 2 / (exponential(size + size) + 1)
    let signed = large.replacing(with: -large, where: x .< 0)
    let square = x * x
    var p = Vector(repeating: -5.704_988_727_45e-3)
    p = Vector(repeating: 2.063_908_879_54e-2).addingProduct(p, square)
    p = Vector(repeating: -5.373_971_248_11e-2).addingProduct(p, square)
    p = Vector(repeating: 1.333_144_220_36e-1).addingProduct(p, square)
    p = Vector(repeating: -3.333_328_194_22e-1).addingProduct(p, square)
    let small = x.addingProduct(p * square, x)
    return signed.replacing(with: small, where: size .< 0.625)
  }

  // MARK: Memory

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  private static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }

  /// The first `count` lanes from memory, zeros in the others.
  @inline(__always)
  private static func read(_ pointer: UnsafePointer<Float>, _ count: Int) -> Vector {
    if count == 16 { return load(pointer) }
    var vector = Vector.zero
    for i in 0..<count { vector[i] = pointer[i] }
    return vector
  }

  /// The first `count` lanes to memory.
  @inline(__always)
  private static func write(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    if count == 16 {
      store(vector, pointer)
    } else {
      for i in 0..<count { pointer[i] = vector[i] }
    }
  }
}
