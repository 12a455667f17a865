import EngineTestSupport
import Foundation
import Tensors
import Synchronization
import Testing

@Suite("kernels")
struct KernelTests {
  static let sizes = [0, 1, 2, 3, 5, 12, 13, 31, 33, 65]

  @Test("the matrix product agrees with the plain one for all sizes", arguments: sizes)
  func productAgreesWithPlainOne(rows: Int) {
    var random = SeededRandom(seed: UInt64(rows))
    for columns in Self.sizes {
      for depth in Self.sizes + [257, 600] {
        let a = Tensor.normal([rows, depth], using: &random)
        let b = Tensor.normal([depth, columns], using: &random)
        let expected = plainProduct(a, b)
        let bound = 1e-6 * Double(depth + 1)
        let label = "\(rows) × \(depth) × \(columns)"
        #expect(difference(a.matmul(b), expected, label, tolerance: bound) == nil)
        let (at, bt) = (a.transposed(), b.transposed())
        #expect(difference(a.matmul(bt, transposingSecond: true), expected, label + " NT", tolerance: bound) == nil)
        #expect(difference(at.matmul(b, transposingFirst: true), expected, label + " TN", tolerance: bound) == nil)
      }
    }
  }

  @Test("a product larger than one tile agrees with the plain one")
  func largeProductAgreesWithPlainOne() {
    var random = SeededRandom(seed: 5)
    let a = Tensor.normal([401, 300], using: &random)
    let b = Tensor.normal([300, 530], using: &random)
    #expect(difference(a.matmul(b), plainProduct(a, b), "401 × 300 × 530", tolerance: 1e-5) == nil)
  }

  @Test("a long operand times a thin one agrees with the plain product", arguments: [2, 7, 15, 16])
  func thinProductAgreesWithPlainOne(columns: Int) {
    var random = SeededRandom(seed: UInt64(columns))
    for (rows, depth) in [(64, 1), (97, 63), (203, 200), (300, 65)] {
      let a = Tensor.normal([rows, depth], using: &random)
      let b = Tensor.normal([depth, columns], using: &random)
      let expected = plainProduct(a, b)
      let label = "\(rows) × \(depth) × \(columns)"
      let (at, bt) = (a.transposed(), b.transposed())
      #expect(difference(a.matmul(b), expected, label, tolerance: 1e-5) == nil)
      #expect(difference(a.matmul(bt, transposingSecond: true), expected, label + " NT", tolerance: 1e-5) == nil)
      #expect(difference(at.matmul(b, transposingFirst: true), expected, label + " TN", tolerance: 1e-5) == nil)
    }
  }

  @Test(
    "a convolution of many channels, and its gradients, agree with the definition",
    arguments: [
      // images, channels, filters, size, kernel, stride, padding
      [3, 16, 33, 7, 4, 2, 1], [2, 17, 40, 6, 3, 1, 0], [5, 32, 64, 5, 3, 1, 1], [9, 20, 24, 9, 3, 2, 0],
    ])
  func convolutionAgreesWithDefinition(_ s: [Int]) throws {
    let (images, channels, filters, size, kernel, stride, padding) = (s[0], s[1], s[2], s[3], s[4], s[5], s[6])
    var random = SeededRandom(seed: 11)
    let x = Tensor.normal([images, channels, size, size], using: &random).tracked()
    let w = Tensor.normal([filters, channels, kernel, kernel], using: &random).tracked()
    let y = x.conv2d(w, stride: stride, padding: padding)
    let out = (size + 2 * padding - kernel) / stride + 1
    let upstream = Tensor.normal([images, filters, out, out], using: &random)
    var results = [Double](repeating: 0, count: y.count)
    var toInput = [Double](repeating: 0, count: x.count)
    var toWeights = [Double](repeating: 0, count: w.count)
    let (xs, ws, us) = (x.scalars, w.scalars, upstream.scalars)
    for n in 0..<images {
      for f in 0..<filters {
        for place in 0..<out * out {
          let at = (n * filters + f) * out * out + place
          for c in 0..<channels {
            for k in 0..<kernel * kernel {
              let row = place / out * stride + k / kernel - padding
              let column = place % out * stride + k % kernel - padding
              guard row >= 0, row < size, column >= 0, column < size else { continue }
              let i = ((n * channels + c) * size + row) * size + column
              let j = (f * channels + c) * kernel * kernel + k
              results[at] += Double(xs[i]) * Double(ws[j])
              toInput[i] += Double(us[at]) * Double(ws[j])
              toWeights[j] += Double(us[at]) * Double(xs[i])
            }
          }
        }
      }
    }
    let gradients = (y * upstream).sum().gradients(of: [x, w])
    func expected(_ numbers: [Double], _ shape: [Int]) -> Tensor { Tensor(numbers.map { Float($0) }, shape: shape) }
    #expect(difference(y.detached(), expected(results, y.shape), "\(s)", tolerance: 1e-4) == nil)
    #expect(difference(gradients[0], expected(toInput, x.shape), "\(s) input", tolerance: 1e-4) == nil)
    #expect(difference(gradients[1], expected(toWeights, w.shape), "\(s) weights", tolerance: 1e-4) == nil)
  }

  @Test("a step of Adam agrees with the formula in Double, whatever the size of the gradient", arguments: [40, 70_001])
  func adam(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let special: [Float] = [0, 1e-30, 3e-20, 1e-12, -1e-4, 1e4, 1e18, .infinity, .nan]
    // The special ones among ordinary ones, and sixteen at a time as well as at the end.
    let gradient = (0..<count).map { i in
      i % 32 >= 16 || i >= count - 9 ? special[i % special.count] : Float(random.normal())
    }
    var parameter = [Float](repeating: 1, count: count)
    var (mean, square) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    Updates.adam(
      &parameter, gradient: gradient, mean: &mean, square: &square,
      rule: Updates.AdamRule(
        rate: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, rootCorrection: 2, shrink: 0.75, decay: 0))
    var worst = 0.0
    for i in 0..<count {
      let expected = 0.75 - 0.5 * Double(mean[i]) / (Double(square[i]).squareRoot() * 2 + 1e-8)
      if expected.isNaN || !square[i].isFinite {
        #expect(parameter[i].isNaN == expected.isNaN)
      } else {
        worst = max(worst, abs(Double(parameter[i]) - expected) / max(1, abs(expected)))
      }
    }
    #expect(worst < 3e-7)
  }

  /// Each entry summed in Double.
  private func plainProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (rows, depth, columns) = (a.shape[0], a.shape[1], b.shape[1])
    var result = [Float](repeating: 0, count: rows * columns)
    a.scalars.withUnsafeBufferPointer { x in
      b.scalars.withUnsafeBufferPointer { y in
        for i in 0..<rows {
          for j in 0..<columns {
            var sum = 0.0
            for k in 0..<depth { sum += Double(x[i * depth + k]) * Double(y[k * columns + j]) }
            result[i * columns + j] = Float(sum)
          }
        }
      }
    }
    return Tensor(result, shape: [rows, columns])
  }

  @Test("a product with NaN or infinity shows them where they belong")
  func productKeepsNaN() {
    let a = Tensor(rows: [[1, 2, 3], [.nan, 0, 0], [1, 1, .infinity]])
    let b = Tensor(rows: [[1, 0], [0, 1], [0, 1]])
    let c = a.matmul(b)
    #expect(c[0, 0] == 1 && c[0, 1] == 5)
    #expect(c[1, 0].isNaN && c[1, 1].isNaN)
    #expect(c[2, 0].isNaN && c[2, 1] == .infinity)
  }

  @Test(
    "a dilated convolution is the plain one with zeros between the weights",
    arguments: [[3, 2, 14, 13, 5], [2, 20, 12, 12, 24], [9, 33, 9, 8, 16], [2, 16, 6, 40, 3]])
  func dilationIsSpacing(size: [Int]) {
    var random = SeededRandom(seed: 6)
    let x = Tensor.normal([size[0], size[1], size[2], size[3]], using: &random).tracked()
    let w = Tensor.normal([size[4], size[1], 3, 3], using: &random).tracked()
    for (stride, padding) in [(1, 0), (1, 3), (2, 1)] {
      let spaced = w.reshaped([size[4], size[1], 3, 1, 3, 1]).padded(before: 0, after: 1, axis: 3)
        .padded(before: 0, after: 1, axis: 5).reshaped([size[4], size[1], 6, 6])
        .sliced(0..<5, axis: 2).sliced(0..<5, axis: 3)
      let seen = x.conv2d(w, stride: stride, padding: padding, dilation: 2)
      let expected = x.conv2d(spaced, stride: stride, padding: padding)
      let label = "\(size) stride \(stride) padding \(padding)"
      #expect(difference(seen, expected, label, tolerance: 1e-5) == nil)
      let upstream = Tensor.normal(seen.shape, using: &random)
      let gradients = [seen, expected].map { $0.gradients(of: [x, w], upstream: upstream) }
      for (a, b) in zip(gradients[0], gradients[1]) { #expect(difference(a, b, label, tolerance: 1e-5) == nil) }
    }
  }

  @Test("a convolution in groups is one convolution a group", arguments: [1, 2, 4, 12])
  func groupsAreConvolutions(groups: Int) {
    var random = SeededRandom(seed: 7)
    let x = Tensor.normal([3, 12, 10, 31], using: &random).tracked()
    let w = Tensor.normal([24, 12 / groups, 3, 3], using: &random).tracked()
    for (stride, padding) in [(1, 1), (2, 1)] {
      let seen = x.conv2d(w, stride: stride, padding: padding, groups: groups)
      let parts = zip(x.split(equal(12, groups), axis: 1), w.split(equal(24, groups))).map {
        $0.conv2d($1, stride: stride, padding: padding)
      }
      let expected = Tensor.concatenated(parts, axis: 1)
      #expect(difference(seen, expected, "\(groups) groups", tolerance: 1e-5) == nil)
      let upstream = Tensor.normal(seen.shape, using: &random)
      let gradients = [seen, expected].map { $0.gradients(of: [x, w], upstream: upstream) }
      for (a, b) in zip(gradients[0], gradients[1]) {
        #expect(difference(a, b, "\(groups) groups", tolerance: 1e-5) == nil)
      }
    }
  }

  @Test("what differs between rows and columns is the same for many filters as for few", arguments: [1, 3, 20])
  func oblongWindows(channels: Int) {
    var random = SeededRandom(seed: 8)
    let x = Tensor.normal([3, channels, 11, 14], using: &random).tracked()
    let w = Tensor.normal([32, channels, 2, 4], using: &random).tracked()
    for (stride, padding, dilation) in [((1, 2), (0, 3), (1, 1)), ((2, 1), (1, 0), (1, 1)), ((1, 3), (2, 1), (3, 2))] {
      let seen = x.conv2d(w, stride: stride, padding: padding, dilation: dilation)
      let parts = w.split(equal(32, 4)).map { x.conv2d($0, stride: stride, padding: padding, dilation: dilation) }
      let expected = Tensor.concatenated(parts, axis: 1)
      let upstream = Tensor.normal(seen.shape, using: &random)
      let gradients = [seen, expected].map { $0.gradients(of: [x, w], upstream: upstream) }
      let label = "\(channels) channels, stride \(stride)"
      #expect(difference(seen, expected, label, tolerance: 1e-5) == nil)
      for (a, b) in zip(gradients[0], gradients[1]) { #expect(difference(a, b, label, tolerance: 1e-5) == nil) }
      // Transposed: the same windows, seen from the other side.
      let back = Tensor.normal([3, 32, 4, 5], using: &random).tracked()
      let wide = back.convTranspose2d(w, stride: stride)
      let sum = zip(back.split(equal(32, 4), axis: 1), w.split(equal(32, 4)))
        .map { $0.convTranspose2d($1, stride: stride) }.reduce(Tensor.zeros(wide.shape)) { $0 + $1 }
      #expect(difference(wide, sum, label, tolerance: 1e-5) == nil)
    }
  }

  private func equal(_ whole: Int, _ parts: Int) -> [Int] { [Int](repeating: whole / parts, count: parts) }

  /// The largest error in units in the last place over a sweep, against the C library in Double.
  private func worst(_ x: [Float], _ seen: [Float], _ exact: (Double) -> Double) -> Double {
    var worst = 0.0
    for i in 0..<x.count {
      let expected = exact(Double(x[i]))
      let unit = Double(max(abs(Float(expected)), .leastNormalMagnitude).ulp)
      worst = max(worst, abs(Double(seen[i]) - expected) / unit)
    }
    return worst
  }

  private func sweep(_ range: ClosedRange<Float>, count: Int = 60_001) -> Tensor {
    let width = range.upperBound - range.lowerBound
    return Tensor((0..<count).map { range.lowerBound + width * (Float($0) / Float(count - 1)) })
  }

  @Test("exp, log, tanh, sigmoid and softplus are accurate to a few units in the last place")
  func functionsAreAccurate() {
    let wide = sweep(-87...88)
    let near = sweep(-1.5...1.5)
    let positive = sweep(1e-3...50)
    #expect(worst(wide.scalars, wide.exp().scalars, { Foundation.exp($0) }) < 1.5)
    #expect(worst(near.scalars, near.exp().scalars, { Foundation.exp($0) }) < 1.5)
    #expect(worst(positive.scalars, positive.log().scalars, { Foundation.log($0) }) < 1.5)
    #expect(worst(near.scalars, near.tanh().scalars, { Foundation.tanh($0) }) < 2)
    #expect(worst(wide.scalars, wide.tanh().scalars, { Foundation.tanh($0) }) < 2)
    #expect(worst(wide.scalars, wide.sigmoid().scalars, { 1 / (1 + Foundation.exp(-$0)) }) < 3)
    #expect(worst(near.scalars, near.sigmoid().scalars, { 1 / (1 + Foundation.exp(-$0)) }) < 3)
    #expect(worst(wide.scalars, wide.softplus().scalars, { Foundation.log1p(Foundation.exp($0)) }) < 3)
  }

  @Test("NaN and infinity pass through honestly")
  func specialNumbers() {
    let x = Tensor([.nan, .infinity, -.infinity, 0])
    #expect(bits(x.exp()) == bits([.nan, .infinity, 0, 1]))
    #expect(bits(x.log()) == bits([.nan, .infinity, .nan, -.infinity]))
    #expect(bits(x.tanh()) == bits([.nan, 1, -1, 0]))
    #expect(bits(x.sigmoid()) == bits([.nan, 1, 0, 0.5]))
    #expect(bits(x.relu()) == bits([.nan, .infinity, 0, 0]))
    #expect(x.max().scalar.isNaN && x.sum().scalar.isNaN)
    #expect(Tensor([-1]).log().scalar.isNaN && Tensor([-1]).sqrt().scalar.isNaN)
    #expect(Tensor([100, -120]).exp().scalars == [.infinity, 0])
    #expect(Tensor([1, .nan, 2, 0], shape: [1, 1, 2, 2]).maxPool2d(2).scalar.isNaN)
    #expect(Tensor(rows: [[.nan, 1], [2, 2]]).softmax().scalars[0].isNaN)
    #expect(Tensor([1, 2]) / Tensor([0, 0]) == Tensor([.infinity, .infinity]))
  }

  /// Numbers with every NaN the same.
  private func bits(_ x: Tensor) -> [UInt32] { bits(x.scalars) }
  private func bits(_ x: [Float]) -> [UInt32] { x.map { $0.isNaN ? 1 : $0.bitPattern } }

  @Test("long sums keep their accuracy")
  func longSums() {
    let x = Tensor(repeating: 0.1, shape: [1_000_003])
    let exact = Double(Float(0.1)) * 1_000_003
    #expect(abs(Double(x.sum().scalar) - exact) < 0.02)
    #expect(abs(Double(x.mean().scalar) - Double(Float(0.1))) < 2e-8)
  }
}

@Suite("the number of threads changes no bit", .serialized)
struct ThreadTests {
  private func onBoth(_ work: () -> [Tensor]) -> ([Tensor], [Tensor]) {
    Threads.use(1)
    let one = work()
    Threads.use(2)
    let two = work()
    return (one, two)
  }

  @Test("of matrix products", arguments: [[300, 300, 300], [7, 4_000, 100], [1_000, 40, 90], [96, 700, 1_000]])
  func ofProducts(size: [Int]) {
    let (one, two) = onBoth {
      var random = SeededRandom(seed: 1)
      let a = Tensor.normal([size[0], size[1]], using: &random).tracked()
      let b = Tensor.normal([size[1], size[2]], using: &random).tracked()
      let c = a.matmul(b)
      return [c] + c.squared().sum().gradients(of: [a, b])
    }
    #expect(one == two)
  }

  @Test("of convolutions and their gradients")
  func ofConvolutions() {
    let (one, two) = onBoth {
      var random = SeededRandom(seed: 2)
      let x = Tensor.normal([11, 8, 20, 21], using: &random).tracked()
      let w = Tensor.normal([24, 8, 3, 3], using: &random).tracked()
      let y = x.conv2d(w, padding: 1).maxPool2d(2).tanh()
      return [y] + y.squared().sum().gradients(of: [x, w])
    }
    #expect(one == two)
  }

  @Test("of fused convolutions and normalisation", arguments: [[11, 3], [8, 24]])
  func ofFused(size: [Int]) {
    let (one, two) = onBoth {
      var random = SeededRandom(seed: 4)
      let x = Tensor.normal([size[0], size[1], 20, 21], using: &random).tracked()
      let w = Tensor.normal([48, size[1], 3, 3], using: &random).tracked()
      let up = Tensor.normal([48, 24, 4, 4], using: &random).tracked()
      let (b, c) = (Tensor.normal([48], using: &random).tracked(), Tensor.normal([24], using: &random).tracked())
      let y = x.conv2d(w, bias: b, activation: .relu, maxPooling: 2, padding: 1)
        .convTranspose2d(up, bias: c, stride: 2)
        .batchNormalized(scale: c, shift: c, epsilon: 1e-5, activation: .leakyRelu(slope: 0.2)).result
      return [y] + y.squared().sum().gradients(of: [x, w, up, b, c])
    }
    #expect(one == two)
  }

  @Test("of convolutions in groups", arguments: [2, 8])
  func ofGroups(groups: Int) {
    let (one, two) = onBoth {
      var random = SeededRandom(seed: 2)
      let x = Tensor.normal([11, 8, 40, 41], using: &random).tracked()
      let w = Tensor.normal([16, 8 / groups, 3, 3], using: &random).tracked()
      let y = x.conv2d(w, padding: 2, dilation: 2, groups: groups)
      return [y] + y.squared().sum().gradients(of: [x, w])
    }
    #expect(one == two)
  }

  @Test("of elementwise operations and sums")
  func ofElementwise() {
    let (one, two) = onBoth {
      var random = SeededRandom(seed: 3)
      let x = Tensor.normal([300_001], using: &random)
      return [x.exp() + x * x, (x.sigmoid() - x).sum()]
    }
    #expect(one == two)
  }
}

@Suite("work on several threads")
struct WorkerPoolTests {
  @Test("every piece is done once, also when several threads ask at the same time")
  func pieces() async {
    await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<4 {
        group.addTask {
          let done = Mutex([Int](repeating: 0, count: 50))
          for _ in 0..<200 {
            Threads.forEach(50, work: .max) { piece in done.withLock { $0[piece] += 1 } }
          }
          return done.withLock { $0 }
        }
      }
      for await counts in group { #expect(counts == [Int](repeating: 200, count: 50)) }
    }
  }
}
