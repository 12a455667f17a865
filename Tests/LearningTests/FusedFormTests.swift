import EngineTestSupport
import Learning
import Tensors
import Testing

/// What is written by hand in one pass, held to the operations that it stands for.
@Suite("fused forms")
struct FusedFormTests {
  @Test(
    "attention is softmax(Q·Kᵀ / √width)·V of each head, at sizes that fill no panel of 32 queries and at some that do",
    arguments: [[1, 1, 1, 1], [3, 5, 2, 3], [32, 32, 2, 8], [33, 7, 1, 5], [70, 41, 2, 16], [4, 66, 3, 33]],
    [false, true])
  func attention(size: [Int], isMasked: Bool) {
    let (L, S, heads, W) = (size[0], size[1], size[2], size[3])
    var random = SeededRandom(seed: UInt64(L * 100 + S))
    func drawn(_ tokens: Int) -> Tensor { Tensor.normal([2, tokens, heads * W], using: &random).tracked() }
    let (q, k, v) = (drawn(L), drawn(S), drawn(S))
    let padding = isMasked ? MultiHeadAttention.padding(lengths: [S, S / 2], steps: S) : nil
    var mask = Tensor.ones([2, L, S])
    for n in 0..<2 {
      for i in 0..<L {
        for j in 0..<S where isMasked && (j > i || (n == 1 && j >= S / 2)) { mask[n, i, j] = 0 }
      }
    }
    func head(_ x: Tensor, _ h: Int) -> Tensor { x.sliced(h * W..<(h + 1) * W, axis: 2) }
    let parts = (0..<heads).map { h in
      let scores = head(q, h).matmul(head(k, h), transposingSecond: true) / Float(W).squareRoot()
      return scores.softmax(mask: mask).matmul(head(v, h))
    }
    let expected = Tensor.concatenated(parts, axis: 2)
    let seen = q.attention(keys: k, values: v, heads: heads, isCausal: isMasked, keyPadding: padding)
    #expect(difference(seen, expected, "values", tolerance: 5e-6) == nil)
    let upstream = Tensor.normal(seen.shape, using: &random)
    let (found, wanted) = (
      seen.gradients(of: [q, k, v], upstream: upstream), expected.gradients(of: [q, k, v], upstream: upstream)
    )
    for (number, name) in ["queries", "keys", "values"].enumerated() {
      #expect(difference(found[number], wanted[number], name, tolerance: 5e-6) == nil)
    }
  }

  @Test(
    "a text's strongest responses are the maximum over time of ReLU of a convolution, and so are the gradients",
    arguments: [[1, 1, 1, 1, 1], [2, 5, 3, 4, 5], [3, 20, 7, 33, 3], [2, 40, 16, 5, 4]])
  func strongestResponses(size: [Int]) {
    var random = SeededRandom(seed: UInt64(size.reduce(0, +)))
    let words = Tensor.normal([size[0], size[1], size[2]], using: &random).tracked()
    let filters = Tensor.normal([size[3], size[2], size[4]], using: &random).tracked()
    let bias = Tensor.normal([size[3]], using: &random).tracked()
    let seen = words.strongestResponses(filters, bias: bias)
    let expected = words.permuted([0, 2, 1]).conv1d(filters, bias: bias).relu().max(axis: 2)
    #expect(difference(seen, expected, "values", tolerance: 5e-6) == nil)
    let upstream = Tensor.normal(seen.shape, using: &random)
    let leaves = [words, filters, bias]
    let (found, wanted) = (
      seen.gradients(of: leaves, upstream: upstream), expected.gradients(of: leaves, upstream: upstream)
    )
    for (number, name) in ["words", "filters", "bias"].enumerated() {
      #expect(difference(found[number], wanted[number], name, tolerance: 5e-6) == nil)
    }
  }

  @Test("finite differences agree with the gradients of a text's strongest responses")
  func strongestGradients() {
    var random = SeededRandom(seed: 21)
    let inputs = [[2, 6, 3], [4, 3, 2], [4]].map { Tensor.normal($0, using: &random) }
    #expect(gradientProblem(inputs) { $0[0].strongestResponses($0[1], bias: $0[2]) } == nil)
  }

  @Test("the first of equal windows takes the gradient, none does where no response is positive, and NaN wins")
  func strongestTies() {
    let filters = Tensor.ones([1, 1, 1])
    let words = Tensor([1, 2, 2, -1, -2, -1, 1, .nan, 3], shape: [3, 3, 1]).tracked()
    let seen = words.strongestResponses(filters, bias: Tensor([0]))
    #expect(seen.scalars[0] == 2 && seen.scalars[1] == 0 && seen.scalars[2].isNaN)
    #expect(words.strongestResponses(filters, bias: Tensor([5])).scalars.prefix(2) == [7, 4])
    #expect(seen.gradients(of: [words], upstream: Tensor.ones([3, 1]))[0].scalars == [0, 1, 0, 0, 0, 0, 0, 1, 0])
  }

  @Test("the cross-entropy of logits is what its formula says, with its gradient", arguments: [1, 17, 1_030, 70_001])
  func binaryCrossEntropies(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let logits = (Tensor.normal([count], using: &random) * 6).tracked()
    let targets = Tensor.uniform([count], using: &random)
    let seen = binaryCrossEntropy(logits, targets)
    let expected = (logits.softplus() - logits * targets).mean()
    #expect(difference(seen, expected, "loss") == nil)
    let (found, wanted) = ((seen * 3).gradients(of: [logits])[0], (expected * 3).gradients(of: [logits])[0])
    #expect(difference(found * Float(count), wanted * Float(count), "gradient", tolerance: 1e-6) == nil)
    let extreme = Tensor([-200, 200, .infinity, .nan, -.infinity])
    let losses = (0..<5).map { binaryCrossEntropy(Tensor([extreme[$0]]), Tensor([1])).scalar }
    #expect(losses[0] == 200 && losses[1] == 0 && losses[3].isNaN && losses[4] == .infinity)
  }

  @Test("the largest number of a long row is found in each lane and behind the last; NaN wins", arguments: 0..<37)
  func largest(place: Int) {
    var x = Tensor((0..<37).map { -Float($0) - 1 }, shape: [37])
    x[place] = 5
    #expect(x.max().scalar == 5 && (-x).min().scalar == -5)
    x[place] = .nan
    #expect(x.max().scalar.isNaN)
    #expect(Tensor.concatenated([x, Tensor.ones([37])]).reshaped([2, 37]).max(axis: 0).scalars[place].isNaN)
  }
}

/// Optimizers on gradients in rows, held to the same bits on dense ones.
@Suite("optimizers on rows")
struct RowOptimizerTests {
  @Test(
    "steps on rows have the bits of dense steps, dense steps in between too",
    arguments: ["SGD", "SGD decay", "SGD momentum", "Adam", "Adam decay", "AdamW", "RMSProp"])
  func bits(name: String) {
    switch name {
    case "SGD": check(SGD(learningRate: 0.1))
    case "SGD decay": check(SGD(learningRate: 0.1, weightDecay: 0.01))
    case "SGD momentum": check(SGD(learningRate: 0.1, momentum: 0.9))
    case "Adam": check(Adam(learningRate: 0.01))
    case "Adam decay": check(Adam(learningRate: 0.01, weightDecay: 0.1))
    case "AdamW": check(AdamW(learningRate: 0.01, weightDecay: 0.1))
    default: check(RMSProp())
    }
  }

  private func check<Rule: Optimizer>(_ rule: Rule) {
    var random = SeededRandom(seed: 31)
    let (vocabulary, width) = (3_000, 37)
    let first = Tensor.normal([vocabulary, width], using: &random)
    // The dense step comes at the end, in the middle, and at the beginning: then all rows have moved.
    for denseStep in [4, 2, 0] {
      var (onRows, onAll) = (rule, rule)
      let (few, all) = (Parameter("few", first), Parameter("all", first))
      for step in 0..<5 {
        let tokens = step == 3 ? [] : (0..<50).map { _ in Int(random.uniform(in: 0..<Double(vocabulary / 2))) }
        let rows = SparseRows(
          shape: first.shape, adding: tokens, values: Tensor.normal([tokens.count, width], using: &random))
        onRows.update([few], [step == denseStep ? .dense(rows.dense()) : .rows(rows)])
        onAll.update([all], [rows.dense()])
      }
      #expect(few.value == all.value, "dense step \(denseStep)")
      #expect(few.value != first)
    }
  }

  @Test("training an embedding by rows is training it by its dense gradient, with one thread and with three")
  func training() {
    func trained(_ threads: Int, byRows: Bool) -> Tensor {
      Threads.use(threads)
      defer { Threads.use(2) }
      var random = SeededRandom(seed: 32)
      let embedding = Embedding(5_000, 64, using: &random)
      let answer = Dense(64, 2, using: &random)
      var adam = Adam(learningRate: 0.01)
      let parameters = embedding.parameters + answer.parameters
      for _ in 0..<4 {
        let texts = (0..<8).map { _ in (0..<40).map { _ in Int(random.uniform(in: 0..<5_000)) } }
        let loss = { softmaxCrossEntropy(answer(embedding(texts).meanOverSteps()), [0, 1, 0, 1, 0, 1, 0, 1]) }
        if byRows {
          step(parameters, &adam, loss: loss)
        } else {
          adam.update(parameters, loss().gradients(of: parameters))
        }
      }
      return embedding.table.value
    }
    let expected = trained(1, byRows: false)
    #expect(trained(1, byRows: true) == expected)
    #expect(trained(3, byRows: true) == expected)
  }
}
