/// What to hide in a simulated log.
///
///     simulator.anomalies = [.some(5, .bot), .some(2, .brushing, severity: 0.8...1), .some(4, .takeover, isCamouflaged: true)]
public struct AnomalyPlan: Sendable, Hashable {
  /// The kind.
  public var kind: AnomalyKind
  /// How many: of rings for the collusive kinds, else of accounts.
  public var count: Int
  /// How blatant they are, in 0...1.
  public var severity: ClosedRange<Double>
  /// Whether they keep to the marginal counts of honest users.
  public var isCamouflaged: Bool

  /// A number of anomalies of one kind.
  ///
  /// - Parameters:
  ///   - count: of rings for brushing, click farms, fake reviews and coupon abuse, else of accounts.
  ///   - kind: the kind.
  ///   - severity: each one's is uniform in this range.
  ///   - isCamouflaged: whether they keep to the marginal counts of honest users; no effect on churn.
  /// - Returns: the plan.
  public static func some(
    _ count: Int, _ kind: AnomalyKind, severity: ClosedRange<Double> = 0.5...1, isCamouflaged: Bool = false
  ) -> AnomalyPlan {
    precondition(count >= 0, "AnomalyPlan: the count must not be negative, found \(count)")
    precondition(
      severity.lowerBound >= 0 && severity.upperBound <= 1, "AnomalyPlan: severity must be in 0...1, found \(severity)")
    return AnomalyPlan(kind: kind, count: count, severity: severity, isCamouflaged: isCamouflaged)
  }

  /// A few of every kind, for about that many users: some 6 % of the accounts.
  public static func standard(users: Int) -> [AnomalyPlan] {
    func share(_ perThousand: Double) -> Int { Int((Double(users) * perThousand / 1_000).rounded()) }
    return [
      .some(share(5), .bot), .some(share(1), .clickFarm), .some(share(1), .brushing), .some(share(12), .takeover),
      .some(share(1), .fakeReview), .some(share(6), .cardTesting), .some(share(1), .couponAbuse),
      .some(share(10), .churn),
    ]
  }

  /// `standard`, and camouflaged ones of each kind that can hide.
  public static func standardAndCamouflaged(users: Int) -> [AnomalyPlan] {
    standard(users: users)
      + standard(users: users).filter { $0.kind != .churn }.map {
        .some($0.count, $0.kind, severity: $0.severity, isCamouflaged: true)
      }
  }
}

extension AnomalyKind {
  /// Whether several accounts do it together.
  public var isCollusive: Bool {
    switch self {
    case .brushing, .clickFarm, .fakeReview, .couponAbuse: true
    case .takeover, .bot, .cardTesting, .churn: false
    }
  }

  /// Whether it happens to an ordinary customer, who may suffer several.
  var isIncident: Bool { self == .takeover || self == .cardTesting || self == .churn }
}
