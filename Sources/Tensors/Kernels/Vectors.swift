/// Loops over numbers, sixteen at a time.
///
/// The functions that use `exp` stand in this file with it: what is in another file is not inlined in a debug build.
extension Kernels {

  // MARK: One operand

  static func negated(_ x: [Float]) -> [Float] { map(x) { -$0 } }
  static func exp(_ x: [Float]) -> [Float] { map(x, cost: 8) { exponential($0) } }
  static func log(_ x: [Float]) -> [Float] { map(x, cost: 8) { logarithm($0) } }
  /// A plain loop: the compiler takes sixteen roots at a time, which `SIMD16.squareRoot` takes one by one.
  static func sqrt(_ x: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: x.count) { buffer, initialized in
      initialized = x.count
      x.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let target = buffer.baseAddress else { return }
        pieces(x.count, cost: 4) { start, count in
          for i in start..<start + count { target[i] = source[i].squareRoot() }
        }
      }
    }
  }

  static func squared(_ x: [Float]) -> [Float] { map(x) { $0 * $0 } }
  static func tanh(_ x: [Float]) -> [Float] { map(x, cost: 12) { hyperbolicTangent($0) } }
  static func sigmoid(_ x: [Float]) -> [Float] { map(x, cost: 10) { logistic($0) } }
  static func softplus(_ x: [Float]) -> [Float] { map(x, cost: 20) { softPlus($0) } }
  static func abs(_ x: [Float]) -> [Float] { map(x) { $0.replacing(with: -$0, where: $0 .< 0) } }
  static func relu(_ x: [Float]) -> [Float] { map(x) { $0.replacing(with: 0, where: $0 .< 0) } }

  static func leakyRelu(_ x: [Float], slope: Float) -> [Float] {
    map(x) { $0.replacing(with: $0 * slope, where: $0 .< 0) }
  }

  static func clipped(_ x: [Float], _ low: Float, _ high: Float) -> [Float] {
    map(x) { $0.replacing(with: low, where: $0 .< low).replacing(with: high, where: $0 .> high) }
  }

  /// factor · x + offset.
  static func affine(_ x: [Float], _ factor: Float, _ offset: Float) -> [Float] {
    map(x) { Vector(repeating: offset).addingProduct($0, Vector(repeating: factor)) }
  }

  static func adding(_ x: [Float], _ number: Float) -> [Float] { map(x) { $0 + number } }
  static func scaled(_ x: [Float], _ number: Float) -> [Float] { map(x) { $0 * number } }
  static func divided(_ x: [Float], by number: Float) -> [Float] { map(x) { $0 / number } }
  static func dividing(_ number: Float, by x: [Float]) -> [Float] { map(x) { number / $0 } }

  // MARK: Two operands, broadcast

  static func add(_ a: [Float], _ b: [Float], _ plan: Broadcast) -> [Float] { combine(a, b, plan) { $0 + $1 } }
  static func subtract(_ a: [Float], _ b: [Float], _ plan: Broadcast) -> [Float] { combine(a, b, plan) { $0 - $1 } }
  static func multiply(_ a: [Float], _ b: [Float], _ plan: Broadcast) -> [Float] { combine(a, b, plan) { $0 * $1 } }
  static func divide(_ a: [Float], _ b: [Float], _ plan: Broadcast) -> [Float] { combine(a, b, plan) { $0 / $1 } }

  /// The larger of each pair; NaN if either is.
  static func maximum(_ a: [Float], _ b: [Float], _ plan: Broadcast) -> [Float] {
    combine(a, b, plan) { a, b in a.replacing(with: b, where: (b .> a) .| (b .!= b)) }
  }

  // MARK: Two operands of one shape: the gradients

  /// g where x > 0, slope · g elsewhere.
  static func leakyReluGradient(_ g: [Float], at x: [Float], slope: Float) -> [Float] {
    zip(g, x) { g, x in (g * slope).replacing(with: g, where: x .> 0) }
  }

  static func reluGradient(_ g: [Float], at y: [Float]) -> [Float] {
    zip(g, y) { g, y in g.replacing(with: 0, where: y .<= 0) }
  }

  static func tanhGradient(_ g: [Float], at y: [Float]) -> [Float] { zip(g, y) { g, y in g * (1 - y * y) } }
  static func sigmoidGradient(_ g: [Float], at y: [Float]) -> [Float] { zip(g, y) { g, y in g * (y * (1 - y)) } }
  static func softplusGradient(_ g: [Float], at x: [Float]) -> [Float] { zip(g, x) { g, x in g * logistic(x) } }
  static func sqrtGradient(_ g: [Float], at y: [Float]) -> [Float] { zip(g, y) { g, y in g / (y + y) } }

  static func absGradient(_ g: [Float], at x: [Float]) -> [Float] {
    zip(g, x) { g, x in g.replacing(with: -g, where: x .< 0).replacing(with: 0, where: x .== 0) }
  }

  static func clippedGradient(_ g: [Float], at x: [Float], _ low: Float, _ high: Float) -> [Float] {
    zip(g, x) { g, x in g.replacing(with: 0, where: (x .< low) .| (x .> high)) }
  }

  /// x where the mask is not 0, `number` where it is, whatever stands there.
  static func keeping(_ x: [Float], where mask: [Float], else number: Float) -> [Float] {
    zip(x, mask) { x, mask in x.replacing(with: number, where: mask .== 0) }
  }

  /// Where a is the larger, g; where b is, 0; on a tie one half.
  static func maximumGradient(_ g: [Float], _ a: [Float], _ b: [Float]) -> [Float] {
    let larger = zip(a, b) { a, b in Vector.zero.replacing(with: 1, where: a .> b).replacing(with: 0.5, where: a .== b)
    }
    return zip(g, larger) { $0 * $1 }
  }

  /// sum += share.
  static func accumulate(_ share: [Float], into sum: inout [Float]) {
    share.withUnsafeBufferPointer { source in
      sum.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        pieces(share.count, cost: 1) { start, count in
          var i = start
          while i + 16 <= start + count {
            store(load(target + i) + load(source + i), target + i)
            i += 16
          }
          while i < start + count {
            target[i] += source[i]
            i += 1
          }
        }
      }
    }
  }

  // MARK: Reductions

  /// Sums over the axes that the plan's second operand lacks.
  static func sum(_ x: [Float], _ plan: Broadcast, count: Int) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    x.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        plan.forEachRun { from, to, length, inner in
          if inner == 0 {
            target[to] += total(source + from, length)
          } else {
            var i = 0
            while i + 16 <= length {
              store(load(target + to + i) + load(source + from + i), target + to + i)
              i += 16
            }
            while i < length {
              target[to + i] += source[from + i]
              i += 1
            }
          }
        }
      }
    }
    return result
  }

  /// The maximum over the axes that the plan's second operand lacks; NaN wins.
  static func max(_ x: [Float], _ plan: Broadcast, count: Int) -> [Float] {
    var result = [Float](repeating: -.infinity, count: count)
    x.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        plan.forEachRun { from, to, length, inner in
          if inner == 0 {
            target[to] = larger(target[to], peak(source + from, length))
          } else {
            for i in 0..<length { target[to + i] = larger(target[to + i], source[from + i]) }
          }
        }
      }
    }
    return result
  }

  /// The larger of two numbers; NaN if either is.
  @inline(__always)
  private static func larger(_ best: Float, _ value: Float) -> Float { value > best || value != value ? value : best }

  /// The largest number; NaN if there is one.
  private static func peak(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var best = -Float.infinity
    var i = 0
    if count >= 16 {
      var peaks = load(x)
      i = 16
      while i + 16 <= count {
        let v = load(x + i)
        peaks.replace(with: v, where: (v .> peaks) .| (v .!= v))
        i += 16
      }
      for lane in 0..<16 { best = larger(best, peaks[lane]) }
    }
    while i < count {
      best = larger(best, x[i])
      i += 1
    }
    return best
  }

  /// 1 where two numbers are equal, else 0.
  static func equal(_ x: [Float], _ y: [Float], _ plan: Broadcast) -> [Float] {
    combine(x, y, plan) { x, y in Vector.zero.replacing(with: 1, where: x .== y) }
  }

  /// Σ x², accumulated in Double.
  static func sumOfSquares(_ x: [Float]) -> Double {
    x.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return 0 }
      var sum = 0.0
      var i = 0
      while i < x.count {
        let count = Swift.min(4_096, x.count - i)
        sum += Double(dot(source + i, source + i, count))
        i += count
      }
      return sum
    }
  }

  /// Running sums, gathered in Double every 1,024 numbers.
  private static func total(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    if count < 16 {
      var sum: Float = 0
      for i in 0..<count { sum += x[i] }
      return sum
    }
    var sum = 0.0
    var start = 0
    while start < count {
      let end = Swift.min(start + 1_024, count)
      var (s0, s1) = (Vector.zero, Vector.zero)
      var i = start
      while i + 32 <= end {
        s0 += load(x + i)
        s1 += load(x + i + 16)
        i += 32
      }
      var part = (s0 + s1).sum()
      while i < end {
        part += x[i]
        i += 1
      }
      sum += Double(part)
      start = end
    }
    return Float(sum)
  }

  // MARK: Binary cross-entropy

  /// Σ log(1 + eˣ) − x·y, and the slope of each term times `factor`: factor·(σ(x) − y). One exponential does for both.
  static func binaryCrossEntropy(
    _ x: [Float], _ y: [Float], factor: Float
  ) -> (sum: Float, slope: [Float]) {
    // Each piece has a sum of its own; they are added in order.
    var sums = [Double](repeating: 0, count: (x.count + pieceLength - 1) / pieceLength)
    let slope = [Float](unsafeUninitializedCapacity: x.count) { buffer, initialized in
      initialized = x.count
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          sums.withUnsafeMutableBufferPointer { sums in
            guard let x = x.baseAddress, let y = y.baseAddress, let target = buffer.baseAddress,
              let sums = sums.baseAddress
            else { return }
            pieces(buffer.count, cost: 24) { start, count in
              var i = start
              while i < start + count {
                // In Double every 1,024 numbers.
                let end = Swift.min(i + 1_024, start + count)
                var losses = Vector.zero
                while i + 16 <= end {
                  let (logits, targets) = (load(x + i), load(y + i))
                  let (loss, probability) = logisticLoss(logits, targets)
                  store((probability - targets) * factor, target + i)
                  losses += loss
                  i += 16
                }
                if i < end {
                  let n = end - i
                  let (logits, targets) = (read(x + i, n), read(y + i, n))
                  let (loss, probability) = logisticLoss(logits, targets)
                  write((probability - targets) * factor, target + i, n)
                  losses += firstLanes(loss, n)
                }
                i = end
                sums[start / pieceLength] += Double(losses.sum())
              }
            }
          }
        }
      }
    }
    return (Float(sums.reduce(0, +)), slope)
  }

  /// log(1 + eˣ) − x·y, and σ(x), both from u = e^−|x|.
  @inline(__always)
  private static func logisticLoss(_ x: Vector, _ y: Vector) -> (loss: Vector, probability: Vector) {
    let u = exponential(-x.replacing(with: -x, where: x .< 0))
    let w = 1 + u
    let tail = (logarithm(w) * (u / (w - 1))).replacing(with: u, where: w .== 1)
    let loss = x.replacing(with: 0, where: x .< 0) + tail
    return (loss - x * y, Vector(repeating: 1).replacing(with: u, where: x .< 0) / w)
  }

  @inline(__always)
  private static func firstLanes(_ vector: Vector, _ count: Int) -> Vector {
    var result = Vector.zero
    for i in 0..<count { result[i] = vector[i] }
    return result
  }

  // MARK: Softmax over rows

  /// exp(x − max) / Σ exp(x − max) for each row of `width` numbers.
  static func softmax(_ x: [Float], width: Int) -> [Float] {
    rows(x, width: width) { source, target in
      let peak = largest(source, width)
      var sums = Vector.zero
      vectors(width) { i, n in
        let part = exponential(read(source + i, n) - peak)
        write(part, target + i, n)
        sums += n == 16 ? part : firstLanes(part, n)
      }
      scale(target, by: 1 / sums.sum(), count: width)
    }
  }

  /// x − max − log Σ exp(x − max) for each row of `width` numbers.
  static func logSoftmax(_ x: [Float], width: Int) -> [Float] {
    rows(x, width: width) { source, target in
      let peak = largest(source, width)
      var sums = Vector.zero
      vectors(width) { i, n in
        let part = exponential(read(source + i, n) - peak)
        sums += n == 16 ? part : firstLanes(part, n)
      }
      let offset = peak + logarithm(Vector(repeating: sums.sum()))[0]
      for i in 0..<width { target[i] = source[i] - offset }
    }
  }

  /// y · (g − Σ g·y) for each row: the gradient of softmax at its result y.
  static func softmaxGradient(_ g: [Float], at y: [Float], width: Int) -> [Float] {
    rows(g, y, width: width) { g, y, target in
      let inner = dot(g, y, width)
      for i in 0..<width { target[i] = y[i] * (g[i] - inner) }
    }
  }

  /// g − exp(y) · Σ g for each row: the gradient of log-softmax at its result y.
  static func logSoftmaxGradient(_ g: [Float], at y: [Float], width: Int) -> [Float] {
    rows(g, y, width: width) { g, y, target in
      let sum = total(g, width)
      vectors(width) { i, n in write(read(g + i, n) - exponential(read(y + i, n)) * sum, target + i, n) }
    }
  }

  private static func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    let best = peak(x, count)
    return best == -.infinity ? 0 : best  // a row of −∞ becomes NaN by 0/0, not by ∞ − ∞ halfway
  }

  @inline(__always)
  private static func rows(
    _ x: [Float], width: Int, _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    rows(x, x, width: width) { source, _, target in body(source, target) }
  }

  @inline(__always)
  private static func rows(
    _ x: [Float], _ y: [Float], width: Int,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: x.count) { buffer, initialized in
      initialized = x.count
      x.withUnsafeBufferPointer { first in
        y.withUnsafeBufferPointer { second in
          guard width > 0, let first = first.baseAddress, let second = second.baseAddress,
            let target = buffer.baseAddress
          else { return }
          for row in 0..<x.count / width { body(first + row * width, second + row * width, target + row * width) }
        }
      }
    }
  }

  /// A row of logits replaced by exp(x) / Σ exp(x).
  ///
  /// A row of −∞ alone, in which nothing may be chosen, becomes zeros; NaN makes the whole row NaN.
  ///
  /// - Returns: log Σ exp(x).
  @discardableResult
  static func softmaxRow(_ x: UnsafeMutablePointer<Float>, count: Int) -> Float {
    var peaks = Vector(repeating: -.infinity)
    var k = 0
    while k + 16 <= count {
      let v = load(x + k)
      peaks.replace(with: v, where: v .> peaks)
      k += 16
    }
    var peak = peaks.max()
    var isNaN = false
    while k < count {
      if x[k] > peak { peak = x[k] }
      k += 1
    }
    if peak == -.infinity {
      for i in 0..<count where x[i].isNaN { isNaN = true }
      x.update(repeating: isNaN ? .nan : 0, count: count)
      return isNaN ? .nan : -.infinity
    }
    let shift = Vector(repeating: peak)
    var sums = Vector.zero
    k = 0
    while k + 16 <= count {
      let e = exponential(load(x + k) - shift)
      store(e, x + k)
      sums += e
      k += 16
    }
    var sum = sums.sum()
    if k < count {
      let e = exponential(read(x + k, count - k) - shift)
      write(e, x + k, count - k)
      for i in 0..<count - k { sum += e[i] }
    }
    scale(x, by: 1 / sum, count: count)
    return peak + Float(Tensors.logarithm(Double(sum)))
  }

  /// Each column of `[rows, 32]` replaced by exp(scale·x) / Σ exp(scale·x).
  ///
  /// A column of −∞ alone becomes zeros; NaN makes the whole column NaN.
  static func softmaxColumns(_ x: UnsafeMutablePointer<Float>, rows: Int, scale: Float) {
    for half in 0..<2 {
      let x = x + half * 16
      var peaks = Vector(repeating: -.infinity)
      for row in 0..<rows {
        let v = load(x + row * 32) * scale
        store(v, x + row * 32)
        peaks.replace(with: v, where: v .> peaks)
      }
      peaks.replace(with: 0, where: peaks .== -.infinity)
      var sums = Vector.zero
      for row in 0..<rows {
        let e = exponential(load(x + row * 32) - peaks)
        store(e, x + row * 32)
        sums += e
      }
      let factors = (1 / sums).replacing(with: 0, where: sums .== 0)
      for row in 0..<rows { store(load(x + row * 32) * factors, x + row * 32) }
    }
  }

  /// The gradient of what `softmaxColumns` was given, put in place of the gradient of its result p:
  /// scale·p·(g − Σ g·p).
  static func softmaxColumnsBackward(
    _ g: UnsafeMutablePointer<Float>, at p: UnsafePointer<Float>, rows: Int, scale: Float
  ) {
    for half in 0..<2 {
      let (g, p) = (g + half * 16, p + half * 16)
      var sums = Vector.zero
      for row in 0..<rows { sums.addProduct(load(g + row * 32), load(p + row * 32)) }
      for row in 0..<rows {
        store((load(g + row * 32) - sums) * load(p + row * 32) * scale, g + row * 32)
      }
    }
  }

  // MARK: Rows of sixteen numbers

  /// 1 / (1 + e⁻ˣ) of rows of sixteen numbers, each row with its own bias if there are any.
  static func logisticRows(
    _ x: UnsafePointer<Float>, bias: UnsafePointer<Float>?, rows: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      store(logistic(load(x + row * 16) + (bias.map { $0[row] } ?? 0)), target + row * 16)
    }
  }

  /// tanh of rows of sixteen numbers, each row with its own bias if there are any.
  static func tanhRows(
    _ x: UnsafePointer<Float>, bias: UnsafePointer<Float>?, rows: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      store(hyperbolicTangent(load(x + row * 16) + (bias.map { $0[row] } ?? 0)), target + row * 16)
    }
  }

  // MARK: How the loops run

  /// Work is cut into pieces of this many numbers.
  private static let pieceLength = 1 << 15

  @inline(__always)
  private static func pieces(_ count: Int, cost: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
    if count <= pieceLength {
      body(0, count)
    } else {
      Threads.forEach((count + pieceLength - 1) / pieceLength, work: count * cost * 2) { piece in
        body(piece * pieceLength, Swift.min(pieceLength, count - piece * pieceLength))
      }
    }
  }

  /// Runs `body` for each vector of `count` numbers: where it begins and how many count. That there are sixteen is
  /// known in all but the last, so that only the last is read number by number.
  @inline(__always)
  private static func vectors(_ count: Int, _ body: (_ i: Int, _ n: Int) -> Void) {
    var i = 0
    while i + 16 <= count {
      body(i, 16)
      i += 16
    }
    if i < count { body(i, count - i) }
  }

  @inline(__always)
  private static func map(_ x: [Float], cost: Int = 1, _ function: (Vector) -> Vector) -> [Float] {
    [Float](unsafeUninitializedCapacity: x.count) { buffer, initialized in
      initialized = x.count
      x.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let target = buffer.baseAddress else { return }
        pieces(x.count, cost: cost) { start, count in
          var i = start
          while i + 16 <= start + count {
            store(function(load(source + i)), target + i)
            i += 16
          }
          let rest = start + count - i
          if rest > 0 { write(function(read(source + i, rest)), target + i, rest) }
        }
      }
    }
  }

  @inline(__always)
  private static func zip(_ a: [Float], _ b: [Float], _ function: (Vector, Vector) -> Vector) -> [Float] {
    [Float](unsafeUninitializedCapacity: a.count) { buffer, initialized in
      initialized = a.count
      a.withUnsafeBufferPointer { first in
        b.withUnsafeBufferPointer { second in
          guard let first = first.baseAddress, let second = second.baseAddress, let target = buffer.baseAddress
          else { return }
          pieces(a.count, cost: 2) { start, count in
            var i = start
            while i + 16 <= start + count {
              store(function(load(first + i), load(second + i)), target + i)
              i += 16
            }
            let rest = start + count - i
            if rest > 0 { write(function(read(first + i, rest), read(second + i, rest)), target + i, rest) }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func combine(
    _ a: [Float], _ b: [Float], _ plan: Broadcast, _ function: (Vector, Vector) -> Vector
  ) -> [Float] {
    if plan.isElementwise { return zip(a, b, function) }
    return [Float](unsafeUninitializedCapacity: plan.count) { buffer, initialized in
      initialized = plan.count
      a.withUnsafeBufferPointer { first in
        b.withUnsafeBufferPointer { second in
          guard let first = first.baseAddress, let second = second.baseAddress, let target = buffer.baseAddress
          else { return }
          let (stepA, stepB) = plan.innerSteps
          var position = 0
          plan.forEachRun { fromA, fromB, length, _ in
            let (x, y, z) = (first + fromA, second + fromB, target + position)
            let (x0, y0) = (Vector(repeating: x[0]), Vector(repeating: y[0]))
            vectors(length) { i, n in
              let left = stepA == 0 ? x0 : read(x + i, n)
              let right = stepB == 0 ? y0 : read(y + i, n)
              write(function(left, right), z + i, n)
            }
            position += length
          }
        }
      }
    }
  }

  // MARK: Functions of a vector

  /// eˣ with an error below 1.5 units in the last place; overflows to ∞, underflows to 0, keeps NaN.
  ///
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

  /// The natural logarithm (the polynomial of Cephes' `logf`).
  @inline(__always)
  private static func logarithm(_ x: Vector) -> Vector {
    let tiny = x .< Float.leastNormalMagnitude
    let scaled = x.replacing(with: x * 0x1p25, where: tiny)
    let bits = unsafeBitCast(scaled, to: SIMD16<Int32>.self)
    // The mantissa in [√½, √2).
    let offset = bits &- 0x3F35_04F3
    let exponent = offset &>> 23
    let mantissa = unsafeBitCast(bits &- (exponent &<< 23), to: Vector.self)
    let magic = SIMD16<Int32>(repeating: 0x4B40_0000)
    var e = unsafeBitCast(exponent &+ magic, to: Vector.self) - 12_582_912
    e = e.replacing(with: e - 25, where: tiny)
    let r = mantissa - 1
    let square = r * r
    var p = Vector(repeating: 7.037_683_629_2e-2)
    p = Vector(repeating: -1.151_461_031_0e-1).addingProduct(p, r)
    p = Vector(repeating: 1.167_699_874_0e-1).addingProduct(p, r)
    p = Vector(repeating: -1.242_014_084_6e-1).addingProduct(p, r)
    p = Vector(repeating: 1.424_932_278_7e-1).addingProduct(p, r)
    p = Vector(repeating: -1.666_805_766_5e-1).addingProduct(p, r)
    p = Vector(repeating: 2.000_071_476_5e-1).addingProduct(p, r)
    p = Vector(repeating: -2.499_999_399_3e-1).addingProduct(p, r)
    p = Vector(repeating: 3.333_333_117_4e-1).addingProduct(p, r)
    var y = p * r * square
    y = y.addingProduct(e, Vector(repeating: -2.121_944_4e-4))
    y = y.addingProduct(square, Vector(repeating: -0.5))
    var result = (r + y).addingProduct(e, Vector(repeating: 0.693_359_375))
    result = result.replacing(with: .infinity, where: x .== .infinity)
    result = result.replacing(with: -.infinity, where: x .== 0)
    result = result.replacing(with: .nan, where: x .< 0)
    return result.replacing(with: x, where: x .!= x)
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

  /// log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), with Kahan's correction of log(1 + u) for small u.
  @inline(__always)
  private static func softPlus(_ x: Vector) -> Vector {
    let size = x.replacing(with: -x, where: x .< 0)
    let u = exponential(-size)
    let w = 1 + u
    let corrected = logarithm(w) * (u / (w - 1))
    let tail = corrected.replacing(with: u, where: w .== 1)
    return x.replacing(with: 0, where: x .< 0) + tail
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
