import Behavior
import Contracts
import Foundation
import Learning
import Tensors

// A log in, alarms with type and time out. `dojo show anomaly-log-pipeline-cli` has the question, `dojo hint` helps.
//
// Legend: B sessions, T events, V actions, D = V + 3, H hidden units, K classes, 0 honest. A Session has user and events;
// an Event has time (seconds), action.rawValue, item ("" for none), value.
//
// The LSTM may be built step by step from Tensor operations (matmul, +, *, sigmoid(), tanh(), selected, sliced,
// Tensor.stacked …), from x.lstm(inputWeights:recurrentWeights:bias:hidden:cell:lengths:), or in plain loops with the
// gradients by hand. Tensors differentiate themselves: `let leaves = model.tensors.map { $0.tracked() }` … then
// `loss.gradients(of: leaves)`. The first two train in a few seconds.

struct AnomalyLogPipelineCLI: AnomalyLogPipelineCLIExercise {
  /// user_id,timestamp,item_id,action,value → sessions: users by their first row, each by time (stable); a pause longer
  /// than the gap begins a new one.
  ///
  /// CSV.records(csv) gives rows with .line, .fields and .fault; LogTimestamp.seconds(text) a time or nil. An error's text
  /// names the line.
  func sessionize(_ csv: String, gapMinutes: Double) throws -> [Session] {
    throw Unfinished()
  }

  /// Sessions wholly inside a part's users and from..<until, and the scale of log(1 + value) in the first part.
  ///
  /// Throws if two parts share a user or a moment, or the first is empty.
  func split(_ sessions: [Session], parts: [LogPart]) throws -> LogSplit {
    throw Unfinished()
  }

  /// [T, V + 3]: one-hot action, log(1 + pause), scaled log(1 + value), whether the item came before in the session.
  ///
  /// Throws for an unknown action or a value that is negative or not finite.
  func encode(_ session: Session, scaler: ValueScaler, vocabulary: ActionVocabulary) throws -> Matrix {
    throw Unfinished()
  }

  /// x [B, T, D] → logits [B, T, K], 0 at filling; gates in the order i, f, g, o. Throws for a length outside 1…T.
  func lstmForward(_ x: Tensor, lengths: [Int], _ model: AlarmModel) throws -> Tensor {
    throw Unfinished()
  }

  /// Σ w[y]·(−log p[y]) / Σ w[y] over real events, and its gradients.
  func trainStep(
    _ x: Tensor, lengths: [Int], labels: [[Int]], classWeights: [Float], _ model: AlarmModel
  ) throws -> AlarmStep {
    throw Unfinished()
  }

  /// Alarms of 1 − p(honest): opens at ≥ open, over before the first < close; the type has the largest summed probability.
  ///
  /// Throws for close > open, counts that differ, or a number that is not finite.
  func alarms(_ probabilities: Matrix, times: [Double], open: Double, close: Double) throws -> [LogAlarm] {
    throw Unfinished()
  }
}
