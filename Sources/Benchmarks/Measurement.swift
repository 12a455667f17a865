/// How long iterations took.
public struct Measurement: Sendable {
  /// Milliseconds of each iteration.
  public private(set) var times: [Double] = []

  /// Nothing measured yet.
  public init() {}

  /// The middle one; NaN if nothing was measured.
  public var median: Double {
    let sorted = times.sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// The shortest one: what the machine can do when nobody else uses it. NaN if nothing was measured.
  public var minimum: Double { times.min() ?? .nan }

  /// Runs `iteration` for a while and keeps the times.
  ///
  /// - Parameters:
  ///   - iteration: the work.
  ///   - seconds: for how long; a third as long again, at least twice, goes before as a warm-up.
  /// - Throws: what the iteration throws.
  public mutating func run(_ iteration: () throws -> Float, seconds: Double) rethrows {
    let clock = ContinuousClock()
    func repeated(_ duration: Double, atLeast: Int, _ body: () throws -> Void) rethrows {
      let end = clock.now + .seconds(duration)
      var count = 0
      while count < atLeast || clock.now < end {
        try body()
        count += 1
      }
    }
    try repeated(seconds / 3, atLeast: 2) { _ = try iteration() }
    try repeated(seconds, atLeast: 5) {
      let start = clock.now
      _ = try iteration()
      times.append((clock.now - start) / .milliseconds(1))
    }
  }
}
