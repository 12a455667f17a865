/// From channels first, as tensors have them, to channels last, as convolutions read them, and back: blocks of 16
/// channels by 16 pixels are transposed in registers. What is done to every number on the way costs nearly nothing.
extension Kernels {
  /// What a fused activation needs of the result to give the gradient of its input.
  struct ActivationMask {
    let activation: FusedActivation
    /// The activated numbers, in the order of the gradients.
    let result: UnsafePointer<Float>

    func advanced(by count: Int) -> ActivationMask { ActivationMask(activation: activation, result: result + count) }
  }

  // MARK: There

  /// `channels` rows of `area` numbers to the columns of a matrix whose rows begin at `offsets`, through the activation's
  /// gradient if there is one.
  static func channelsLast(
    _ source: UnsafePointer<Float>, _ mask: ActivationMask?, channels: Int, area: Int,
    into target: UnsafeMutablePointer<Float>, at offsets: UnsafePointer<Int>
  ) {
    let blocks = area >= 16 ? channels / 16 * 16 : 0
    // Sixteen rows at once are too many streams for the processor to read ahead, one is not: they are copied first.
    let staged = scratch(16 * area)
    var channel = 0
    while channel < blocks {
      stage(source + channel * area, mask?.advanced(by: channel * area), into: staged, count: 16 * area)
      var pixel = 0
      while pixel < area {
        // The last block may reach back: the same numbers are written once more.
        let first = Swift.min(pixel, area - 16)
        var square = Square()
        square.load(staged + first, step: area)
        square.transpose()
        square.store(target + channel, at: offsets + first)
        pixel += 16
      }
      channel += 16
    }
    while channel < channels {
      stage(source + channel * area, mask?.advanced(by: channel * area), into: staged, count: area)
      for pixel in 0..<area { target[offsets[pixel] + channel] = staged[pixel] }
      channel += 1
    }
    staged.deallocate()
  }

  /// A copy through the activation's gradient.
  private static func stage(
    _ source: UnsafePointer<Float>, _ mask: ActivationMask?, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    guard let mask else {
      target.update(from: source, count: count)
      return
    }
    var i = 0
    while i + 16 <= count {
      Square.write(mask.activation.gradient(Square.read(source + i), at: Square.read(mask.result + i)), target + i)
      i += 16
    }
    while i < count {
      target[i] = mask.activation.gradient(source[i], at: mask.result[i])
      i += 1
    }
  }

  // MARK: And back

  /// The columns of a matrix whose rows begin at `offsets` as `channels` rows of `area` numbers, with the bias added and
  /// the activation applied.
  static func channelsFirst(
    _ source: UnsafePointer<Float>, at offsets: UnsafePointer<Int>, channels: Int, area: Int,
    bias: UnsafePointer<Float>?, _ activation: FusedActivation, into target: UnsafeMutablePointer<Float>
  ) {
    let blocks = area >= 16 ? channels / 16 * 16 : 0
    let staged = scratch(16 * area)
    var channel = 0
    while channel < blocks {
      var pixel = 0
      while pixel < area {
        let first = Swift.min(pixel, area - 16)
        var square = Square()
        square.load(source + channel, at: offsets + first)
        if let bias { square.add(UnsafeRawPointer(bias + channel).loadUnaligned(as: Vector.self)) }
        square.apply(activation)
        square.transpose()
        square.store(staged + first, step: area)
        pixel += 16
      }
      (target + channel * area).update(from: staged, count: 16 * area)
      channel += 16
    }
    while channel < channels {
      let shift = bias?[channel] ?? 0
      for pixel in 0..<area {
        target[channel * area + pixel] = activation.value(source[offsets[pixel] + channel] + shift)
      }
      channel += 1
    }
    staged.deallocate()
  }

  // MARK: Sixteen rows of sixteen numbers

  private struct Square {
    var (r0, r1, r2, r3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    var (r4, r5, r6, r7) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    var (r8, r9, r10, r11) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    var (r12, r13, r14, r15) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)

    @inline(__always)
    mutating func load(_ source: UnsafePointer<Float>, step: Int) {
      forEachRow { row, index in row = Self.read(source + index * step) }
    }

    @inline(__always)
    mutating func load(_ source: UnsafePointer<Float>, at offsets: UnsafePointer<Int>) {
      forEachRow { row, index in row = Self.read(source + offsets[index]) }
    }

    @inline(__always)
    mutating func add(_ bias: Vector) {
      forEachRow { row, _ in row += bias }
    }

    @inline(__always)
    mutating func apply(_ activation: FusedActivation) {
      switch activation {
      case .identity: break
      case .relu: forEachRow { row, _ in row.replace(with: 0, where: row .< 0) }
      case .leakyRelu(let slope): forEachRow { row, _ in row.replace(with: row * slope, where: row .< 0) }
      }
    }

    @inline(__always)
    mutating func store(_ target: UnsafeMutablePointer<Float>, step: Int) {
      forEachRow { row, index in Self.write(row, target + index * step) }
    }

    @inline(__always)
    mutating func store(_ target: UnsafeMutablePointer<Float>, at offsets: UnsafePointer<Int>) {
      forEachRow { row, index in Self.write(row, target + offsets[index]) }
    }

    /// Merging rows i and i + 8 turns the eight bits of a number's place by one; after four times rows are columns.
    @inline(__always)
    mutating func transpose() {
      merge()
      merge()
      merge()
      merge()
    }

    @inline(__always)
    private mutating func merge() {
      let (a, b, c, d) = (Self.merged(r0, r8), Self.merged(r1, r9), Self.merged(r2, r10), Self.merged(r3, r11))
      let (e, f, g, h) = (Self.merged(r4, r12), Self.merged(r5, r13), Self.merged(r6, r14), Self.merged(r7, r15))
      (r0, r1, r2, r3) = (a.lowHalf, a.highHalf, b.lowHalf, b.highHalf)
      (r4, r5, r6, r7) = (c.lowHalf, c.highHalf, d.lowHalf, d.highHalf)
      (r8, r9, r10, r11) = (e.lowHalf, e.highHalf, f.lowHalf, f.highHalf)
      (r12, r13, r14, r15) = (g.lowHalf, g.highHalf, h.lowHalf, h.highHalf)
    }

    @inline(__always)
    private static func merged(_ a: Vector, _ b: Vector) -> SIMD32<Float> {
      var result = SIMD32<Float>()
      result.evenHalf = a
      result.oddHalf = b
      return result
    }

    @inline(__always)
    private mutating func forEachRow(_ body: (inout Vector, Int) -> Void) {
      body(&r0, 0)
      body(&r1, 1)
      body(&r2, 2)
      body(&r3, 3)
      body(&r4, 4)
      body(&r5, 5)
      body(&r6, 6)
      body(&r7, 7)
      body(&r8, 8)
      body(&r9, 9)
      body(&r10, 10)
      body(&r11, 11)
      body(&r12, 12)
      body(&r13, 13)
      body(&r14, 14)
      body(&r15, 15)
    }

    @inline(__always)
    static func read(_ pointer: UnsafePointer<Float>) -> Vector {
      UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
    }

    @inline(__always)
    static func write(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
      UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
    }
  }
}

extension FusedActivation {
  /// The gradient of the input from that of the result, sixteen at a time.
  @inline(__always)
  fileprivate func gradient(_ g: Kernels.Vector, at y: Kernels.Vector) -> Kernels.Vector {
    switch self {
    case .identity: g
    case .relu: g.replacing(with: 0, where: y .<= 0)
    case .leakyRelu(let slope): (g * slope).replacing(with: g, where: y .> 0)
    }
  }
}
