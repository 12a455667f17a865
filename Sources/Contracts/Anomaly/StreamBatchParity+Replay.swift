import Behavior
import Foundation
import Simulation
import Tensors

/// A log as a service meets it: event by event.
package enum StreamReplay {
  /// Pushes the events by time, those of one time in the order of the log.
  ///
  /// - Returns: one score an event, in the order of `log`.
  package static func scores(
    _ scorer: any StreamBatchParityExercise, _ log: [StreamEvent], model: MarkovTable, tau: Double,
    progress: (_ done: Int) -> Void = { _ in }
  ) throws -> [Double] {
    var state = StreamState()
    var scores = [Double](repeating: .nan, count: log.count)
    for (done, index) in order(log).enumerated() {
      scores[index] = try scorer.push(log[index], into: &state, model: model, tau: tau)
      if done % 1_000 == 999 { progress(done + 1) }
    }
    return scores
  }

  /// Pushes the events in the order in which they arrive; nil where the scorer refuses.
  package static func scores(
    _ scorer: any StreamBatchParityExercise, arriving log: [StreamEvent], arrival: [Double], model: MarkovTable,
    tau: Double
  ) -> [Double?] {
    var state = StreamState()
    var scores = [Double?](repeating: nil, count: log.count)
    for index in log.indices.sorted(by: { (arrival[$0], $0) < (arrival[$1], $1) }) {
      scores[index] = try? scorer.push(log[index], into: &state, model: model, tau: tau)
    }
    return scores
  }

  package static func order(_ log: [StreamEvent]) -> [Int] {
    log.indices.sorted { (log[$0].time, $0) < (log[$1].time, $1) }
  }

  /// How surprising each event is to a table that goes on counting: the newest events, unverified, teach it.
  package static func surpriseWhileLearning(_ log: [StreamEvent], counts: Matrix) -> [Double] {
    var counts = counts
    var previous: [Int: Int] = [:]
    return log.map { event in
      let row = previous[event.user] ?? counts.columns
      var total = 0.0
      for column in 0..<counts.columns { total += counts[row, column] }
      let surprise = -naturalLog(counts[row, event.event] / total)
      counts[row, event.event] += 1
      previous[event.user] = event.event
      return surprise
    }
  }

  /// How surprising each event is to a table that stays.
  package static func surprise(_ log: [StreamEvent], model: MarkovTable) -> [Double] {
    var previous: [Int: Int] = [:]
    return log.map { event in
      let row = previous[event.user] ?? model.start
      previous[event.user] = event.event
      return -naturalLog(model.probabilities[row, event.event])
    }
  }

  /// `log` is a parameter here.
  private static func naturalLog(_ x: Double) -> Double { Foundation.log(x) }

  /// The scores that follow from the surprise of each event, of a log by time.
  package static func faded(_ log: [StreamEvent], surprise: [Double], tau: Double) -> [Double] {
    var last: [Int: (time: Double, score: Double)] = [:]
    return zip(log, surprise).map { event, surprise in
      let before = last[event.user].map { $0.score * exp(-(event.time - $0.time) / tau) } ?? 0
      last[event.user] = (event.time, before + surprise)
      return before + surprise
    }
  }

  /// A score divided by its user's largest: over the whole log, as a batch may, and over what has come so far, as a
  /// stream must.
  package static func dividedByLargest(
    _ log: [StreamEvent], scores: [Double]
  ) -> (batch: [Double], stream: [Double]) {
    var largest: [Int: Double] = [:]
    var stream = scores
    for index in order(log) {
      let seen = max(largest[log[index].user] ?? 0, scores[index])
      largest[log[index].user] = seen
      stream[index] = seen > 0 ? scores[index] / seen : 0
    }
    let batch = log.indices.map { index in
      let most = largest[log[index].user] ?? 0
      return most > 0 ? scores[index] / most : 0
    }
    return (batch, stream)
  }
}

/// A simulated shop: a week of honest histories to learn from, and the 20,000 events that follow.
package struct StreamShop {
  package static let vocabulary = Action.known.count
  package static let length = 20_000

  /// What each honest user did in the first five days.
  package private(set) var history: [[Int]] = []
  /// What honest users did in the next two days; thresholds come from here.
  package private(set) var calibration: [StreamEvent] = []
  /// What follows, by time.
  package private(set) var replay: [StreamEvent] = []
  /// What each event of the replay belongs to; nil for honest ones.
  package private(set) var labels: [AnomalyKind?] = []
  /// The anomalies of which the replay holds an event: the places of all their events.
  package private(set) var attacks: [(kind: AnomalyKind, events: [Int])] = []

  package init(random: SeededRandom) {
    var random = random
    let configuration = ShopConfiguration(users: 300, days: 14, takeovers: 30, bots: 4, brushingRings: 0)
    let log = ShopSimulator().simulate(configuration, using: &random)
    let numbers = Dictionary(uniqueKeysWithValues: Action.known.enumerated().map { ($1, $0) })
    let (learnt, calibrated) = (configuration.start + 5 * 86_400, configuration.start + 7 * 86_400)
    let culprits = Dictionary(grouping: log.anomalies, by: { $0.users[0] })
    var histories: [Int: [Int]] = [:]
    for event in log.events {
      let user = Int(event.user.dropFirst()) ?? 0
      let stream = StreamEvent(user: user, time: event.time, event: numbers[event.action] ?? 0)
      let anomaly = culprits[event.user]?.first { event.time >= $0.start && event.time <= $0.end }
      // The first week has been vetted: what is abnormal there is left out.
      if event.time < calibrated {
        if anomaly != nil { continue }
        if event.time < learnt { histories[user, default: []].append(stream.event) } else { calibration.append(stream) }
      } else if replay.count < StreamShop.length {
        replay.append(stream)
        labels.append(anomaly?.kind)
      }
    }
    history = histories.sorted { $0.key < $1.key }.map(\.value)
    for anomaly in log.anomalies where anomaly.end >= calibrated {
      let user = Int(anomaly.users[0].dropFirst()) ?? 0
      let events = replay.indices.filter {
        replay[$0].user == user && replay[$0].time >= anomaly.start && replay[$0].time <= anomaly.end
      }
      if !events.isEmpty { attacks.append((anomaly.kind, events)) }
    }
  }

  /// How often each event follows each other one in the vetted history, with α added; row V is START.
  package func counts(alpha: Double) -> Matrix {
    let size = StreamShop.vocabulary
    var counts = Matrix(repeating: alpha, rows: size + 1, columns: size)
    for events in history {
      var previous = size
      for event in events {
        counts[previous, event] += 1
        previous = event
      }
    }
    return counts
  }

  package var start: Double { replay.first?.time ?? 0 }

  /// Seconds from a time to the next midnight (UTC), when a nightly batch runs.
  package static func untilMidnight(_ time: Double) -> Double {
    86_400 - time.truncatingRemainder(dividingBy: 86_400)
  }

  /// The events of the honest user who does most between two times.
  package func busiestHonest(from start: Double, to end: Double) -> [Int] {
    var places: [Int: [Int]] = [:]
    for index in replay.indices where labels[index] == nil && replay[index].time >= start && replay[index].time <= end {
      places[replay[index].user, default: []].append(index)
    }
    return places.values.max { ($0.count, $1[0]) < ($1.count, $0[0]) } ?? []
  }

  /// The q-quantile of some scores.
  package static func quantile(_ scores: [Double], _ q: Double) -> Double {
    let sorted = scores.sorted()
    return sorted[min(sorted.count - 1, Int(q * Double(sorted.count)))]
  }

  /// The mean of each `size` neighbouring values.
  package static func means(_ values: [Double], of size: Int) -> [Double] {
    stride(from: 0, to: values.count - size + 1, by: size).map { from in
      values[from..<from + size].reduce(0, +) / Double(size)
    }
  }

  /// How many alarms of each kind there are in each `hours` hours since the start.
  package func alarms(_ scores: [Double], above threshold: Double, kind: AnomalyKind?, hours: Double) -> [Double] {
    let last = replay.last.map { Int(($0.time - start) / 3_600 / hours) } ?? 0
    var counts = [Double](repeating: 0, count: last + 1)
    for index in replay.indices where scores[index] > threshold && labels[index] == kind {
      counts[Int((replay[index].time - start) / 3_600 / hours)] += 1
    }
    return counts
  }
}
