import Tensors

/// Weights prepared for many draws: O(log n) each.
struct Cumulative: Sendable {
  private let sums: [Double]

  /// From weights of at least 0, one of them above it.
  init(weights: [Double]) {
    var sum = 0.0
    sums = weights.map { weight in
      sum += weight
      return sum
    }
  }

  /// A position, as likely as its weight says.
  func draw(_ random: inout SeededRandom) -> Int {
    let target = random.uniform() * sums[sums.count - 1]
    var low = 0
    var high = sums.count - 1
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > target { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
