import EngineTestSupport
import Foundation
import Tensors
import Testing

/// Up to eight sequences go through a recurrent layer with hidden units in the lanes of the vectors, more with sequences
/// in the lanes.
@Suite("a recurrent layer is the same for few sequences and for many")
struct RecurrentPathTests {
  enum Cell: String, CaseIterable, CustomTestStringConvertible {
    case lstm, gru, rnn

    var testDescription: String { rawValue }

    /// Tensors for `N` sequences: the inputs and the first states, then the weights.
    func inputs(_ N: Int, _ L: Int, _ D: Int, _ H: Int) -> (sequences: [Tensor], weights: [Tensor]) {
      var random = SeededRandom(seed: UInt64(1_000 * N + 100 * L + 10 * D + H))
      func normal(_ shape: [Int]) -> Tensor { Tensor.normal(shape, using: &random) * 0.5 }
      let gates = self == .lstm ? 4 : self == .gru ? 3 : 1
      let states = (0..<(self == .lstm ? 2 : 1)).map { _ in normal([N, H]) }
      let biases = (0..<(self == .gru ? 2 : 1)).map { _ in normal([gates * H]) }
      return ([normal([N, L, D])] + states, [normal([gates * H, D]), normal([gates * H, H])] + biases)
    }

    /// All states, `[N, L, H]`, or `[N, L + 1, H]` with the last cell state of an LSTM.
    func callAsFunction(_ x: [Tensor], _ w: [Tensor], lengths: [Int]?) -> Tensor {
      switch self {
      case .lstm:
        let y = x[0].lstm(
          inputWeights: w[0], recurrentWeights: w[1], bias: w[2], hidden: x[1], cell: x[2], lengths: lengths)
        return Tensor.concatenated([y.sequence, y.cell.reshaped([x[0].shape[0], 1, w[1].shape[1]])], axis: 1)
      case .gru:
        return x[0].gru(
          inputWeights: w[0], recurrentWeights: w[1], inputBias: w[2], recurrentBias: w[3], hidden: x[1],
          lengths: lengths
        ).sequence
      case .rnn:
        return x[0].rnn(inputWeights: w[0], recurrentWeights: w[1], bias: w[2], hidden: x[1], lengths: lengths).sequence
      }
    }
  }

  /// Steps, inputs and hidden units, with and without whole vectors.
  static let sizes = [(1, 3, 5), (1, 4, 16), (2, 1, 1), (5, 3, 7), (4, 2, 16), (3, 5, 20), (3, 17, 33), (3, 2, 50)]

  @Test("a batch gives what its parts of one to eight sequences give", arguments: Cell.allCases, sizes)
  func partsAgree(cell: Cell, size: (L: Int, D: Int, H: Int)) {
    let parts = [1, 2, 3, 4, 5, 7, 8]
    let N = parts.reduce(0, +)
    let (sequences, weights) = cell.inputs(N, size.L, size.D, size.H)
    for lengths in [nil, (0..<N).map { $0 % (size.L + 1) }] {
      let leaves = (sequences + weights).map { $0.tracked() }
      let states = leaves.count - weights.count
      let whole = cell(Array(leaves[..<states]), Array(leaves[states...]), lengths: lengths)
      var random = SeededRandom(seed: 7)
      let upstream = Tensor.normal(whole.shape, using: &random)
      let expected = whole.gradients(of: leaves, upstream: upstream)
      var sums = weights.map { Tensor.zeros($0.shape) }
      var first = 0
      for count in parts {
        let part = first..<first + count
        let some = (sequences.map { $0.sliced(part, axis: 0) } + weights).map { $0.tracked() }
        let result = cell(Array(some[..<states]), Array(some[states...]), lengths: lengths.map { Array($0[part]) })
        #expect(difference(result, whole.sliced(part, axis: 0)) < 2e-6, "\(cell) of \(count), \(size)")
        let gradients = result.gradients(of: some, upstream: upstream.sliced(part, axis: 0))
        for index in 0..<states {
          #expect(
            difference(gradients[index], expected[index].sliced(part, axis: 0)) < 1e-5,
            "\(cell) of \(count), \(size), gradient \(index)")
        }
        for index in weights.indices { sums[index] = sums[index] + gradients[states + index] }
        first += count
      }
      for index in weights.indices {
        #expect(difference(sums[index], expected[states + index]) < 1e-5, "\(cell), \(size), weights \(index)")
      }
    }
  }

  @Test("gradients of few and of many sequences agree with differences", arguments: Cell.allCases, [2, 9])
  func gradients(cell: Cell, N: Int) {
    let (sequences, weights) = cell.inputs(N, 3, 2, 3)
    for lengths in [nil, (0..<N).map { $0 % 4 }] {
      let problem = gradientProblem(sequences + weights, tolerance: 2e-3) { x in
        cell(Array(x[..<sequences.count]), Array(x[sequences.count...]), lengths: lengths)
      }
      #expect(problem == nil)
    }
  }

  @Test("no step at all leaves the state as it is", arguments: Cell.allCases, [1, 9])
  func noSteps(cell: Cell, N: Int) {
    let (x, w) = cell.inputs(N, 0, 3, 5)
    let y = cell(x, w, lengths: nil)
    #expect(y.shape == [N, cell == .lstm ? 1 : 0, 5])
    #expect(cell != .lstm || y.scalars == x[2].scalars)
  }

  @Test("one thread, two and three give the same bits", arguments: Cell.allCases, [8, 40])
  func threads(cell: Cell, N: Int) {
    let (sequences, weights) = cell.inputs(N, 20, 64, 64)
    func bits(_ threads: Int) -> [[UInt32]] {
      Threads.use(threads)
      defer { Threads.use(ProcessInfo.processInfo.activeProcessorCount) }
      let leaves = (sequences + weights).map { $0.tracked() }
      let result = cell(Array(leaves[..<sequences.count]), Array(leaves[sequences.count...]), lengths: nil)
      let gradients = result.gradients(of: leaves, upstream: Tensor.ones(result.shape))
      return ([result] + gradients).map { $0.scalars.map(\.bitPattern) }
    }
    let one = bits(1)
    #expect(bits(2) == one && bits(3) == one)
  }

  /// The largest difference, relative to 1 + the largest number.
  private func difference(_ a: Tensor, _ b: Tensor) -> Float {
    guard a.shape == b.shape else { return .infinity }
    let largest = b.scalars.map(abs).max() ?? 0
    return zip(a.scalars, b.scalars).reduce(0) { max($0, abs($1.0 - $1.1).isNaN ? .infinity : abs($1.0 - $1.1)) }
      / (1 + largest)
  }
}
