/// A reproducible source of random numbers: the same seed gives the same sequence on every machine.
///
/// The generator is SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
/// It is passed as a parameter, `using: &random`, and never kept as a global.
///
///     var random = SeededRandom(seed: 7)
///     let noise = Tensor.normal([32, 100], using: &random)
///     let order = random.permutation(of: 1_000)
public struct SeededRandom: RandomNumberGenerator, Codable, Sendable, Hashable {
  private var state: UInt64
  private var spareNormal: Double?

  /// Starts the sequence that belongs to `seed`.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A generator of its own for a named purpose, so that drawing more in one place changes nothing in another.
  public func fork(_ label: String) -> SeededRandom {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a over the label's bytes
    for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    var child = SeededRandom(seed: state ^ hash)
    child.state = child.next()
    return child
  }

  /// A number uniform in [0, 1), with 53 random bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number uniform in `range`.
  public mutating func uniform(in range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer uniform in `0..<bound`.
  ///
  /// - Precondition: `bound` is positive.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "below(\(bound)): the bound must be positive")
    // Lemire's multiplication method: unbiased, and almost never a second draw.
    let n = UInt64(bound)
    var product = next().multipliedFullWidth(by: n)
    if product.low < n {
      let threshold = (0 &- n) % n
      while product.low < threshold { product = next().multipliedFullWidth(by: n) }
    }
    return Int(product.high)
  }

  /// True with probability `probability`.
  public mutating func bool(probability: Double) -> Bool {
    uniform() < probability
  }

  /// A standard normal number (Marsaglia's polar method, which yields two at a time).
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0 && s < 1 {
        let factor = (-2 * logarithm(s) / s).squareRoot()
        spareNormal = v * factor
        return u * factor
      }
    }
  }

  /// An index drawn with probability proportional to its weight.
  ///
  /// - Precondition: no weight is negative and their sum is positive.
  public mutating func index(weights: [Double]) -> Int {
    var total = 0.0
    for weight in weights { total += weight }
    precondition(total > 0, "index(weights:): the weights must have a positive sum, found \(total)")
    var rest = uniform() * total
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }

  /// The integers `0..<count` in random order (Fisher–Yates).
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    var last = count - 1
    while last > 0 {
      order.swapAt(last, below(last + 1))
      last -= 1
    }
    return order
  }
}
