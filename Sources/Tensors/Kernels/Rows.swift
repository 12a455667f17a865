/// What attention, layer normalisation and the softmax loss do to one row of numbers.
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
    vectors(count) { k, n in sums += read(x + k, n) }
    let mean = Vector(repeating: sums.sum() / Float(count))
    var squares = Vector.zero
    vectors(count) { k, n in
      var deviation = read(x + k, n) - mean
      if n < 16 { for i in n..<16 { deviation[i] = 0 } }
      squares.addProduct(deviation, deviation)
    }
    let inverse = 1 / (squares.sum() / Float(count) + epsilon).squareRoot()
    vectors(count) { k, n in
      let z = (read(x + k, n) - mean) * inverse
      write(z, normal + k, n)
      write(read(shift + k, n).addingProduct(z, read(scale + k, n)), result + k, n)
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
    vectors(count) { k, n in
      let (u, z) = (read(g + k, n), read(normal + k, n))
      let h = u * read(scale + k, n)
      sums += h
      products.addProduct(h, z)
      write(read(scaleGradient + k, n).addingProduct(u, z), scaleGradient + k, n)
      write(read(shiftGradient + k, n) + u, shiftGradient + k, n)
    }
    let mean = sums.sum() / Float(count)
    let product = products.sum() / Float(count)
    vectors(count) { k, n in
      let h = read(g + k, n) * read(scale + k, n)
      write((h - mean - read(normal + k, n) * product) * inverse, input + k, n)
    }
  }

  /// Runs `body` for each vector of `count` numbers: where it begins and how many count. That there are sixteen is
  /// known in all but the last, so that only the last is read number by number.
  @inline(__always)
  private static func vectors(_ count: Int, _ body: (_ k: Int, _ n: Int) -> Void) {
    var k = 0
    while k + 16 <= count {
      body(k, 16)
      k += 16
    }
    if k < count { body(k, count - k) }
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
