import Foundation
import Tensors

/// Numbers over time: one user's hourly activity with planted intervals, curves of a day, and times between events.
public enum ActivitySeries {
  /// An hourly series and what is wrong in it.
  public struct Series: Sendable, Hashable {
    /// Events per hour, from midnight on a Monday.
    public let values: [Double]
    /// What is wrong, by start.
    public let intervals: [Interval]

    /// For each hour, whether it lies in an interval.
    public var isAnomalous: [Bool] {
      var flags = [Bool](repeating: false, count: values.count)
      for interval in intervals { for hour in interval.hours { flags[hour] = true } }
      return flags
    }
  }

  /// Something wrong in a series.
  public struct Interval: Sendable, Hashable {
    /// What it is.
    public let kind: Kind
    /// Which hours.
    public let hours: Range<Int>
  }

  /// What can be wrong.
  public enum Kind: String, CaseIterable, Sendable {
    /// A stranger's burst: five times as much for three to six hours of the day.
    case burst
    /// A bot at work from one to five in the morning, busier than people are in the evening.
    case nightBot
    /// Nothing at all for a day, where there is never nothing by day.
    case silence
    /// A day and a half in which every hour is a little too low: no single hour stands out.
    case slump
  }

  /// The hourly activity of one user or shop.
  ///
  /// - Parameters:
  ///   - days: how many days.
  ///   - level: events of an average hour.
  ///   - kinds: what to plant, each once, in intervals that do not touch.
  ///   - random: where the randomness comes from.
  /// - Returns: the series with its intervals.
  public static func hourly(
    days: Int, level: Double = 30, planting kinds: [Kind] = [], using random: inout SeededRandom
  ) -> Series {
    precondition(days >= 3 * kinds.count, "ActivitySeries: \(days) days are too few for \(kinds.count) intervals")
    let peak = 20 + random.uniform(in: -2..<2)
    var means = (0..<(24 * days)).map { step -> Double in
      let daily = 1.05 + 0.85 * cos(2 * .pi * (Double(step % 24) - peak) / 24)
      return level * daily * (step / 24 % 7 >= 5 ? 1.3 : 1)
    }
    var intervals: [Interval] = []
    let room = kinds.isEmpty ? days : days / kinds.count
    for (index, kind) in kinds.enumerated() {
      let day = 24 * (index * room + random.below(room - 2))
      let hours: Range<Int>
      switch kind {
      case .burst:
        let first = day + 9 + random.below(8)
        hours = first..<(first + 3 + random.below(4))
        for hour in hours { means[hour] *= 5 }
      case .nightBot:
        hours = (day + 1)..<(day + 6)
        for hour in hours { means[hour] = 2.6 * level }
      case .silence:
        hours = (day + 6)..<(day + 30)
        for hour in hours { means[hour] = 0 }
      case .slump:
        hours = (day + 6)..<(day + 42)
        for hour in hours { means[hour] *= 0.72 }
      }
      intervals.append(Interval(kind: kind, hours: hours))
    }
    let values = means.map { mean in max(0, (mean + (1.2 * mean).squareRoot() * random.normal()).rounded()) }
    return Series(values: values, intervals: intervals)
  }

  /// Curves of a day from a few shapes, each shifted, scaled and noisy: their shape is what tells them apart.
  ///
  /// - Parameters:
  ///   - count: how many curves.
  ///   - steps: numbers in a curve; 96 for quarter hours.
  ///   - random: where the randomness comes from.
  /// - Returns: the curves, and the shape of each: one peak, two peaks, a plateau, a ramp.
  public static func dailyCurves(
    count: Int, steps: Int = 96, using random: inout SeededRandom
  ) -> (curves: [[Double]], shapes: [Int]) {
    func bump(_ x: Double, _ centre: Double, _ width: Double) -> Double {
      exp(-(x - centre) * (x - centre) / (2 * width * width))
    }
    let shapes: [(Double) -> Double] = [
      { bump($0, 0.5, 0.05) }, { bump($0, 0.38, 0.035) + bump($0, 0.62, 0.035) },
      { abs($0 - 0.5) < 0.14 ? 1 : 0 }, { $0 > 0.36 && $0 < 0.64 ? ($0 - 0.36) / 0.28 : 0 },
    ]
    var curves: [[Double]] = []
    var labels: [Int] = []
    for index in 0..<count {
      let shape = shapes[index % shapes.count]
      let shift = random.uniform(in: -0.25..<0.25)
      let scale = random.uniform(in: 0.5..<3)
      curves.append(
        (0..<steps).map { step in
          scale * shape((Double(step) + 0.5) / Double(steps) - shift) + 0.08 * scale * random.normal()
        })
      labels.append(index % shapes.count)
    }
    return (curves, labels)
  }

  /// Ticks (1) among silence (0): a bot's come after exactly `period` steps, a person's after nearly as many.
  ///
  /// - Parameters:
  ///   - count: how many series; bots and people in turn.
  ///   - length: steps in a series.
  ///   - period: steps between a bot's ticks.
  ///   - jitter: by how much a person's may be more or less.
  ///   - random: where the randomness comes from.
  /// - Returns: the series, and whether it is a bot's.
  public static func ticks(
    count: Int, length: Int = 120, period: Int = 20, jitter: Int = 3, using random: inout SeededRandom
  ) -> [(ticks: [Double], isBot: Bool)] {
    (0..<count).map { index in
      let isBot = index % 2 == 0
      var ticks = [Double](repeating: 0, count: length)
      var step = random.below(period)
      while step < length {
        ticks[step] = 1
        step += period + (isBot ? 0 : random.below(2 * jitter + 1) - jitter)
      }
      return (ticks, isBot)
    }
  }

  /// Times between events: in one of two series a stretch is periodic, in the other the same numbers are shuffled.
  ///
  /// - Parameters:
  ///   - pairs: how many pairs.
  ///   - length: numbers in a series.
  ///   - stretch: how many of them are periodic.
  ///   - random: where the randomness comes from.
  /// - Returns: the series, periodic and shuffled in turn; a pair has the same sorted values.
  public static func periodicStretches(
    pairs: Int, length: Int = 40, stretch: Int = 24, using random: inout SeededRandom
  ) -> [(values: [Double], isPeriodic: Bool)] {
    (0..<pairs).flatMap { _ in
      let period = Double(3 + random.below(4))
      let phase = random.uniform() * 2 * .pi
      let first = random.below(length - stretch + 1)
      var values = (0..<length).map { _ in random.normal() }
      for step in first..<(first + stretch) {
        values[step] = 2.0.squareRoot() * sin(2 * .pi * Double(step) / period + phase) + 0.2 * random.normal()
      }
      var shuffled = values
      for (place, from) in random.permutation(of: stretch).enumerated() {
        shuffled[first + place] = values[first + from]
      }
      return [(values, true), (shuffled, false)]
    }
  }
}
