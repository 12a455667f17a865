import Behavior
import Foundation
import Tensors

/// A behaviour log in, alarms with a type and a time out: the same ones in batch and live.
///
/// Legend: B sessions side by side, T events, V actions, D = V + 3 numbers an event, H hidden units, K classes of which 0
/// is honest and the others are types of anomaly.
public protocol AnomalyLogPipelineCLIExercise: ExerciseContract {
  /// Reads a log and cuts it into sessions.
  ///
  /// The first line is `user_id,timestamp,item_id,action,value`, in this order. `CSV.records` of Behavior reads rows with
  /// quotes and either line end, and knows each row's line; `LogTimestamp.seconds` reads a time. Item and value may be
  /// empty (value 0); user, time and action may not.
  ///
  /// - Parameters:
  ///   - csv: the log, its rows in any order.
  ///   - gapMinutes: the longest pause within a session. A pause of exactly so much goes on; a longer one ends it.
  /// - Returns: the sessions, users in the order of their first row, each user's by time; events of the same time keep the
  ///   order of the rows.
  /// - Throws: for an empty text, another header, a negative gap; and for a row that has not five fields, an empty user or
  ///   action, an unreadable time, or a value that is not a finite number of 0 or more. The error's text names the line,
  ///   counted from 1, the header's line included.
  func sessionize(_ csv: String, gapMinutes: Double) throws -> [Session]

  /// Divides the sessions so that the parts share no user and no time, and learns the scale from the first part alone.
  ///
  /// A session is in a part if its user is and all its events lie in `from..<until`; most sessions may be in none.
  ///
  /// - Parameters:
  ///   - sessions: the sessions.
  ///   - parts: the parts; the first one is for training.
  /// - Returns: the numbers of each part's sessions, rising, and mean and population deviation of log(1 + value) over all
  ///   events of the first part; a deviation below 0.01 counts as 0.01.
  /// - Throws: if two parts share a user, their times overlap, or the first part has no session.
  func split(_ sessions: [Session], parts: [LogPart]) throws -> LogSplit

  /// Writes each event of a session as numbers, from nothing but this event and those before it.
  ///
  /// - Parameters:
  ///   - session: events by time.
  ///   - scaler: of log(1 + value).
  ///   - vocabulary: the V actions.
  /// - Returns: `[T, V + 3]`: the action's 1 among zeros; log(1 + seconds since the event before), 0 for the first;
  ///   (log(1 + value) − mean) / deviation; 1 if an earlier event of the session had the same, not empty, item.
  /// - Throws: for an action that the vocabulary does not have (the error's text names it), a value that is not finite or
  ///   negative.
  func encode(_ session: Session, scaler: ValueScaler, vocabulary: ActionVocabulary) throws -> Matrix

  /// An LSTM over sessions from states of zero, and K scores at every event.
  ///
  /// - Parameters:
  ///   - x: `[B, T, D]`; what stands after a session's length is filling.
  ///   - lengths: how many events of each session are real, 1 to T.
  ///   - model: the parameters.
  /// - Returns: the logits, `[B, T, K]`: W·h + b at real events, 0 at filling. Those of event t depend on events 0…t alone.
  /// - Throws: if a length lies outside 1…T or there is not one a session.
  func lstmForward(_ x: Tensor, lengths: [Int], _ model: AlarmModel) throws -> Tensor

  /// The loss of a batch and its gradients: Σ w[y]·(−log p[y]) / Σ w[y], over real events alone.
  ///
  /// - Parameters:
  ///   - x: `[B, T, D]`.
  ///   - lengths: as in `lstmForward`.
  ///   - labels: B rows of T classes in 0..<K; those of filling do not count.
  ///   - classWeights: w, K positive numbers.
  ///   - model: the parameters.
  /// - Returns: the loss, and its gradient with respect to every parameter.
  /// - Throws: as `lstmForward`, and if the labels do not fit or a weight is not positive.
  func trainStep(
    _ x: Tensor, lengths: [Int], labels: [[Int]], classWeights: [Float], _ model: AlarmModel
  ) throws -> AlarmStep

  /// Turns the probabilities at each event into alarms. The score of an event is s = 1 − p(honest).
  ///
  /// An alarm opens at an event with s ≥ `open`, and is over before the first later event with s < `close`; between the two
  /// thresholds it goes on. Without such an event it ends with the last.
  ///
  /// - Parameters:
  ///   - probabilities: `[T, K]`, rows of sum 1.
  ///   - times: of the events, T numbers that do not fall.
  ///   - open: the threshold that opens.
  ///   - close: the threshold that closes, not above `open`.
  /// - Returns: the alarms in order. Onset and end are the times of the first and the last event inside, the score is the
  ///   largest s inside, the type is the class but 0 with the largest sum of probability inside, the lower one of equals.
  /// - Throws: if the counts differ, close > open, or a number is not finite.
  func alarms(_ probabilities: Matrix, times: [Double], open: Double, close: Double) throws -> [LogAlarm]
}

/// Some users in some time.
public struct LogPart: Codable, Sendable, Hashable {
  /// Who.
  public var users: [String]
  /// When it begins, in seconds.
  public var from: Double
  /// The first moment after it.
  public var until: Double

  /// A part.
  public init(users: [String], from: Double, until: Double) {
    (self.users, self.from, self.until) = (users, from, until)
  }
}

/// Which sessions are in which part, and the scale of the first part.
public struct LogSplit: Codable, Sendable, Hashable {
  /// The numbers of each part's sessions, rising.
  public var parts: [[Int]]
  /// The scale of log(1 + value) in the first part.
  public var scaler: ValueScaler

  /// A split.
  public init(parts: [[Int]], scaler: ValueScaler) { (self.parts, self.scaler) = (parts, scaler) }
}

/// Mean and deviation of log(1 + value).
public struct ValueScaler: Codable, Sendable, Hashable {
  /// The mean.
  public var mean: Double
  /// The deviation, above 0.
  public var deviation: Double

  /// A scale.
  public init(mean: Double, deviation: Double) { (self.mean, self.deviation) = (mean, deviation) }
}

/// The actions that a log may hold.
public struct ActionVocabulary: Codable, Sendable, Hashable {
  /// Their names; an action's column is its place here.
  public var actions: [String]

  /// V.
  public var count: Int { actions.count }

  /// A vocabulary.
  public init(_ actions: [String]) { self.actions = actions }

  /// The place of an action, or nil.
  public func index(of action: String) -> Int? { actions.firstIndex(of: action) }
}

/// The parameters of the detector, or a gradient for each.
public struct AlarmModel: Codable, Sendable, Equatable {
  /// W `[4H, D]`, U `[4H, H]` and b `[4H]` of the LSTM, the gates in the order i, f, g, o.
  public var lstm: LSTMLayerWeights
  /// The scores' weights, `[K, H]`.
  public var output: Tensor
  /// The scores' biases, `[K]`.
  public var outputBias: Tensor

  /// Parameters.
  public init(lstm: LSTMLayerWeights, output: Tensor, outputBias: Tensor) {
    (self.lstm, self.output, self.outputBias) = (lstm, output, outputBias)
  }

  /// All of them: W, U, b, the scores' weights and biases.
  public var tensors: [Tensor] {
    get { [lstm.input, lstm.hidden, lstm.bias, output, outputBias] }
    set {
      lstm = LSTMLayerWeights(input: newValue[0], hidden: newValue[1], bias: newValue[2])
      (output, outputBias) = (newValue[3], newValue[4])
    }
  }
}

/// What a step of training needs.
public struct AlarmStep: Codable, Sendable, Equatable {
  /// The loss, in nats.
  public var loss: Double
  /// Its gradients, in the shapes of the parameters.
  public var gradients: AlarmModel

  /// A step.
  public init(loss: Double, gradients: AlarmModel) { (self.loss, self.gradients) = (loss, gradients) }
}

/// A stretch of a session that is not honest.
public struct LogAlarm: Codable, Sendable, Hashable {
  /// Its class, 1..<K.
  public var type: Int
  /// The time of the first event inside.
  public var onset: Double
  /// The time of the last.
  public var end: Double
  /// The largest 1 − p(honest) inside.
  public var score: Double

  /// An alarm.
  public init(type: Int, onset: Double, end: Double, score: Double) {
    (self.type, self.onset, self.end, self.score) = (type, onset, end, score)
  }
}

/// Times in a log.
public enum LogTimestamp {
  /// Seconds since 1970 of `2026-01-05T09:00:00Z` (UTC; a blank may stand for the T, the Z may be missing), or of a whole
  /// number of seconds; nil for anything else.
  ///
  /// Source of the calendar: H. Hinnant, "chrono-compatible low-level date algorithms", 2013.
  public static func seconds(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    if let whole = Int(text) { return abs(whole) < 1_000_000_000_000 ? Double(whole) : nil }
    guard bytes.count == 19 || (bytes.count == 20 && bytes[19] == UInt8(ascii: "Z")) else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var sum = 0
      for byte in bytes[range] {
        guard (48...57).contains(byte) else { return nil }
        sum = sum * 10 + Int(byte - 48)
      }
      return sum
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), bytes[4] == 45, bytes[7] == 45,
      bytes[10] == 84 || bytes[10] == 32, bytes[13] == 58, bytes[16] == 58, year >= 1_970, (1...12).contains(month),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    guard (1...length).contains(day) else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let yearOfEra = shifted % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = shifted / 400 * 146_097 + dayOfEra - 719_468
    return Double(days * 86_400 + hour * 3_600 + minute * 60 + second)
  }
}
