import Behavior
import Contracts
import Curriculum
import Foundation
import Solutions
import Tensors

let anomalyLogPipelineCLIMistakes = [
  Mistake(
    OneLabelForAll.self, in: .anomalyLogPipelineCLI, rejectedBy: "five traces become alarms with type and time",
    saying: "Every alarm has one type"),
  Mistake(
    ScalesBeforeTheSplit.self, in: .anomalyLogPipelineCLI,
    rejectedBy: "parts share no user and no time, and the scale is the first part's",
    saying: "fitted before the split"),
  Mistake(
    UsersOnBothSides.self, in: .anomalyLogPipelineCLI,
    rejectedBy: "parts share no user and no time, and the scale is the first part's", saying: "on both sides"),
  Mistake(
    CutsAtTheGap.self, in: .anomalyLogPipelineCLI, rejectedBy: "sessions of fourteen lines, and of a shuffled log",
    saying: "a pause of exactly the gap"),
  Mistake(
    TurnsTies.self, in: .anomalyLogPipelineCLI, rejectedBy: "sessions of fourteen lines, and of a shuffled log",
    saying: "events of one second"),
  Mistake(
    CountsRowsOfData.self, in: .anomalyLogPipelineCLI, rejectedBy: "a malformed line 7 is reported as line 7",
    saying: "You count the rows of data"),
  Mistake(
    PauseAfterTheEvent.self, in: .anomalyLogPipelineCLI,
    rejectedBy: "an event's numbers know nothing of what comes after", saying: "pause *after* the event"),
  Mistake(
    SearchesTheWholeSession.self, in: .anomalyLogPipelineCLI,
    rejectedBy: "an event's numbers know nothing of what comes after", saying: "only earlier events count"),
  Mistake(
    CountsFilling.self, in: .anomalyLogPipelineCLI, rejectedBy: "logits, loss and gradients equal torch's",
    saying: "The filling is counted"),
  Mistake(
    ForgetsClassWeights.self, in: .anomalyLogPipelineCLI, rejectedBy: "logits, loss and gradients equal torch's",
    saying: "The class weights do not enter"),
  Mistake(
    AddsTheMeanOverTime.self, in: .anomalyLogPipelineCLI, rejectedBy: "stream equals batch, byte for byte",
    saying: "What needs the future cannot be served live"),
  Mistake(
    OneThreshold.self, in: .anomalyLogPipelineCLI, rejectedBy: "five traces become alarms with type and time",
    saying: "One threshold alone"),
  Mistake(
    LosesTheOpenAlarm.self, in: .anomalyLogPipelineCLI, rejectedBy: "five traces become alarms with type and time",
    saying: "open at the end is lost"),
  Mistake(
    NeverLearns.self, in: .anomalyLogPipelineCLI,
    rejectedBy: "types and onsets are found in users and days that were not trained on",
    saying: "has learned nothing"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: AnomalyLogPipelineCLIExercise {}

extension MostlyRight {
  var right: AnomalyLogPipelineCLI { AnomalyLogPipelineCLI() }

  func sessionize(_ csv: String, gapMinutes: Double) throws -> [Session] {
    try right.sessionize(csv, gapMinutes: gapMinutes)
  }
  func split(_ sessions: [Session], parts: [LogPart]) throws -> LogSplit { try right.split(sessions, parts: parts) }
  func encode(_ session: Session, scaler: ValueScaler, vocabulary: ActionVocabulary) throws -> Matrix {
    try right.encode(session, scaler: scaler, vocabulary: vocabulary)
  }
  func lstmForward(_ x: Tensor, lengths: [Int], _ model: AlarmModel) throws -> Tensor {
    try right.lstmForward(x, lengths: lengths, model)
  }
  func trainStep(
    _ x: Tensor, lengths: [Int], labels: [[Int]], classWeights: [Float], _ model: AlarmModel
  ) throws -> AlarmStep {
    try right.trainStep(x, lengths: lengths, labels: labels, classWeights: classWeights, model)
  }
  func alarms(_ probabilities: Matrix, times: [Double], open: Double, close: Double) throws -> [LogAlarm] {
    try right.alarms(probabilities, times: times, open: open, close: close)
  }
}

/// The document's: one sigmoid unit, normal or abnormal.
private struct OneLabelForAll: MostlyRight {
  func alarms(_ probabilities: Matrix, times: [Double], open: Double, close: Double) throws -> [LogAlarm] {
    try right.alarms(probabilities, times: times, open: open, close: close).map {
      LogAlarm(type: 1, onset: $0.onset, end: $0.end, score: $0.score)
    }
  }
}

/// The document's: `scaler.fit_transform` over all rows.
private struct ScalesBeforeTheSplit: MostlyRight {
  func split(_ sessions: [Session], parts: [LogPart]) throws -> LogSplit {
    let everybody = LogPart(users: Array(Set(sessions.map(\.user))), from: -1e12, until: 1e12)
    return LogSplit(
      parts: try right.split(sessions, parts: parts).parts,
      scaler: try right.split(sessions, parts: [everybody]).scaler)
  }
}

private struct UsersOnBothSides: MostlyRight {
  func split(_ sessions: [Session], parts: [LogPart]) throws -> LogSplit {
    LogSplit(
      parts: parts.map { part in
        sessions.indices.filter { sessions[$0].start >= part.from && sessions[$0].end < part.until }
      }, scaler: try right.split(sessions, parts: parts).scaler)
  }
}

private struct CutsAtTheGap: MostlyRight {
  func sessionize(_ csv: String, gapMinutes: Double) throws -> [Session] {
    try right.sessionize(csv, gapMinutes: gapMinutes - 0.001)
  }
}

private struct TurnsTies: MostlyRight {
  func sessionize(_ csv: String, gapMinutes: Double) throws -> [Session] {
    try right.sessionize(csv, gapMinutes: gapMinutes).map { session in
      let turned = Array(session.events.reversed())
      let order = turned.indices.sorted { (turned[$0].time, $0) < (turned[$1].time, $1) }
      return Session(user: session.user, events: order.map { turned[$0] })
    }
  }
}

private struct CountsRowsOfData: MostlyRight {
  func sessionize(_ csv: String, gapMinutes: Double) throws -> [Session] {
    do { return try right.sessionize(csv, gapMinutes: gapMinutes) } catch {
      throw BadInput("\(error)".replacingOccurrences(of: "line 7", with: "row 6"))
    }
  }
}

private struct PauseAfterTheEvent: MostlyRight {
  func encode(_ session: Session, scaler: ValueScaler, vocabulary: ActionVocabulary) throws -> Matrix {
    let events = session.events
    var matrix = try right.encode(session, scaler: scaler, vocabulary: vocabulary)
    for row in events.indices {
      matrix[row, vocabulary.count] = row + 1 < events.count ? log1p(events[row + 1].time - events[row].time) : 0
    }
    return matrix
  }
}

private struct SearchesTheWholeSession: MostlyRight {
  func encode(_ session: Session, scaler: ValueScaler, vocabulary: ActionVocabulary) throws -> Matrix {
    var matrix = try right.encode(session, scaler: scaler, vocabulary: vocabulary)
    for (row, event) in session.events.enumerated() where !event.item.isEmpty {
      let isRepeated = session.events.count { $0.item == event.item } > 1
      matrix[row, vocabulary.count + 2] = isRepeated ? 1 : 0
    }
    return matrix
  }
}

private struct CountsFilling: MostlyRight {
  func trainStep(
    _ x: Tensor, lengths: [Int], labels: [[Int]], classWeights: [Float], _ model: AlarmModel
  ) throws -> AlarmStep {
    try right.trainStep(
      x, lengths: lengths.map { _ in x.shape[1] }, labels: labels, classWeights: classWeights, model)
  }
}

private struct ForgetsClassWeights: MostlyRight {
  func trainStep(
    _ x: Tensor, lengths: [Int], labels: [[Int]], classWeights: [Float], _ model: AlarmModel
  ) throws -> AlarmStep {
    try right.trainStep(x, lengths: lengths, labels: labels, classWeights: classWeights.map { _ in 1 }, model)
  }
}

/// A context of the whole session, as a pooled or bidirectional layer gives it.
private struct AddsTheMeanOverTime: MostlyRight {
  func lstmForward(_ x: Tensor, lengths: [Int], _ model: AlarmModel) throws -> Tensor {
    let logits = try right.lstmForward(x, lengths: lengths, model)
    return logits + logits.mean(axis: 1, keepingDims: true)
  }
}

private struct OneThreshold: MostlyRight {
  func alarms(_ probabilities: Matrix, times: [Double], open: Double, close: Double) throws -> [LogAlarm] {
    try BadInput.unless(close <= open, "close above open")
    return try right.alarms(probabilities, times: times, open: open, close: open)
  }
}

private struct LosesTheOpenAlarm: MostlyRight {
  func alarms(_ probabilities: Matrix, times: [Double], open: Double, close: Double) throws -> [LogAlarm] {
    try right.alarms(probabilities, times: times, open: open, close: close).filter { $0.end != times.last }
  }
}

private struct NeverLearns: MostlyRight {
  func trainStep(
    _ x: Tensor, lengths: [Int], labels: [[Int]], classWeights: [Float], _ model: AlarmModel
  ) throws -> AlarmStep {
    var step = try right.trainStep(x, lengths: lengths, labels: labels, classWeights: classWeights, model)
    step.gradients.tensors = step.gradients.tensors.map { $0 * 0 }
    return step
  }
}
