import Charts
import Contracts
import Foundation
import Learning
import Tensors

/// What `dojo run` shows of an exercise: an implementation at work beside a baseline.
public struct Demo<Contract>: Sendable {
  let show: @Sendable (Contract, DemoContext) throws -> DemoReport

  /// A demo. The same seed must give the same report, bit for bit.
  public init(_ show: @escaping @Sendable (_ implementation: Contract, _ context: DemoContext) throws -> DemoReport) {
    self.show = show
  }
}

/// What a demo is given.
public struct DemoContext: Sendable {
  /// The seed from which everything random is drawn.
  public let seed: UInt64

  /// A file of the user's own, from `dojo run --data FILE`; a demo that takes one says so, others leave it alone.
  public let data: URL?

  /// Where the demo says how far it is.
  public let progress: ProgressHandler

  /// A context.
  public init(seed: UInt64, data: URL? = nil, progress: @escaping ProgressHandler = { _ in }) {
    self.seed = seed
    self.data = data
    self.progress = progress
  }

  /// A generator of its own for a named purpose.
  public func random(_ label: String) -> SeededRandom { SeededRandom(seed: seed).fork(label) }
}

/// What a demo found.
public struct DemoReport: Codable, Sendable, Hashable {
  /// The figures of the implementation, by name.
  public var metrics: [String: Double]

  /// The same figures of the baseline.
  public var baseline: [String: Double]

  /// Texts, tables and charts.
  public var report: Report

  /// A report.
  public init(metrics: [String: Double], baseline: [String: Double], report: Report) {
    self.metrics = metrics
    self.baseline = baseline
    self.report = report
  }
}
