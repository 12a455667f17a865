import Behavior
import Foundation
import Learning
import Simulation
import Tensors

/// Scores of a forest, from which days with and without anomalies are drawn.
///
/// The forest is grown from honest sessions that were checked by hand, as is usual where alarms shall be calibrated;
/// other honest sessions and the anomalous ones are scored by it, and none of them is among those it was grown from.
package struct ScorePool: Sendable {
  /// Of honest sessions.
  package let honest: [Double]
  /// Of anomalous sessions, and what each is.
  package let anomalous: [Double]
  package let kinds: [AnomalyKind]
  /// Of honest sessions of a sale on which everyone is in a hurry; empty unless asked for.
  package let hurried: [Double]
  /// Of the sessions that the forest was grown from: not fit to calibrate on.
  package let grownFrom: [Double]

  /// The pauses of a sale as a share of the usual ones.
  package static let hurry = 0.25

  package static let simulator: PlatformSimulator = {
    var simulator = PlatformSimulator(users: 1_800, days: 14)
    simulator.anomalies = [
      .some(22, .bot), .some(36, .takeover), .some(2, .clickFarm), .some(3, .brushing), .some(3, .fakeReview),
      .some(36, .cardTesting), .some(3, .couponAbuse),
    ]
    return simulator
  }()

  package init(
    trees: Int = 100, sampleSize: Int = 1_024, growing: Int = 4_000, withHurry: Bool = false,
    using random: inout SeededRandom
  ) throws {
    let log = Self.simulator.simulate(using: &random)
    let table = ForestSessions(log)
    let honest = table.kinds.indices.filter { table.kinds[$0] == nil }
    // Sessions, not users, are shuffled: then calibration and test are drawn alike, which is all that p-values ask for.
    let shuffled = random.permutation(of: honest.count).map { honest[$0] }
    let growing = min(growing, honest.count / 3)
    let grown = table.sessions(Array(shuffled.prefix(growing))).x
    let forest = try IsolationForest(trees: trees, sampleSize: sampleSize).fit(grown, using: &random)
    func scores(_ table: ForestSessions) throws -> [Double] { try forest.scores(of: table.x).map { -$0 } }
    let rest = Array(shuffled.dropFirst(growing))
    self.honest = try scores(table.sessions(rest))
    let odd = table.sessions(table.kinds.indices.filter { table.kinds[$0] != nil })
    anomalous = try scores(odd)
    kinds = odd.kinds.compactMap { $0 }
    grownFrom = try scores(table.sessions(Array(shuffled.prefix(growing))))
    hurried =
      withHurry
      ? try scores(ForestSessions(log, pace: Self.hurry).sessions(rest)) : []
  }

  /// A day to be judged, and honest scores to calibrate on.
  package struct Day: Sendable {
    package var calibration: [Double]
    package var test: [Double]
    /// What each of `test` is; nil for honest.
    package var kinds: [AnomalyKind?]
  }

  /// Draws calibration and test from the pool without repetition.
  ///
  /// - Parameters:
  ///   - calibration: how many honest scores to calibrate on.
  ///   - sessions: how many sessions the day has.
  ///   - share: which share of them is anomalous.
  ///   - sale: whether the honest sessions of the day are hurried ones.
  ///   - calibratedOnSale: whether the calibration scores are.
  ///   - random: draws the sessions.
  /// - Returns: the day.
  package func day(
    calibration: Int, sessions: Int, share: Double, sale: Bool = false, calibratedOnSale: Bool = false,
    using random: inout SeededRandom
  ) -> Day {
    let odd = Int((share * Double(sessions)).rounded())
    let order = random.permutation(of: honest.count)
    let oddOrder = random.permutation(of: anomalous.count)
    let normal = order.dropFirst(calibration).prefix(sessions - odd).map {
      (score: sale ? hurried[$0] : honest[$0], kind: AnomalyKind?.none)
    }
    let planted = oddOrder.prefix(odd).map { (score: anomalous[$0], kind: AnomalyKind?.some(kinds[$0])) }
    let all = normal + planted
    let mixed = random.permutation(of: all.count).map { all[$0] }
    return Day(
      calibration: order.prefix(calibration).map { calibratedOnSale ? hurried[$0] : honest[$0] },
      test: mixed.map(\.score), kinds: mixed.map(\.kind))
  }
}

/// What the alarms of a day were worth.
package struct AlarmFigures: Sendable {
  package var alarms: Int
  package var falseAlarms: Int
  package var anomalies: Int
  /// Found and all, by kind.
  package var byKind: [AnomalyKind: (found: Int, all: Int)] = [:]

  package init(_ alarms: [Bool], _ kinds: [AnomalyKind?]) {
    self.alarms = alarms.count { $0 }
    falseAlarms = 0
    anomalies = 0
    for (alarm, kind) in zip(alarms, kinds) {
      if let kind {
        anomalies += 1
        let before = byKind[kind] ?? (0, 0)
        byKind[kind] = (before.found + (alarm ? 1 : 0), before.all + 1)
      } else if alarm {
        falseAlarms += 1
      }
    }
  }

  package var found: Int { alarms - falseAlarms }
  /// The share of the alarms that are false; 0 without alarms.
  package var falseDiscoveries: Double { alarms == 0 ? 0 : Double(falseAlarms) / Double(alarms) }
  package var recall: Double { anomalies == 0 ? 0 : Double(found) / Double(anomalies) }
  package func recall(of kind: AnomalyKind) -> Double {
    byKind[kind].map { Double($0.found) / Double(max(1, $0.all)) } ?? 0
  }
}
