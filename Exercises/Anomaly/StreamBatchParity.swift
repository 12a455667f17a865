import Contracts
import Foundation
import Tensors

// One score, live and over a whole log. `dojo show stream-batch-parity` has the question, `dojo hint` helps.
//
// Legend: V kinds of event, 0..<V. A StreamEvent has user, time (seconds) and event. A MarkovTable holds
// probabilities [V + 1, V]: model.probabilities[previous, event]; its last row, model.start, is what a sequence begins
// with. MarkovTable(matrix) makes one; Matrix(rows:columns:) is a matrix of zeros, m[row, column] one number.
// StreamState.trails[user] is a UserTrail(time:event:score:), or nil before the user's first event.
// Where an input makes no sense, throw an error: `throw BadInput("…")`.

struct StreamBatchParity: StreamBatchParityExercise {
  /// P(event | previous) = (count + α) / (total of the row + α·V); row V is START, what each session begins with.
  /// Throws for V < 1, α ≤ 0, and an event outside 0..<V.
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, alpha: Double) throws -> MarkovTable {
    throw Unfinished()
  }

  /// The user's score after the event, in O(1): S · exp(−Δt/τ) − ln P(event | previous event of this user), where Δt is
  /// the time since this user's previous event; −ln P(event | START) for the first.
  /// Throws for an event earlier than this user's last, an event outside 0..<V, a time that is not finite, and τ ≤ 0;
  /// the state is then as it was before.
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    throw Unfinished()
  }

  /// The same scores, bit for bit, for a log in any order: one score an event, in the order of the log. Events of one
  /// user and the same time keep the log's order. Throws as `push` does.
  func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double] {
    throw Unfinished()
  }
}
