import Contracts
import Foundation
import Tensors

/// One step function, called by both: the batch sorts a log and replays it through the stream.
///
/// What is computed once cannot differ. Sculley et al., "Hidden technical debt in machine learning systems", NeurIPS 2015,
/// and Breck et al., "The ML test score", IEEE Big Data 2017, for training/serving skew and for testing its absence.
public struct StreamBatchParity: StreamBatchParityExercise {
  /// Makes the reference.
  public init() {}

  /// (count + α) / (total + α·V), row by row; every sequence begins in the row START.
  public func fitMarkov(_ sessions: [[Int]], vocabulary: Int, alpha: Double) throws -> MarkovTable {
    try BadInput.unless(vocabulary >= 1, "a vocabulary of \(vocabulary) events")
    try BadInput.unless(alpha > 0 && alpha.isFinite, "α is \(alpha), expected a positive number")
    var counts = Matrix(rows: vocabulary + 1, columns: vocabulary)
    for session in sessions {
      var previous = vocabulary  // START
      for event in session {
        try requireKnown(event, vocabulary)
        counts[previous, event] += 1
        previous = event
      }
    }
    var probabilities = counts
    for row in 0...vocabulary {
      let total = counts.row(row).reduce(0, +)
      for event in 0..<vocabulary {
        probabilities[row, event] = (counts[row, event] + alpha) / (total + alpha * Double(vocabulary))
      }
    }
    return MarkovTable(probabilities)
  }

  /// S·exp(−Δt/τ) − ln P. Everything is checked before the state is touched.
  public func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    try BadInput.unless(tau > 0, "τ is \(tau), expected a positive number of seconds")
    try BadInput.unless(event.time.isFinite, "the time is \(event.time)")
    try requireKnown(event.event, model.vocabulary)
    var score = 0.0
    var previous = model.start
    if let trail = state.trails[event.user] {
      try BadInput.unless(
        event.time >= trail.time, "user \(event.user): an event at \(event.time) comes after one at \(trail.time)")
      score = trail.score * exp(-(event.time - trail.time) / tau)
      previous = trail.event
    }
    score -= log(model.probabilities[previous, event.event])
    state.trails[event.user] = UserTrail(time: event.time, event: event.event, score: score)
    return score
  }

  /// A replay by time; the position breaks ties, because the standard library does not promise a stable sort.
  public func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double] {
    try BadInput.unless(log.allSatisfy { $0.time.isFinite }, "a time is not finite")
    try BadInput.unless(tau > 0, "τ is \(tau), expected a positive number of seconds")
    let byTime = log.indices.sorted { (log[$0].time, $0) < (log[$1].time, $1) }
    var state = StreamState()
    var scores = [Double](repeating: 0, count: log.count)
    for index in byTime { scores[index] = try push(log[index], into: &state, model: model, tau: tau) }
    return scores
  }

  private func requireKnown(_ event: Int, _ vocabulary: Int) throws {
    try BadInput.unless(event >= 0 && event < vocabulary, "event \(event), expected one in 0..<\(vocabulary)")
  }
}
