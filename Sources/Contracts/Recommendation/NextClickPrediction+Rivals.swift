import Learning
import Simulation
import Tensors

// What stands beside the model: scores of the baselines and of the generator, and known mistakes to tell by name.

extension Matrix {
  /// The numbers of a tensor with two axes.
  package init(scores: Tensor) {
    self.init(rows: scores.shape[0], columns: scores.shape[1], values: scores.scalars.map(Double.init))
  }

  /// Scores before each click but the first, from a function of what is known: as `NextClickLearner.scores`.
  package init(prefixes: [[Int]], vocabulary: Int, _ scores: ([Int]) -> [Double]) {
    var values: [Double] = []
    for prefix in prefixes {
      for step in prefix.indices { values += scores(Array(prefix[...step])) }
    }
    self.init(rows: values.count / vocabulary, columns: vocabulary, values: values)
  }
}

/// Counts of what follows each *pair* of clicks, on top of the first-order chain: with two clicks known,
/// (n(a, b → c) + 3·P(c | b)) / (n(a, b → ·) + 3). On a site of second order no model of its size does better.
package struct NextClickPairs {
  private var counts: [[Int]: [Int: Double]] = [:]
  private let chain: NextClickMarkov

  package init(_ sessions: [[Int]], chain: NextClickMarkov) {
    self.chain = chain
    for session in sessions where session.count > 2 {
      for step in 2..<session.count {
        counts[[session[step - 2], session[step - 1]], default: [:]][session[step], default: 0] += 1
      }
    }
  }

  package func scores(after prefix: [Int]) -> [Double] {
    var scores = chain.scores(after: prefix).map { 3 * $0 }
    if prefix.count > 1, let seen = counts[Array(prefix.suffix(2))] {
      for (id, count) in seen { scores[id] += count }
    }
    return scores
  }
}

extension ClickStream {
  /// The best possible scores, by id.
  ///
  /// - Parameters:
  ///   - prefix: ids so far.
  ///   - pageOfID: the page of each id, or nil.
  /// - Returns: one number an id.
  package func scores(after prefix: [Int], pageOfID: [Int?]) -> [Double] {
    let probabilities = probabilities(after: prefix.compactMap { pageOfID[$0] })
    return pageOfID.map { $0.map { probabilities[$0] } ?? 0 }
  }
}

/// Clicks that came, by how many clicks were known before.
package struct NextClickHits {
  package private(set) var hitRates: [Double] = []

  package init(
    _ exercise: any NextClickPredictionExercise, scores: Matrix, sessions: [[Int]], k: Int, steps: Int
  ) throws {
    let stepOfRow = sessions.flatMap { $0.indices.dropFirst() }
    let targets = sessions.nextClicks
    for step in 1...steps {
      let rows = stepOfRow.indices.filter { stepOfRow[$0] == step }
      if rows.isEmpty { break }
      hitRates.append(
        try exercise.rankingMetrics(
          scores: Matrix(rows.map { scores.row($0) }), targets: rows.map { targets[$0] }, k: k,
          exclude: NextClickVocabulary.reserved
        ).hitRate)
    }
  }
}

/// Known mistakes, made on purpose.
package enum NextClickMistakes {
  /// The document's layer: `activation='relu'` in the place of both tanh.
  package static func reluForward(_ ids: [[Int]], _ p: NextClickParameters) -> Tensor {
    let (rows, steps, size) = (ids.count, ids[0].count, p.recurrentWeights.shape[1])
    var (h, c) = (Tensor.zeros([rows, size]), Tensor.zeros([rows, size]))
    var states: [Tensor] = []
    for step in 0..<steps {
      let z =
        p.embedding.rows(ids.map { $0[step] }).matmul(p.inputWeights, transposingSecond: true)
        + h.matmul(p.recurrentWeights, transposingSecond: true) + p.bias
      let gates = z.split([size, size, size, size], axis: 1)
      c = gates[1].sigmoid() * c + gates[0].sigmoid() * gates[2].relu()
      h = gates[3].sigmoid() * c.relu()
      states.append(h)
    }
    return Tensor.stacked(states, axis: 1).affine(p.outputWeights, bias: p.outputBias)
  }

  /// The document's preparation: each row divided by its largest number; a layer of embeddings cuts off the fraction.
  package static func divided(_ ids: [[Int]]) -> [[Int]] {
    ids.map { row in row.map { $0 / max(1, row.max() ?? 1) } }
  }

  /// The mean over every step, PAD as a target like any other.
  package static func unmasked(_ logits: Tensor, _ targets: [[Int]]) -> Double {
    Double(softmaxCrossEntropy(logits.detached(), targets.flatMap { $0 }).scalar)
  }

  /// A step whose gradients are clipped one tensor at a time.
  package static func stepClippedOneByOne(
    _ exercise: any NextClickPredictionExercise, _ model: inout NextClickModel, _ batch: NextClickBatch
  ) throws -> Double {
    let leaves = model.parameters.tensors.map { $0.tracked() }
    let logits = try exercise.forward(batch.inputs, NextClickParameters(leaves))
    let loss = try exercise.loss(logits, targets: batch.targets)
    let gradients = logits.gradients(of: leaves, upstream: loss.gradient)
      .flatMap { clipped([$0], toGlobalNorm: model.normLimit) }
    var tensors = model.parameters.tensors
    model.adam.update(&tensors, gradients: gradients)
    model.parameters.tensors = tensors
    return loss.value
  }

  /// Ranks as `argsort` finds them: a tie is won.
  package static func optimistic(
    scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>, tieShare: Double = 0
  ) -> NextClickRanking {
    var ranking = NextClickRanking(hitRate: 0, mrr: 0)
    for (row, target) in targets.enumerated() where !exclude.contains(target) {
      var rank = 1.0
      for id in 0..<scores.columns where id != target && !exclude.contains(id) {
        if scores[row, id] > scores[row, target] { rank += 1 }
        if scores[row, id] == scores[row, target] { rank += tieShare }
      }
      if rank <= Double(k) { ranking.hitRate += 1 / Double(targets.count) }
      ranking.mrr += 1 / rank / Double(targets.count)
    }
    return ranking
  }
}
