import Tensors

/// One anomaly score computed twice: event by event as the log arrives, and over a whole log. Both give the same bits.
///
/// The score of a user is the surprise of the latest events, older ones fading with the time constant τ:
/// S(t) = S(t − Δt) · exp(−Δt / τ) − ln P(event | previous event of this user), where Δt is the time since this user's
/// previous event. A user's first event has S = −ln P(event | START).
///
/// Legend: V kinds of event, numbered 0..<V; times and τ in seconds.
public protocol StreamBatchParityExercise: ExerciseContract {
  /// Counts which event follows which, and what comes first.
  ///
  /// P(event | previous) = (count + α) / (total of the row + α·V). Row V is START: what a sequence begins with.
  ///
  /// - Parameters:
  ///   - sessions: sequences of events, each in 0..<V; nothing follows from the last of one to the first of the next.
  ///   - vocabulary: V.
  ///   - alpha: what each count begins with (Laplace's smoothing), so that nothing has probability 0.
  /// - Returns: the table, rows of sum 1.
  /// - Throws: if V < 1, α is not positive, or an event lies outside 0..<V.
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, alpha: Double) throws -> MarkovTable

  /// Takes one event in O(1): its user's new score.
  ///
  /// Each user has a trail of their own; what the others do does not matter. An event of the same time as the user's
  /// last adds without fading. One that is *earlier* comes late: the order cannot be mended any more, so it is refused.
  ///
  /// - Parameters:
  ///   - event: what happened.
  ///   - state: what the stream remembers of each user.
  ///   - model: P(event | previous event).
  ///   - tau: τ.
  /// - Returns: the user's score after the event, in nats.
  /// - Throws: if the event is late, its kind lies outside 0..<V, its time is not finite, or τ is not positive; the
  ///   state is then as it was before.
  func push(
    _ event: StreamEvent, into state: inout StreamState, model: MarkovTable, tau: Double
  ) throws -> Double

  /// The scores of a whole log: the same numbers, bit for bit, that `push` gives when the events come by time.
  ///
  /// - Parameters:
  ///   - log: events of many users in any order; events of one user and the same time keep the log's order.
  ///   - model: P(event | previous event).
  ///   - tau: τ.
  /// - Returns: one score an event, in the order of `log`.
  /// - Throws: as `push`, though no event of a log is late.
  func batchScores(_ log: [StreamEvent], model: MarkovTable, tau: Double) throws -> [Double]
}

/// One event of a stream.
public struct StreamEvent: Codable, Sendable, Hashable {
  /// Who did it.
  public var user: Int
  /// When, in seconds.
  public var time: Double
  /// What was done, in 0..<V.
  public var event: Int

  /// An event.
  public init(user: Int, time: Double, event: Int) {
    self.user = user
    self.time = time
    self.event = event
  }
}

/// How likely each event is after each other one.
public struct MarkovTable: Codable, Sendable, Equatable {
  /// P(event | previous), `[V + 1, V]`; the last row is START.
  public var probabilities: Matrix

  /// V.
  public var vocabulary: Int { probabilities.columns }

  /// The row of what a sequence begins with: V.
  public var start: Int { probabilities.columns }

  /// A table.
  ///
  /// - Parameter probabilities: `[V + 1, V]`, positive.
  public init(_ probabilities: Matrix) {
    precondition(
      probabilities.rows == probabilities.columns + 1,
      "MarkovTable: \(probabilities.rows)×\(probabilities.columns), expected one row more than columns")
    self.probabilities = probabilities
  }
}

/// What a stream remembers: one trail a user, of three numbers.
public struct StreamState: Codable, Sendable, Hashable {
  /// The trails by user; nobody has one before their first event.
  public var trails: [Int: UserTrail] = [:]

  /// Nothing has come yet.
  public init() {}
}

/// What a stream remembers of one user.
public struct UserTrail: Codable, Sendable, Hashable {
  /// The time of the last event, in seconds.
  public var time: Double
  /// The last event.
  public var event: Int
  /// The score after it.
  public var score: Double

  /// A trail.
  public init(time: Double, event: Int, score: Double) {
    self.time = time
    self.event = event
    self.score = score
  }
}
