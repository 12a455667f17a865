import Foundation

/// How many of the calibration's honest sessions may raise an alert, so that a budget of false alarms holds elsewhere.
///
/// A threshold that exactly the budgeted share of the calibration's sessions reach is too low half of the time: the most
/// extreme few sessions decide, and another few would have decided otherwise. So fewer are allowed, k, the most for
/// which a share above the budget would have shown itself with a probability of 0.9: P(X ≤ k) ≤ 0.1 where X is binomial
/// with n sessions and the budgeted share (Clopper & Pearson, Biometrika 26, 1934). Sessions of one user are alike, so
/// that n of them tell no more than n / d independent ones; with the design effect d, k and n are divided by it (Korn &
/// Graubard, Survey Methodology 24, 1998).
///
/// What is promised holds for honest users like those of the calibration; not for a log whose users live otherwise.
public struct FalseAlarmBudget: Codable, Sendable, Equatable {
  /// How many honest sessions the threshold was set by.
  public let sessions: Int
  /// Of how many users.
  public let users: Int
  /// d: by how much the variance of a share of them is larger than that of independent sessions; at least 1.
  public let designEffect: Double

  /// The probability with which the budget holds on other users.
  public static let confidence = 0.9

  /// Counts.
  public init(sessions: Int, users: Int, designEffect: Double) {
    (self.sessions, self.users, self.designEffect) = (sessions, users, designEffect)
  }

  /// The honest sessions' largest evidence, each with its user's number.
  ///
  /// The design effect is the largest of those at the thresholds that 20, 40, 80 … of the sessions reach, up to a tenth:
  /// fewer are too few to tell.
  ///
  /// - Precondition: there is a session.
  init(evidence: [Double], users: [Int]) {
    let count = evidence.count
    precondition(count > 0, "FalseAlarmBudget: there is no honest session")
    var positions: [Int: Int] = [:]
    var sizes: [Double] = []
    let owners = users.map { user -> Int in
      let owner = positions[user] ?? sizes.count
      if owner == sizes.count {
        positions[user] = owner
        sizes.append(0)
      }
      sizes[owner] += 1
      return owner
    }
    let order = evidence.indices.sorted { (-evidence[$0], $0) < (-evidence[$1], $1) }
    var largest = 1.0
    var reached = 20
    while reached <= count / 10, sizes.count > 1 {
      var hits = [Double](repeating: 0, count: sizes.count)
      for index in order.prefix(reached) { hits[owners[index]] += 1 }
      let share = Double(reached) / Double(count)
      let squares = zip(hits, sizes).reduce(0) { $0 + ($1.0 - share * $1.1) * ($1.0 - share * $1.1) }
      let clustered = squares * Double(sizes.count) / Double(sizes.count - 1)
      largest = max(largest, clustered / (Double(count) * share * (1 - share)))
      reached *= 2
    }
    self.init(sessions: count, users: sizes.count, designEffect: largest)
  }

  /// How many of the honest sessions may reach the threshold.
  ///
  /// - Parameter budget: false alarms in 1,000 honest sessions, above 0 and below 1,000.
  /// - Returns: k, or nil where even none would be no proof.
  public func allowed(_ budget: Double) -> Int? {
    let share = budget / 1_000
    func holds(_ count: Int) -> Bool {
      binomialTail(
        upTo: Double(count) / designEffect, of: Double(sessions) / designEffect, share: share)
        <= 1 - FalseAlarmBudget.confidence
    }
    guard holds(0) else { return nil }
    var (low, high) = (0, max(1, Int(share * Double(sessions)) + 1))
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// How many honest sessions, as alike within users as these, are the fewest that prove a budget.
  public func sessionsNeeded(_ budget: Double) -> Int {
    Int((designEffect * log(1 - FalseAlarmBudget.confidence) / log1p(-budget / 1_000)).rounded(.up))
  }

  /// The score at which alarms open: halfway between the sessions that may reach it and those that may not. Where the
  /// budget cannot be proved it lies above all sessions seen, and no lower than the plain share asks.
  func threshold(_ budget: Double) -> Double {
    let count = Double(sessions)
    guard let allowed = allowed(budget) else { return max(log10((count + 1) / 1.5), 3 - log10(budget)) }
    return log10((count + 1) / (Double(allowed) + 1.5))
  }
}

/// P(X ≤ k) for a binomial X of n trials, also where k and n are no whole numbers: I₁₋ₚ(n − k, k + 1).
func binomialTail(upTo k: Double, of n: Double, share p: Double) -> Double {
  n <= k ? 1 : incompleteBeta(1 - p, n - k, k + 1)
}

/// Iₓ(a, b), the regularised incomplete beta function, by its continued fraction (DLMF 8.17.22, Lentz's method).
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  // The fraction converges fast below the mean.
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
  let inverseBeta: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
  let powers: Double = a * log(x) + b * log1p(-x)
  let front = exp(inverseBeta + powers) / a
  let tiny = 1e-300
  var (numerator, denominator) = (1.0, 1 - (a + b) * x / (a + 1))
  if abs(denominator) < tiny { denominator = tiny }
  denominator = 1 / denominator
  var fraction = denominator
  for step in 1...10_000 {
    let m = Double(step)
    for term in [
      m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
    ] {
      denominator = 1 + term * denominator
      numerator = 1 + term / numerator
      if abs(denominator) < tiny { denominator = tiny }
      if abs(numerator) < tiny { numerator = tiny }
      denominator = 1 / denominator
      fraction *= denominator * numerator
    }
    if abs(denominator * numerator - 1) < 1e-14 { break }
  }
  return front * fraction
}
