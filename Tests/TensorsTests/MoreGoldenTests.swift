import EngineTestSupport
import Foundation
import Tensors
import Testing

/// The operations of `Tests/Oracles/engine_more.py`, whose inputs lie away from kinks.
@Suite("further operations agree with PyTorch and with finite differences")
struct MoreGoldenTests {
  static let goldens = try? GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/engine_more.json"))

  @Test("results and gradients agree", arguments: goldens?.cases ?? ["goldens are missing"])
  func agrees(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(operation(name), "no operation called \(name)")
    #expect(goldens.problems(name) { [function($0)] } == [])
    let inputs = goldens.list(name, "in")
    #expect(gradientProblem(inputs, tolerance: 2e-3, function) == nil, "\(name)")
    let (plain, tracked) = (function(inputs), function(inputs.map { $0.tracked() }))
    #expect(!plain.isTracked && tracked.isTracked && plain == tracked, "\(name)")
  }

  @Test("no case is missing")
  func everyCaseIsThere() {
    #expect(Self.goldens?.cases.count == 70)
  }

  /// The operation that a golden case is about, by the case's words.
  private func operation(_ name: String) -> (([Tensor]) -> Tensor)? {
    let words = name.split(separator: " ").map(String.init)
    let numbers = words.compactMap { Int($0) }
    switch words[0] {
    case "softmax", "logSoftmax":
      let mask = Tensor(
        words[2].map { $0 == "1" ? 1 : 0 }, shape: [numbers[numbers.count - 2], numbers[numbers.count - 1]])
      if words[0] == "softmax" { return { $0[0].softmax(mask: mask) } }
      return { $0[0].logSoftmax(mask: mask).keeping(where: mask, else: 0) }
    case "conv2d", "conv1d":
      let n = Array(numbers.suffix(4))
      if words[0] == "conv1d" {
        return { $0[0].conv1d($0[1], bias: $0[2], stride: n[0], padding: n[1], dilation: n[2], groups: n[3]) }
      }
      return { $0[0].conv2d($0[1], bias: $0[2], stride: n[0], padding: n[1], dilation: n[2], groups: n[3]) }
    case "adaptiveMaxPool2d": return { $0[0].adaptiveMaxPool2d(height: numbers[0], width: numbers[1]) }
    case "adaptiveAveragePool2d": return { $0[0].adaptiveAveragePool2d(height: numbers[0], width: numbers[1]) }
    case "maxOverSteps": return { $0[0].maxOverSteps(lengths: numbers) }
    case "meanOverSteps": return { $0[0].meanOverSteps(lengths: numbers) }
    case "pow": return Float(words[1]).map { exponent in { $0[0].pow(exponent) } }
    case "min": return { $0[0].min(axis: numbers[0]) }
    case "topK": return { $0[0].topK(numbers[0]).values }
    case "cumulativeSum": return { $0[0].cumulativeSum(axis: numbers[0]) }
    case "addingRows": return { $0[0].addingRows($0[1], at: numbers) }
    case "upsampledNearest2d": return { $0[0].upsampledNearest2d(numbers[0]) }
    default: return nil
    }
  }
}

@Suite("masks, ties and numbers that are none")
struct SpecialNumberTests {
  private let nan = Float.nan
  private let infinity = Float.infinity

  /// Numbers with every NaN the same.
  private func bits(_ x: [Float]) -> [UInt32] { x.map { $0.isNaN ? 1 : $0.bitPattern } }

  @Test("a row that is masked entirely is 0 in softmax, −∞ in log-softmax, and passes no gradient")
  func maskedRows() {
    let x = Tensor(rows: [[nan, infinity, 3], [1, nan, 1]]).tracked()
    let mask = Tensor(rows: [[0, 0, 0], [1, 0, 1]])
    let (soft, logarithm) = (x.softmax(mask: mask), x.logSoftmax(mask: mask))
    #expect(soft.scalars == [0, 0, 0, 0.5, 0, 0.5])
    #expect(Array(logarithm.scalars[..<3]) == [-infinity, -infinity, -infinity])
    #expect(logarithm[1, 1] == -infinity && abs(logarithm[1, 0] + 0.6931472) < 1e-6)
    let upstream = Tensor(rows: [[nan, 1, infinity], [1, nan, 3]])
    #expect(soft.gradients(of: [x], upstream: upstream)[0].scalars == [0, 0, 0, -0.5, 0, 0.5])
    #expect(logarithm.gradients(of: [x], upstream: upstream)[0].scalars == [0, 0, 0, -1, 0, 1])
  }

  @Test("one mask for all rows, and one for each row, are repeated")
  func broadcastMasks() {
    let x = Tensor.zeros([2, 2, 3])
    #expect(x.softmax(mask: Tensor([1, 0, 1])).scalars == [0.5, 0, 0.5, 0.5, 0, 0.5, 0.5, 0, 0.5, 0.5, 0, 0.5])
    #expect(
      x.softmax(mask: Tensor([0, 1], shape: [2, 1, 1])).sum(axes: [1, 2]).scalars.map { $0.rounded() } == [0, 2])
  }

  @Test("a row without a distribution is NaN in softmax, alone")
  func softmaxOfInfinities() {
    let x = Tensor(rows: [[1, infinity], [-infinity, -infinity], [nan, 1], [-infinity, 5]])
    #expect(bits(x.softmax().scalars) == bits([nan, nan, nan, nan, nan, nan, 0, 1]))
    #expect(bits(x.logSoftmax().scalars.suffix(2)) == bits([-infinity, 0]))
    #expect(x.logSoftmax().scalars[2].isNaN && x.logSoftmax().scalars[5].isNaN)
  }

  @Test("NaN is the largest of a row and the smallest; the first wins")
  func argmax() {
    let x = Tensor(rows: [[1, nan, infinity, nan], [infinity, 2, infinity, -infinity], [-infinity, -infinity, 3, 3]])
    #expect(x.argmax() == [1, 0, 2])
    #expect(x.argmin() == [1, 3, 0])
    let (values, indices) = x.topK(3)
    #expect(bits(values.scalars) == bits([nan, nan, infinity, infinity, infinity, 2, 3, 3, -infinity]))
    #expect(indices == [[1, 3, 2], [0, 2, 1], [2, 3, 0]])
    #expect(x.max(axis: 1).scalars[0].isNaN && x.min(axis: 1).scalars[0].isNaN)
    #expect(Array(x.min(axis: 1).scalars[1...]) == [-infinity, -infinity])
  }

  @Test("few and many of the largest are the beginning of the sorted row", arguments: [0, 1, 10, 64, 65, 200])
  func topKOfManyTies(count: Int) {
    var random = SeededRandom(seed: 4)
    let row = (0..<200).map { _ in Float(Int(random.uniform(in: -20..<20))) }
    let expected = row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
    let (values, indices) = Tensor(row).topK(count)
    #expect(indices == [Array(expected.prefix(count))])
    #expect(values.scalars == expected.prefix(count).map { row[$0] })
  }

  @Test("a NaN maximum has a NaN gradient, and no other row has one")
  func maximumGradient() {
    let x = Tensor(rows: [[1, nan], [2, 1]]).tracked()
    let gradient = x.max(axis: 1).sum().gradients(of: [x])[0]
    #expect(bits(gradient.scalars) == bits([nan, nan, 1, 0]))
  }

  @Test("relu keeps NaN and lets its gradient through")
  func relu() {
    let x = Tensor([nan, infinity, -infinity, 0]).tracked()
    #expect(bits(x.relu().scalars) == bits([nan, infinity, 0, 0]))
    #expect(x.relu().gradients(of: [x], upstream: Tensor([1, 2, 3, 4]))[0].scalars == [1, 2, 0, 0])
  }

  @Test("what stands behind a sequence's end changes nothing; NaN before it wins, and the first of a tie")
  func steps() {
    let x = Tensor([1, 2, 2, 1, nan, infinity, nan, 4, 0, nan, 5, 6], shape: [2, 3, 2]).tracked()
    let (largest, mean) = (x.maxOverSteps(lengths: [2, 2]), x.meanOverSteps(lengths: [2, 2]))
    #expect(bits(largest.scalars) == bits([2, 2, nan, nan]))
    #expect(bits(mean.scalars) == bits([1.5, 1.5, nan, nan]))
    let upstream = Tensor([1, 2, 3, 4], shape: [2, 2])
    let gradient = largest.gradients(of: [x], upstream: upstream)[0]
    #expect(gradient.scalars == [0, 2, 1, 0, 0, 0, 3, 0, 0, 4, 0, 0])
    let ties = Tensor([7, 7, 7], shape: [1, 3, 1]).tracked()
    #expect(ties.maxOverSteps().sum().gradients(of: [ties])[0].scalars == [1, 0, 0])
    #expect(ties.meanOverSteps().scalars == [7])
  }

  @Test("adaptive pooling shows NaN in the windows that hold it, and gives a tie's gradient to the first")
  func adaptive() {
    let x = Tensor([1, 1, nan, 3], shape: [1, 1, 1, 4]).tracked()
    let largest = x.adaptiveMaxPool2d(height: 1, width: 2)
    #expect(bits(largest.scalars) == bits([1, nan]))
    #expect(largest.sum().gradients(of: [x])[0].scalars == [1, 0, 1, 0])
    #expect(bits(x.adaptiveAveragePool2d(height: 1, width: 2).scalars) == bits([1, nan]))
  }

  @Test("powers at the edges are C's")
  func powers() {
    let x = Tensor([0, -8, 4, nan, infinity])
    #expect(bits(x.pow(0.5 as Float).scalars) == bits([0, nan, 2, nan, infinity]))
    #expect(bits(x.pow(-1 as Float).scalars) == bits([infinity, -0.125, 0.25, nan, 0]))
    let leaf = Tensor([0]).tracked()
    #expect(leaf.pow(0.5 as Float).sum().gradients(of: [leaf])[0].scalar == infinity)
    #expect(leaf.pow(0 as Float).sum().gradients(of: [leaf])[0].scalar == 0)
  }

  @Test("NaN and infinity run on in a cumulative sum")
  func cumulativeSum() {
    #expect(
      bits(Tensor([1, infinity, 1, -infinity, 1]).cumulativeSum(axis: 0).scalars)
        == bits([1, infinity, infinity, nan, nan]))
    let ones = Tensor(repeating: 0.1, shape: [1_000_000]).cumulativeSum(axis: 0)
    #expect(abs(Double(ones.scalars[999_999]) - Double(Float(0.1)) * 1e6) < 0.02)
  }
}

@Suite("batches of nothing")
struct EmptyBatchTests {
  private func check(_ shape: [Int], _ expected: [Int], _ function: (Tensor) -> Tensor) {
    let x = Tensor.zeros(shape).tracked()
    let y = function(x)
    #expect(y.shape == expected && y.isTracked)
    #expect(y.sum().gradients(of: [x])[0] == Tensor.zeros(shape))
  }

  @Test("have empty results and gradients")
  func shapes() {
    check([0, 4], [0, 4]) { $0.softmax() }
    check([0, 4], [0, 4]) { $0.logSoftmax(mask: Tensor([1, 0, 1, 1])) }
    check([0, 4], [0, 4]) { ($0 * Tensor.ones([4])).relu().exp().pow(2.5 as Float) }
    check([0, 4], [0]) { $0.max(axis: 1) }
    check([0, 4], [0]) { $0.min(axis: 1) }
    check([0, 4], [0]) { $0.mean(axis: 1) }
    check([0, 4], [4]) { $0.sum(axis: 0) }
    check([0, 4], [0, 2]) { $0.topK(2).values }
    check([0, 4], [0, 4]) { $0.cumulativeSum(axis: 1) }
    check([3, 0], [3, 0]) { $0.cumulativeSum(axis: 1) }
    check([0, 4], [0, 3]) { $0.matmul(Tensor.ones([4, 3])) }
    check([0, 4], [4, 0]) { $0.transposed() }
    check([0, 4], [0]) { $0.picking(columns: []) }
    check([0, 4], [5, 4]) { Tensor.zeros([5, 4]).addingRows($0, at: []) }
    check([5, 4], [0, 4]) { $0.rows([]) }
    check([0, 2, 6, 6], [0, 3, 4, 4]) { $0.conv2d(Tensor.ones([3, 2, 3, 3]), bias: Tensor.ones([3])) }
    check([0, 2, 6], [0, 3, 4]) { $0.conv1d(Tensor.ones([3, 2, 3]), bias: Tensor.ones([3])) }
    check([0, 2, 3, 3], [0, 3, 5, 5]) { $0.convTranspose2d(Tensor.ones([2, 3, 3, 3])) }
    check([0, 2, 6, 6], [0, 2, 3, 3]) { $0.maxPool2d(2) }
    check([0, 2, 6, 6], [0, 2, 3, 3]) { $0.averagePool2d(2) }
    check([0, 2, 6, 6], [0, 2, 12, 12]) { $0.upsampledNearest2d(2) }
    #expect(Tensor.zeros([0, 4]).argmax() == [] && Tensor.zeros([0, 4]).topK(2).indices == [])
    #expect(Tensor.zeros([0, 4]).mean().scalar.isNaN)
  }

  @Test("leave the weights' gradients at 0")
  func weights() {
    let weights = Tensor.ones([3, 2, 3, 3]).tracked()
    let y = Tensor.zeros([0, 2, 6, 6]).conv2d(weights)
    #expect(y.sum().gradients(of: [weights])[0] == Tensor.zeros([3, 2, 3, 3]))
    let table = Tensor.ones([4, 3]).tracked()
    #expect(Tensor.zeros([0, 4]).matmul(table).sum().gradients(of: [table])[0] == Tensor.zeros([4, 3]))
  }
}

@Suite("shapes that further operations refuse")
struct MoreShapeFailureTests {
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("a mask")
  func mask() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).softmax(mask: Tensor.ones([2, 4]))
    }
    #expect(message(result).contains("shape error in softmax: [2, 3] and the mask [2, 4]"))
  }

  @Test("a mask larger than what it masks")
  func largerMask() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([3]).logSoftmax(mask: Tensor.ones([2, 3]))
    }
    #expect(message(result).contains("shape error in logSoftmax: [3] and the mask [2, 3]"))
  }

  @Test("a convolution in groups")
  func groups() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([1, 4, 5, 5]).conv2d(Tensor.ones([3, 2, 3, 3]), groups: 2)
    }
    #expect(message(result).contains("shape error in conv2d: [1, 4, 5, 5] and [3, 2, 3, 3], groups 2"))
  }

  @Test("a window that dilation makes too long")
  func dilation() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([1, 2, 8]).conv1d(Tensor.ones([3, 2, 3]), padding: 1, dilation: 5)
    }
    #expect(message(result).contains("shape error in conv1d: [1, 2, 8] and [3, 2, 3], padding 1, dilation 5"))
  }

  @Test("lengths that are not the sequences'")
  func lengths() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3, 1]).meanOverSteps(lengths: [3, 4])
    }
    #expect(message(result).contains("shape error in meanOverSteps: [2, 3, 1] and the lengths [3, 4]"))
  }

  @Test("steps of a matrix")
  func steps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).maxOverSteps()
    }
    #expect(message(result).contains("shape error in maxOverSteps: a tensor of shape [2, 3] is not [N, L, D]"))
  }

  @Test("adaptive pooling into no windows")
  func adaptive() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([1, 1, 2, 2]).adaptiveMaxPool2d(height: 0, width: 2)
    }
    #expect(message(result).contains("shape error in adaptiveMaxPool2d: [1, 1, 2, 2] and [0, 2] windows"))
  }

  @Test("more of the largest than there are")
  func topK() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).topK(4)
    }
    #expect(message(result).contains("shape error in topK: 4 entries of each row of shape [2, 3]"))
  }

  @Test("a cumulative sum's axis")
  func cumulativeSum() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).cumulativeSum(axis: 2)
    }
    #expect(message(result).contains("shape error in cumulativeSum: axis 2 of a tensor of shape [2, 3]"))
  }

  @Test("added rows")
  func addingRows() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).addingRows(Tensor.ones([1, 4]), at: [0])
    }
    #expect(message(result).contains("shape error in addingRows: [2, 3] and [1, 4] at 1 indices"))
  }

  @Test("an upsampled matrix")
  func upsampled() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).upsampledNearest2d(2)
    }
    #expect(message(result).contains("shape error in upsampledNearest2d: [2, 3] and the scale 2"))
  }
}
