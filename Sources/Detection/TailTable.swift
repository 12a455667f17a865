import Foundation

/// How rare a number is among honest ones: −ln of the share of them that is as large.
///
/// Between the quantiles that are kept the curve is straight; beyond the last it goes on as the exponential law whose
/// mean is that of the excesses over the 98 % quantile, so that it rises with no end and numbers beyond all that was
/// seen stay in order.
public struct TailTable: Codable, Sendable, Equatable {
  private var values: [Double] = []
  private var rarities: [Double] = []
  private var slope = 1.0

  /// The table of honest numbers.
  ///
  /// - Precondition: there is at least one, and all are finite.
  public init(_ honest: [Double]) {
    precondition(!honest.isEmpty, "TailTable: there is no number")
    let sorted = honest.sorted()
    let count = sorted.count
    // Dense where it matters: at shares 1, 0.98 … down to 1 / (count + 1) in equal steps of rarity.
    let deepest = log(Double(count) + 1)
    for step in 0...400 {
      let share = exp(-deepest * Double(step) / 400)
      let position = min(count - 1, max(0, count - Int((share * Double(count + 1)).rounded())))
      let value = sorted[position]
      // (as large or larger + 1) / (count + 1): never 0.
      let rarity = -log(Double(count - position + 1) / Double(count + 1))
      if let last = values.last, value <= last { continue }
      values.append(value)
      rarities.append(max(0, rarity))
    }
    let first = min(count - 1, Int(0.98 * Double(count)))
    let excess = sorted[first...].reduce(0) { $0 + $1 - sorted[first] } / Double(count - first)
    slope = 1 / max(excess, 1e-6)
  }

  /// −ln of the share of honest numbers that is as large as x; 0 below all of them.
  public func rarity(of x: Double) -> Double {
    guard let first = values.first, let last = values.last, let deepest = rarities.last, x > first else { return 0 }
    if x >= last { return deepest + slope * (x - last) }
    var (low, high) = (0, values.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if values[middle] <= x { low = middle } else { high = middle }
    }
    let part = (x - values[low]) / (values[high] - values[low])
    return rarities[low] + part * (rarities[high] - rarities[low])
  }

  /// Whether the table, read from a file, can be used.
  var isSound: Bool {
    !values.isEmpty && values.count == rarities.count && slope > 0 && slope.isFinite
      && values.allSatisfy(\.isFinite) && rarities.allSatisfy { $0.isFinite && $0 >= 0 }
      && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
  }
}
