import Contracts

/// How a check ended.
public enum Outcome: String, Codable, Sendable, CaseIterable {
  case passed = "passed"
  case notStarted = "not started"
  case doesNotCompile = "does not compile"
  case wrongShape = "wrong shape"
  case wrongValue = "wrong value"
  case notANumber = "not a number"
  case crashed = "crashed"
  case timedOut = "timed out"
  case outOfMemory = "out of memory"
  case tooMuchOutput = "too much output"
}

/// Why an answer is not right: what the learner reads.
public struct Rejection: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public let outcome: Outcome

  /// Where, what was expected, what was seen, and what the mistake probably is.
  public let message: String

  /// Rejects an answer.
  public init(_ outcome: Outcome, _ message: String) {
    self.outcome = outcome
    self.message = message
  }

  /// The outcome and the message.
  public var description: String { "\(outcome.rawValue): \(message)" }
}
