import Foundation
import Tensors

/// What a month of a user's activity looks like as a picture of 28 days by 24 hours.
///
///     CalendarPattern.churning.draw(using: &random)   // 672 numbers in 0...1
public enum CalendarPattern: String, CaseIterable, Sendable {
  /// On working days.
  case weekday
  /// At the weekend.
  case weekend
  /// Less and less.
  case churning
  /// A bot whose clock is late by an hour every four days.
  case slowDrift
  /// Every day.
  case plain
  /// Every other day.
  case alternate
  /// Twice a day.
  case twoWindows
  /// Earlier and later from week to week.
  case weeklyWobble
  /// From some day on twelve hours later: another person.
  case shifted
  /// Whole days on which it never stops.
  case bursts
  /// For longer every day.
  case widening
  /// A bot whose clock is late by an hour every day.
  case fastDrift

  /// The first eight, for training where the last four are new.
  public static let known = Array(allCases.prefix(8))

  /// A month: a window of some hours at a random time of the day, with noise.
  ///
  /// - Returns: 28 rows of 24 numbers in 0...1.
  public func draw(using random: inout SeededRandom) -> [Float] {
    let phase = random.uniform() * 24
    let change = 10 + random.below(9)
    let bursts = Set(random.permutation(of: 28).prefix(5))
    var pixels: [Float] = []
    for day in 0..<28 {
      for hour in 0..<24 {
        let chance = intensity(day: day, hour: Double(hour) - phase, change: change, isBurst: bursts.contains(day))
        let isActive = random.bool(probability: 0.03 + 0.9 * chance)
        pixels.append(isActive ? Float(0.5 + 0.5 * random.uniform()) : 0)
      }
    }
    return pixels
  }

  /// How likely activity is at an hour after the user's own midnight.
  private func intensity(day: Int, hour: Double, change: Int, isBurst: Bool) -> Double {
    func window(_ shift: Double, width: Double = 3) -> Double {
      let away = abs((hour - shift).truncatingRemainder(dividingBy: 24))
      return min(away, 24 - away) < width ? 1 : 0
    }
    switch self {
    case .weekday: return day % 7 < 5 ? window(0) : 0
    case .weekend: return day % 7 >= 5 ? window(0) : 0
    case .churning: return window(0) * max(0, 1 - Double(day) / 20)
    case .slowDrift: return window(Double(day) / 4)
    case .plain: return window(0)
    case .alternate: return day % 2 == 0 ? window(0) : 0
    case .twoWindows: return max(window(0, width: 2), window(9, width: 2))
    case .weeklyWobble: return window(4 * sin(2 * .pi * Double(day) / 7))
    case .shifted: return window(day < change ? 0 : 12)
    case .bursts: return isBurst ? 0.9 : window(0)
    case .widening: return window(0, width: 1 + Double(day) / 3.5)
    case .fastDrift: return window(Double(day))
    }
  }
}
