import Behavior
import Foundation
import Simulation
import Tensors

/// Sessions of a simulated platform as rows of ten numbers (`SessionFeatures`), with the truth about each.
package struct ForestSessions: Sendable {
  /// `[sessions, 10]`.
  package var x: Matrix
  /// What made each session, or nil for an honest one.
  package var kinds: [AnomalyKind?]

  package init(x: Matrix, kinds: [AnomalyKind?]) {
    (self.x, self.kinds) = (x, kinds)
  }

  /// The sessions of a log, user by user.
  ///
  /// - Parameters:
  ///   - log: what was simulated.
  ///   - pace: what multiplies the time since a session's beginning; below 1 everyone is in a hurry.
  package init(_ log: SimulatedLog, pace: Double = 1) {
    var (values, kinds) = ([Double](), [AnomalyKind?]())
    for (session, label) in log.labelledSessions() {
      var session = session
      if pace != 1 {
        let begin = session.start
        for event in session.events.indices {
          session.events[event].time = begin + pace * (session.events[event].time - begin)
        }
      }
      values += SessionFeatures.row(of: session)
      kinds.append(label)
    }
    x = Matrix(rows: kinds.count, columns: SessionFeatures.names.count, values: values)
    self.kinds = kinds
  }

  /// 1 for an anomaly, 0 for an honest session.
  package var labels: [Int] { kinds.map { $0 == nil ? 0 : 1 } }

  /// Some of the sessions.
  package func sessions(_ indices: [Int]) -> ForestSessions {
    ForestSessions(
      x: Matrix(rows: indices.count, columns: x.columns, values: indices.flatMap { x.row($0) }),
      kinds: indices.map { kinds[$0] })
  }

  /// Two columns of the rows, for a map.
  package func columns(_ first: Int, _ second: Int) -> Matrix {
    Matrix(rows: x.rows, columns: 2, values: (0..<x.rows).flatMap { [x[$0, first], x[$0, second]] })
  }
}

/// Some 19,000 sessions of which about 3 % are anomalous, of seven kinds, in two halves: one to grow a forest from,
/// without labels, the other to judge it by.
package struct SessionHalves: Sendable {
  package let first, second: ForestSessions

  /// The simulator; the oracle calls it by `dojo simulate` with the same settings.
  package static let simulator: PlatformSimulator = {
    var simulator = PlatformSimulator(users: 1_700, days: 14)
    simulator.anomalies = [
      .some(5, .bot), .some(80, .takeover), .some(3, .clickFarm), .some(8, .brushing), .some(8, .fakeReview),
      .some(80, .cardTesting), .some(8, .couponAbuse),
    ]
    return simulator
  }()

  /// The seed of the sessions that the oracle saw.
  package static let oracleSeed: UInt64 = 20_261

  package init(using random: inout SeededRandom) {
    let log = Self.simulator.simulate(using: &random)
    let table = ForestSessions(log)
    // Every second session, so that each kind lies in both.
    first = table.sessions(Array(stride(from: 0, to: table.x.rows, by: 2)))
    second = table.sessions(Array(stride(from: 1, to: table.x.rows, by: 2)))
  }

  /// Of the second half all anomalous sessions and some honest ones, evenly spread.
  package func judged(honest count: Int) -> ForestSessions {
    let honest = second.kinds.indices.filter { second.kinds[$0] == nil }
    let step = Double(honest.count) / Double(count)
    let chosen = Set((0..<min(count, honest.count)).map { honest[Int(Double($0) * step)] })
    return second.sessions(second.kinds.indices.filter { second.kinds[$0] != nil || chosen.contains($0) })
  }
}

/// What scores are worth for one kind of anomaly.
package struct KindFigures: Sendable {
  package var kind: AnomalyKind
  package var count: Int
  /// The area under the ROC curve of this kind against all honest sessions.
  package var auc: Double
  /// The share of its sessions above the honest sessions' 99th percentile.
  package var recall: Double

  package static func all(_ scores: [Double], _ kinds: [AnomalyKind?]) -> [KindFigures] {
    let honest = kinds.indices.filter { kinds[$0] == nil }.map { scores[$0] }.sorted()
    guard !honest.isEmpty else { return [] }
    let threshold = honest[Int(0.99 * Double(honest.count - 1))]
    return AnomalyKind.allCases.compactMap { kind in
      let own = kinds.indices.filter { kinds[$0] == kind }.map { scores[$0] }
      if own.isEmpty { return nil }
      let wins = own.reduce(0.0) { sum, score in
        sum + Double(place(score, in: honest, orEqual: false) + place(score, in: honest, orEqual: true)) / 2
      }
      return KindFigures(
        kind: kind, count: own.count, auc: wins / Double(own.count * honest.count),
        recall: Double(own.count { $0 > threshold }) / Double(own.count))
    }
  }

  /// How many of the sorted numbers are below a score, or not above it.
  private static func place(_ score: Double, in sorted: [Double], orEqual: Bool) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < score || (orEqual && sorted[middle] == score) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
