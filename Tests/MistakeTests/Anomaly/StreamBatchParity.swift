import Contracts
import Curriculum
import Foundation
import Solutions
import Tensors

let streamBatchParityMistakes = [
  Mistake(
    DividesByTheLargest.self, in: .streamBatchParity, rejectedBy: "stream and batch agree to the last bit",
    saying: "maximum of the whole sequence"),
  Mistake(
    BatchAsItStands.self, in: .streamBatchParity, rejectedBy: "stream and batch agree to the last bit",
    saying: "does not sort by time"),
  Mistake(
    BatchByTime.self, in: .streamBatchParity, rejectedBy: "stream and batch agree to the last bit",
    saying: "in the order of time"),
  Mistake(
    BatchByClosedForm.self, in: .streamBatchParity, rejectedBy: "stream and batch agree to the last bit",
    saying: "not bit for bit"),
  Mistake(
    OneTrailForAll.self, in: .streamBatchParity, rejectedBy: "what other users do changes nothing",
    saying: "previous event of another user"),
  Mistake(
    TakesLateEvents.self, in: .streamBatchParity, rejectedBy: "a late event is refused and changes nothing",
    saying: "a late event cannot be put in its place"),
  Mistake(
    WritesBeforeRefusing.self, in: .streamBatchParity, rejectedBy: "a late event is refused and changes nothing",
    saying: "the state had changed before"),
  Mistake(
    FadesOnceAnEvent.self, in: .streamBatchParity, rejectedBy: "a steady stream settles at s / (1 − exp(−Δt/τ))",
    saying: "whatever time has passed"),
  Mistake(
    FadesTheNew.self, in: .streamBatchParity, rejectedBy: "six events by hand, τ = 10",
    saying: "fade first, then add"),
  Mistake(
    JoinsSessions.self, in: .streamBatchParity, rejectedBy: "the table counts as NumPy does, START included",
    saying: "You let a session follow"),
  Mistake(
    SmoothsByOneAlpha.self, in: .streamBatchParity, rejectedBy: "the table counts as NumPy does, START included",
    saying: "the row's total grows by α·V"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: StreamBatchParityExercise {}

extension MostlyRight {
  var right: StreamBatchParity { StreamBatchParity() }

  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, alpha: Double) throws -> MarkovTable {
    try right.fitMarkov(sessions, vocabulary: vocabulary, alpha: alpha)
  }
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    try right.push(event, into: &state, model: model, tau: tau)
  }
  func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double] {
    try right.batchScores(log, model: model, tau: tau)
  }
}

/// The omission of the document: a normalisation that knows the whole sequence, which the stream cannot.
private struct DividesByTheLargest: MostlyRight {
  func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double] {
    let scores = try right.batchScores(log, model: model, tau: tau)
    var largest: [Int: Double] = [:]
    for (event, score) in zip(log, scores) { largest[event.user] = max(largest[event.user] ?? 0, score) }
    return zip(log, scores).map { $1 / (largest[$0.user] ?? 1) }
  }
}

private struct BatchAsItStands: MostlyRight {
  func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double] {
    var trails: [Int: UserTrail] = [:]
    return log.map { event in
      var score = 0.0
      var previous = model.start
      if let trail = trails[event.user] {
        score = trail.score * exp(-max(0, event.time - trail.time) / tau)
        previous = trail.event
      }
      score -= Foundation.log(model.probabilities[previous, event.event])
      trails[event.user] = UserTrail(time: event.time, event: event.event, score: score)
      return score
    }
  }
}

private struct BatchByTime: MostlyRight {
  func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double] {
    let scores = try right.batchScores(log, model: model, tau: tau)
    return log.indices.sorted { (log[$0].time, $0) < (log[$1].time, $1) }.map { scores[$0] }
  }
}

/// Σ surprise · exp(−age / τ): the same number in mathematics, other bits, and O(n²).
private struct BatchByClosedForm: MostlyRight {
  func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double] {
    var scores = [Double](repeating: 0, count: log.count)
    var seen: [Int: [(time: Double, surprise: Double)]] = [:]
    var previous: [Int: Int] = [:]
    for index in log.indices.sorted(by: { (log[$0].time, $0) < (log[$1].time, $1) }) {
      let event = log[index]
      let row = previous[event.user] ?? model.start
      seen[event.user, default: []].append((event.time, -Foundation.log(model.probabilities[row, event.event])))
      previous[event.user] = event.event
      scores[index] = (seen[event.user] ?? []).reduce(0) { $0 + $1.surprise * exp(-(event.time - $1.time) / tau) }
    }
    return scores
  }
}

private struct OneTrailForAll: MostlyRight {
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    try right.push(
      StreamEvent(user: 0, time: event.time, event: event.event), into: &state, model: model, tau: tau)
  }
}

private struct TakesLateEvents: MostlyRight {
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    let time = max(event.time, state.trails[event.user]?.time ?? event.time)
    return try right.push(
      StreamEvent(user: event.user, time: time, event: event.event), into: &state, model: model, tau: tau)
  }
}

private struct WritesBeforeRefusing: MostlyRight {
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    let before = state
    state.trails[event.user]?.event = event.event
    var checked = before
    let score = try right.push(event, into: &checked, model: model, tau: tau)
    state = checked
    return score
  }
}

private struct FadesOnceAnEvent: MostlyRight {
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    // As if one second had passed.
    var moved = state
    moved.trails[event.user]?.time = event.time - 1
    let score = try right.push(event, into: &moved, model: model, tau: tau)
    state = moved
    return score
  }
}

private struct FadesTheNew: MostlyRight {
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double {
    let pause = event.time - (state.trails[event.user]?.time ?? event.time)
    let faded = (state.trails[event.user]?.score ?? 0) * exp(-pause / tau)
    let score = try right.push(event, into: &state, model: model, tau: tau)
    let wrong = faded + (score - faded) * exp(-pause / tau)
    state.trails[event.user]?.score = wrong
    return wrong
  }
}

private struct JoinsSessions: MostlyRight {
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, alpha: Double) throws -> MarkovTable {
    try right.fitMarkov([sessions.flatMap { $0 }], vocabulary: vocabulary, alpha: alpha)
  }
}

private struct SmoothsByOneAlpha: MostlyRight {
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, alpha: Double) throws -> MarkovTable {
    var table = try right.fitMarkov(sessions, vocabulary: vocabulary, alpha: alpha).probabilities
    var totals = [Double](repeating: 0, count: vocabulary + 1)
    for session in sessions {
      for previous in [vocabulary] + session.dropLast() where !session.isEmpty { totals[previous] += 1 }
    }
    for row in 0...vocabulary {
      let factor = (totals[row] + alpha * Double(vocabulary)) / (totals[row] + alpha)
      for event in 0..<vocabulary { table[row, event] *= factor }
    }
    return MarkovTable(table)
  }
}
