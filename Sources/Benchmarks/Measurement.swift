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
  public mutating func run(_ iteration: () -> Float, seconds: Double) {
    let clock = ContinuousClock()
    func repeated(_ duration: Double, atLeast: Int, _ body: () -> Void) {
      let end = clock.now + .seconds(duration)
      var count = 0
      while count < atLeast || clock.now < end {
        body()
        count += 1
      }
    }
    repeated(seconds / 3, atLeast: 2) { _ = iteration() }
    repeated(seconds, atLeast: 5) {
      let start = clock.now
      _ = iteration()
      times.append((clock.now - start) / .milliseconds(1))
    }
  }
}
