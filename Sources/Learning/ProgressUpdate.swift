/// What long work tells of itself while it runs.
public struct ProgressUpdate: Codable, Sendable, Hashable {
  /// What is being done, such as "LSTM" or "fold 2 of 5".
  public var task: String

  /// How much of the task is done, from 0 to 1.
  public var fraction: Double

  /// Figures worth watching, such as "loss 0.31  validation 0.35".
  public var details: String

  /// A piece of news.
  public init(_ task: String, fraction: Double, details: String = "") {
    self.task = task
    self.fraction = fraction
    self.details = details
  }
}

/// Receives the news of long work. It is called often and returns at once.
public typealias ProgressHandler = @Sendable (ProgressUpdate) -> Void
