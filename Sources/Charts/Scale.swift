import Foundation

/// A mapping of one axis from data to the interval from 0 to 1, and its ticks.
struct Scale {
  /// The ends of the axis; powers of ten on a logarithmic one.
  let lower: Double
  let upper: Double
  let isLogarithmic: Bool
  /// Whether only whole numbers make sense as ticks, such as epochs.
  let isWhole: Bool

  /// A labelled place on the axis.
  struct Tick: Equatable {
    let position: Double
    let label: String
  }

  /// How far a fitted axis reaches beyond its data.
  enum Margin {
    /// Not at all.
    case none
    /// A little, so that marks at the ends are seen whole.
    case slight
    /// To the next tick.
    case tick
  }

  /// An axis with a given range, or else one that holds all values that can be drawn.
  init(fitting values: [Double], range: ClosedRange<Double>? = nil, isLogarithmic: Bool = false, margin: Margin) {
    let drawable = values.filter { Scale.isDrawable($0, isLogarithmic: isLogarithmic) }
    let size = { (value: Double) in isLogarithmic ? log10(value) : value }
    var lower = drawable.min().map(size) ?? 0
    var upper = drawable.max().map(size) ?? 1
    var fixedLower = false
    var fixedUpper = false
    if let range, Scale.isDrawable(range.lowerBound, isLogarithmic: isLogarithmic) {
      lower = size(range.lowerBound)
      fixedLower = true
    }
    if let range, Scale.isDrawable(range.upperBound, isLogarithmic: isLogarithmic) {
      upper = size(range.upperBound)
      fixedUpper = true
    }
    let largest = max(abs(lower), abs(upper))
    if upper - lower <= 1e-9 * largest || upper - lower < 1e-290 {
      let padding = isLogarithmic ? 0.5 : largest < 1e-280 ? 1 : 0.1 * largest
      (lower, upper) = (min(lower, upper) - padding, max(lower, upper) + padding)
    } else if margin == .slight || (margin == .tick && isLogarithmic) {
      let padding = 0.03 * (upper - lower)
      if !fixedLower { lower -= padding }
      if !fixedUpper { upper += padding }
    } else if margin == .tick {
      let step = Scale.step(span: upper - lower, count: 5)
      if !fixedLower { lower = (lower / step + 1e-9).rounded(.down) * step }
      if !fixedUpper { upper = (upper / step - 1e-9).rounded(.up) * step }
    }
    self.lower = lower
    self.upper = upper
    self.isLogarithmic = isLogarithmic
    isWhole = range == nil && !drawable.isEmpty && drawable.allSatisfy { $0 == $0.rounded() }
  }

  /// Whether a value has a place on an axis; values near the largest double would overflow, so they have none.
  static func isDrawable(_ value: Double, isLogarithmic: Bool) -> Bool {
    value.isFinite && abs(value) < 1e300 && (!isLogarithmic || value > 1e-300)
  }

  /// Where a value lies, 0 and 1 at the ends, limited to a few lengths of the axis beyond them; nil where it has no
  /// place.
  func position(_ value: Double) -> Double? {
    guard Scale.isDrawable(value, isLogarithmic: isLogarithmic) else { return nil }
    let size = isLogarithmic ? log10(value) : value
    return min(max((size - lower) / (upper - lower), -8), 9)
  }

  /// The value at a place, from 0 to 1: the inverse of `position`.
  func value(at position: Double) -> Double {
    // In parts, because the difference of two large values may overflow.
    let size = lower * (1 - position) + upper * position
    return isLogarithmic ? pow(10, size) : size
  }

  /// About as many ticks as wanted, at multiples of 1, 2 or 5 times a power of ten.
  func ticks(_ count: Int) -> [Tick] {
    isLogarithmic ? logarithmicTicks(count) : linearTicks(count)
  }

  private func linearTicks(_ count: Int) -> [Tick] {
    var step = Scale.step(span: upper - lower, count: max(count, 1))
    if isWhole { step = max(step, 1) }
    let values = Scale.multiples(of: step, from: lower, to: upper)
    return zip(values, Numbers.ticks(values, step: step)).map {
      Tick(position: ($0 - lower) / (upper - lower), label: $1)
    }
  }

  private func logarithmicTicks(_ count: Int) -> [Tick] {
    let decades = Scale.multiples(of: 1, from: lower, to: upper)
    if decades.count >= 3 || decades.count > count {
      let stride = max(1, (decades.count + count - 1) / max(count, 1))
      return decades.enumerated().filter { $0.offset % stride == 0 }.map {
        Tick(position: ($0.element - lower) / (upper - lower), label: Numbers.compact(pow(10, $0.element)))
      }
    }
    var ticks: [Tick] = []
    for decade in Int(lower.rounded(.down))...Int(upper.rounded(.up)) {
      for multiple in [1.0, 2, 5] {
        let size = Double(decade) + log10(multiple)
        guard size >= lower - 1e-9, size <= upper + 1e-9 else { continue }
        ticks.append(
          Tick(position: (size - lower) / (upper - lower), label: Numbers.compact(multiple * pow(10, Double(decade)))))
      }
    }
    if ticks.count >= 2 { return ticks }
    // The axis spans less than a factor of two: even steps, as on a linear axis.
    let (first, last) = (pow(10, lower), pow(10, upper))
    let step = Scale.step(span: last - first, count: max(count, 1))
    let values = Scale.multiples(of: step, from: first, to: last).filter { $0 > 0 }
    return zip(values, Numbers.ticks(values, step: step)).map {
      Tick(position: (log10($0) - lower) / (upper - lower), label: $1)
    }
  }

  /// The step of 1, 2 or 5 times a power of ten that cuts a span into at most `count` parts.
  static func step(span: Double, count: Int) -> Double {
    let raw = span / Double(count)
    let unit = pow(10, log10(raw).rounded(.down))
    let atLeast = raw * (1 - 1e-9)
    let multiple: Double = [1.0, 2, 5].first { $0 * unit >= atLeast } ?? 10
    return multiple * unit
  }

  private static func multiples(of step: Double, from lower: Double, to upper: Double) -> [Double] {
    let first = (lower / step - 1e-6).rounded(.up)
    let last = (upper / step + 1e-6).rounded(.down)
    guard first <= last, last - first < 1000 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }
}

/// The two axes of a chart of lines.
struct LineScales {
  let x: Scale
  let y: Scale
  /// Whether there is no point at all to draw.
  let isEmpty: Bool

  init(series: [Chart.Series], axes: Chart.Axes, marks: [Chart.Mark]) {
    let isDrawable = { (point: Chart.Point) in
      Scale.isDrawable(point.x, isLogarithmic: axes.logarithmicX)
        && Scale.isDrawable(point.y, isLogarithmic: axes.logarithmicY)
    }
    let points = series.flatMap { $0.points.filter(isDrawable) }
    var xs = points.map(\.x)
    var ys = points.map(\.y)
    for mark in marks {
      switch mark {
      case .vertical(let x, _): xs.append(x)
      case .horizontal(let y, _): ys.append(y)
      case .interval(let from, let to, _): xs += [from, to]
      case .diagonal: break
      }
    }
    for series in series {
      for band in series.bands {
        // The end of a band counts where its point has a place.
        for (point, ends) in zip(series.points, zip(band.low, band.high)) where isDrawable(point) {
          ys += [ends.0, ends.1]
        }
      }
    }
    let hasLooseEnds = series.contains { $0.style == .points || $0.points.count == 1 }
    x = Scale(
      fitting: xs, range: axes.x, isLogarithmic: axes.logarithmicX, margin: hasLooseEnds ? .slight : .none)
    y = Scale(fitting: ys, range: axes.y, isLogarithmic: axes.logarithmicY, margin: .tick)
    isEmpty = points.isEmpty
  }
}

extension Scale {
  /// Ten to a power, as the ends of a logarithmic axis need it.
  static func powerOfTen(_ exponent: Double) -> Double { pow(10, exponent) }
}
