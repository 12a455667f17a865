import Foundation
import Tensors

extension SeededRandom {
  /// A Poisson number by multiplying uniform ones (Knuth); fine for small means.
  mutating func poisson(_ mean: Double) -> Int {
    let limit = exp(-mean)
    var product = uniform()
    var count = 0
    while product > limit {
      product *= uniform()
      count += 1
    }
    return count
  }
}
