import Foundation
import Tensors

/// Two platforms seen as tables: twelve features of each user, and whether the user is gone in the next 14 days.
///
/// The features are those of a customer's last month (`names`), as standardised logarithms; they are normal with the
/// correlations of an activity factor. The truth is logistic in them, so the best possible score is known
/// (`probability(of:)`). The second platform differs by one chosen kind of shift and nothing else.
///
///     let a = ChurnView()
///     let b = ChurnView(rotation: 20)                        // another truth, 20° away
///     let train = b.draw(200, using: &random)
public struct ChurnView: Sendable, Hashable {
  /// What the twelve features are.
  public static let names = [
    "days since the last visit", "visits", "active days", "events", "events per visit", "searches", "favourites",
    "carts", "coupons", "purchases", "spend", "night share",
  ]

  /// One user.
  public struct Row: Sendable, Hashable {
    /// Twelve numbers with mean 0 and variance 1 on platform A.
    public let features: [Double]
    /// Whether the user is gone in the next 14 days.
    public let isGone: Bool
  }

  /// The weights of the logistic truth.
  public let weights: [Double]
  /// Its constant.
  public let intercept: Double
  /// What is added to the features that move: every third.
  public let featureShift: Double
  /// The share of leavers that was asked for, or nil for the natural one.
  public let prior: Double?

  private static let base = [1.4, -0.9, -0.8, -0.3, 0.2, 0.1, -0.4, -0.3, 0.5, -0.9, -0.6, 0.3]
  private static let loading = [-0.5, 0.8, 0.8, 0.7, 0.1, 0.5, 0.4, 0.5, 0.4, 0.6, 0.6, 0.0]

  /// A platform.
  ///
  /// - Parameters:
  ///   - rotation: the angle in degrees between its truth and platform A's: 0 related, 90 unrelated, 180 adverse.
  ///   - featureShift: by how much every third feature is moved; the truth stays (a shift of the covariates).
  ///   - prior: the share of leavers; each class keeps its features (a shift of the labels). Nil for the natural share.
  public init(rotation: Double = 0, featureShift: Double = 0, prior: Double? = nil) {
    precondition(prior.map { $0 > 0 && $0 < 1 } ?? true, "ChurnView: the prior must be in 0..<1, found \(prior ?? 0)")
    let length = Self.base.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // A fixed direction at right angles to the base, of the same length.
    var other = Self.base.indices.map { $0 % 2 == 0 ? 1.0 : -0.7 }
    let along = zip(other, Self.base).reduce(0) { $0 + $1.0 * $1.1 } / (length * length)
    other = zip(other, Self.base).map { $0 - along * $1 }
    let otherLength = other.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let angle = rotation * .pi / 180
    weights = zip(Self.base, other).map { cos(angle) * $0 + sin(angle) * $1 * length / otherLength }
    intercept = -1.2
    self.featureShift = featureShift
    self.prior = prior
  }

  /// The probability that a user is gone under the natural share: exact.
  public func probability(of features: [Double]) -> Double {
    1 / (1 + exp(-zip(weights, features).reduce(intercept) { $0 + $1.0 * $1.1 }))
  }

  /// Draws users.
  public func draw(_ count: Int, using random: inout SeededRandom) -> [Row] {
    (0..<count).map { _ in
      guard let prior else { return natural(using: &random) }
      let wanted = random.bool(probability: prior)
      while true {
        let row = natural(using: &random)
        if row.isGone == wanted { return row }
      }
    }
  }

  private func natural(using random: inout SeededRandom) -> Row {
    let activity = random.normal()
    var features: [Double] = []
    for (index, loading) in Self.loading.enumerated() {
      let own = (1 - loading * loading).squareRoot() * random.normal()
      features.append(loading * activity + own + (index % 3 == 0 ? featureShift : 0))
    }
    return Row(features: features, isGone: random.bool(probability: probability(of: features)))
  }
}
