import Foundation
import Learning
import Simulation
import Tensors

/// Normal sessions to train and to calibrate on, and a mixture to be judged by.
package struct SwitchData {
  package static let vocabulary = ChannelSwitchSessions.vocabularySize

  package var train: [[Int]]
  package var calibration: [[Int]]
  package var test: [[Int]]
  /// 1 for a takeover, 0 for a normal session; in the order of `test`.
  package var labels: [Int]
  package var samples: [ChannelSwitchSessions.Sample]

  package init(train count: Int, using random: inout SeededRandom) {
    let shop = ChannelSwitchSessions(using: &random)
    train = shop.normal(count: count, using: &random).map(\.tokens)
    calibration = shop.normal(count: 500, using: &random).map(\.tokens)
    let mixture = shop.normal(count: 500, using: &random) + shop.takeovers(count: 500, using: &random)
    samples = random.permutation(of: mixture.count).map { mixture[$0] }
    test = samples.map(\.tokens)
    labels = samples.map { $0.switchStep == nil ? 0 : 1 }
  }
}

/// How well scores tell takeovers from normal sessions.
package struct DetectorFigures {
  package var auc: Double
  /// By budget, in the order of `budgets`.
  package var precision: [Double]
  package var recall: [Double]
  package var falseAlarms: [Double]

  package static let budgets = [0.01, 0.05]

  // One threshold a budget; an alarm is a score above it.
  package init(labels: [Int], scores: [Double], thresholds: [Double]) throws {
    auc = try Metrics.auc(labels, scores: scores)
    (precision, recall, falseAlarms) = ([], [], [])
    let positives = labels.count { $0 == 1 }
    for threshold in thresholds {
      let alarms = labels.indices.filter { scores[$0] > threshold }
      let right = alarms.count { labels[$0] == 1 }
      precision.append(alarms.isEmpty ? .nan : Double(right) / Double(alarms.count))
      recall.append(Double(right) / Double(positives))
      falseAlarms.append(Double(alarms.count - right) / Double(labels.count - positives))
    }
  }
}

extension SwitchData {
  /// Of the takeovers that raise an alarm and show a wrong channel at all, the share whose first alarm is at most two
  /// events from the first wrong one.
  ///
  /// The first step above the threshold dates better than the most surprising one: every later event on the wrong
  /// channel surprises as much as the first.
  package func dated(_ surprise: SessionSurprise, threshold: Double) -> Double {
    var (near, all) = (0, 0)
    for (session, sample) in samples.enumerated() {
      guard let first = sample.firstWrongStep, let alarm = surprise.firstAlarm(session, threshold: threshold) else {
        continue
      }
      all += 1
      if abs(alarm - first) <= 2 { near += 1 }
    }
    return all == 0 ? 0 : Double(near) / Double(all)
  }
}

extension SessionSurprise {
  /// The first event of a session that surprises by more than the threshold; events count from 0, and the first has no
  /// surprise.
  package func firstAlarm(_ session: Int, threshold: Double) -> Int? {
    perStep[session].firstIndex { $0 > threshold }.map { $0 + 1 }
  }

  /// The largest surprise of each session.
  package var peak: [Double] { perStep.map { $0.max() ?? 0 } }
}
