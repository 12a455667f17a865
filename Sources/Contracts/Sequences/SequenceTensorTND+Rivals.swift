import Tensors

/// Other ways to pack, each with one thing wrong, for the checks to name.
package struct Packing: Sendable {
  /// Whether the first events are kept instead of the last.
  package var keepsFirst = false
  /// Whether the zeros stand before the events.
  package var padsLeft = false
  /// Whether the numbers are laid out as `[N, T, D]`.
  package var isBatchMajor = false
  /// Whether the kept events stand from the last to the first.
  package var isReversed = false
  /// Whether T is `maxT` even where every user is shorter.
  package var fillsToMaxT = false

  package init() {}

  /// The right way with one change.
  package static func with(_ change: (inout Packing) -> Void) -> Packing {
    var packing = Packing()
    change(&packing)
    return packing
  }

  /// The numbers alone.
  package func pack(_ users: [Matrix], maxT: Int) -> [Double] {
    let steps = fillsToMaxT ? maxT : min(maxT, users.map(\.rows).max() ?? 0)
    let width = users.first?.columns ?? 0
    var x = [Double](repeating: 0, count: steps * users.count * width)
    for (n, user) in users.enumerated() {
      let length = min(user.rows, steps)
      for step in 0..<length {
        let row = (keepsFirst ? 0 : user.rows - length) + (isReversed ? length - 1 - step : step)
        let t = padsLeft ? steps - length + step : step
        let start = (isBatchMajor ? n * steps + t : t * users.count + n) * width
        for d in 0..<width { x[start + d] = user[row, d] }
      }
    }
    return x
  }
}

/// Means that a padded tensor invites.
package enum PaddedMean {
  /// The sum over all T steps divided by T.
  package static func overAllSteps(_ x: [Double], t: Int, n: Int, d: Int) -> Matrix {
    var mean = Matrix(rows: n, columns: d)
    for step in 0..<t {
      for user in 0..<n {
        for feature in 0..<d { mean[user, feature] += x[(step * n + user) * d + feature] / Double(t) }
      }
    }
    return mean
  }

  /// The sum over the real steps divided by T.
  package static func realSumOverT(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) -> Matrix {
    var mean = Matrix(rows: n, columns: d)
    for user in 0..<n {
      for step in 0..<lengths[user] {
        for feature in 0..<d { mean[user, feature] += x[(step * n + user) * d + feature] / Double(t) }
      }
    }
    return mean
  }
}
