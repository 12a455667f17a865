import Behavior
import Foundation

/// A kind of customer: when they come, how they browse and how often they buy.
public enum Customer: String, CaseIterable, Sendable {
  /// Looks at much and buys little, at noon and in the evening.
  case windowShopper
  /// Comes for coupons, morning and evening.
  case bargainHunter
  /// Searches, buys, reviews, leaves; during the day.
  case loyalBuyer
  /// Saves favourites and buys several things at once, mostly at the weekend.
  case giftBuyer
  /// Browses around midnight.
  case nightOwl
}

/// The fixed numbers of each kind of customer.
extension Customer {
  /// The share on platform A.
  public var share: Double {
    switch self {
    case .windowShopper: 0.34
    case .bargainHunter: 0.22
    case .loyalBuyer: 0.18
    case .giftBuyer: 0.12
    case .nightOwl: 0.14
    }
  }

  /// Sessions per day relative to the average.
  var visits: Double {
    switch self {
    case .windowShopper: 1.1
    case .bargainHunter: 1.2
    case .loyalBuyer: 0.8
    case .giftBuyer: 0.7
    case .nightOwl: 1
    }
  }

  var appShare: Double {
    switch self {
    case .windowShopper: 0.7
    case .bargainHunter: 0.8
    case .loyalBuyer: 0.5
    case .giftBuyer: 0.6
    case .nightOwl: 0.75
    }
  }

  /// Sessions on a Saturday or Sunday relative to a weekday.
  var weekend: Double { self == .giftBuyer ? 2.2 : 1.35 }

  /// Hours of the day at which they like to come, with weights.
  var peaks: [(hour: Double, weight: Double)] {
    switch self {
    case .windowShopper: [(12.5, 0.6), (20.5, 1)]
    case .bargainHunter: [(9, 0.8), (20, 1)]
    case .loyalBuyer: [(12, 1), (18.5, 0.8)]
    case .giftBuyer: [(15, 1), (21, 0.5)]
    case .nightOwl: [(23, 1), (1, 0.6)]
    }
  }

  /// The states of the chain: those of `Persona.actions`, then the two that only shifted vocabularies have.
  static let states: [Action] = Persona.actions + [.live, .groupBuy]

  /// The median dwell time after each state, in seconds; the spread of its logarithm is 0.7.
  static let dwell: [Double] = Persona.dwell + [90, 20]

  /// What opens a session after the login, by state.
  var opening: [Double] {
    switch self {
    case .windowShopper: [30, 70, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    case .bargainHunter: [30, 35, 5, 0, 30, 0, 0, 0, 0, 0, 0]
    case .loyalBuyer: [45, 46, 0, 5, 4, 0, 0, 0, 0, 0, 0]
    case .giftBuyer: [40, 30, 25, 0, 5, 0, 0, 0, 0, 0, 0]
    case .nightOwl: [20, 66, 10, 0, 4, 0, 0, 0, 0, 0, 0]
    }
  }

  /// The chain on platform A: row i holds the weights of what follows state i.
  var chain: [[Double]] {
    switch self {
    case .windowShopper, .nightOwl: Persona.window
    case .bargainHunter: Persona.hunter
    case .loyalBuyer: Persona.buyer
    case .giftBuyer: Self.gifts
    }
  }

  private static let gifts: [[Double]] = [
    [20, 56, 16, 0, 2, 0, 0, 0, 6], [14, 30, 26, 16, 2, 0, 0, 3, 9], [20, 40, 12, 20, 2, 0, 0, 0, 6],
    [16, 20, 8, 18, 4, 28, 0, 2, 4], [10, 30, 4, 30, 0, 20, 0, 2, 4], [24, 20, 6, 0, 0, 0, 6, 6, 38],
    [10, 30, 4, 0, 0, 0, 0, 6, 50], [10, 40, 4, 6, 2, 6, 0, 0, 32], [0, 0, 0, 0, 0, 0, 0, 0, 1],
  ]

  /// The chain on a platform, `[11][11]`.
  func chain(on platform: Platform) -> [[Double]] {
    let mix = platform.size(of: .actionMix)
    let novelty = 0.25 * platform.size(of: .vocabulary)
    let view = 1
    var rows = chain.enumerated().map { index, row -> [Double] in
      if Persona.actions[index] == .logout { return row + [0, 0] }
      // Where the mix moves, people search and compare instead of following recommendations.
      let total = row.reduce(0, +)
      var other = row
      other[0] += 0.30 * total
      other[2] += 0.10 * total
      other[view] = max(0, other[view] - 0.40 * total)
      let otherTotal = other.reduce(0, +)
      var mixed = zip(row, other).map { (1 - mix) * $0 / total + mix * $1 / otherTotal }
      let taken = novelty * mixed[view]
      mixed[view] -= taken
      return mixed + [0.7 * taken, 0.3 * taken]
    }
    rows.append(rows[view])  // after a stream as after a page
    rows.append(rows[3])  // after joining a group as after the cart
    return rows
  }
}
