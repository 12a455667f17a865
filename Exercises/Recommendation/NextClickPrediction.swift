import Behavior
import Contracts
import Foundation
import Learning
import Tensors

// The next click on a site: from a log to a trained LSTM, judged on the future beside a Markov chain.
// `dojo show next-click-prediction` has the question, `dojo hint` helps.
//
// Legend: B sessions, T steps, V ids, E numbers an embedding, H hidden units. Id 0 is PAD (filling, on the right), id 1
// is UNK, pages begin at 2. The target of a step is the click that follows it.

struct NextClickPrediction: NextClickPredictionExercise {
  /// The clicks of a CSV text with the columns user, time, page, in any order; `CSV.records` splits rows.
  ///
  /// Throws for a missing column, no click, or a bad row (fields, empty user or page, time not finite, open quote); the
  /// error's text names the line of a bad row.
  func readLog(_ csv: String) throws -> [PageClick] {
    throw Unfinished()
  }

  /// Sessions: runs of one user's clicks by time, no pause longer than `gap`, two clicks at least. For training those
  /// that end before `cut`, for the test those that begin at `cut` or later; none that lies across.
  ///
  /// Throws for an empty log, a gap that is not above 0, or a number that is not finite.
  func split(_ log: [PageClick], gap: Double, cut: Double) throws -> NextClickSplit {
    throw Unfinished()
  }

  /// Logits of the next click at every step: embedding [V, E] → LSTM [E → H] → dense [H → V], gates i, f, g, o.
  ///
  /// B rows of T ids → [B, T, V], from `Tensor` operations. Throws for no row or step, ragged rows, ids outside 0..<V.
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    throw Unfinished()
  }

  /// The mean of −log softmax(logits)[target] over the targets that are not PAD, and its gradient [B, T, V].
  ///
  /// Throws where counts do not fit, a target lies outside 0..<V, or all are PAD.
  func loss(_ logits: Tensor, targets: [[Int]]) throws -> NextClickLoss {
    throw Unfinished()
  }

  /// Forward, loss, gradients of the six tensors, one common norm of at most `model.normLimit`, one step of Adam.
  ///
  /// Returns the loss before the step.
  func trainStep(_ model: inout NextClickModel, inputs: [[Int]], targets: [[Int]]) throws -> Double {
    throw Unfinished()
  }

  /// HR@k and MRR of the targets' ranks: 1 + strictly better + half of the other ties, among ids not excluded.
  ///
  /// An excluded target is a miss that counts. Throws for no row, counts that do not fit, a target outside 0..<V,
  /// k < 1, or NaN.
  func rankingMetrics(
    scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>
  ) throws -> NextClickRanking {
    throw Unfinished()
  }

  /// Popularity (n(b) + α) / (Σ n + α·(V − 1)) and P(b | a) (n(a → b) + α) / (Σ n(a → ·) + α·(V − 1)) for b in 1..<V.
  ///
  /// A row after which nothing ever came is popularity; PAD has 0. Throws for no click, ids outside 1..<V, a bad α.
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, smoothing: Double) throws -> NextClickMarkov {
    throw Unfinished()
  }
}
