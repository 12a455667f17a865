import Behavior
import Foundation

/// What distinguishes one shopping platform from another: its vocabulary, prices, pace and base rates.
///
/// Platform B is platform A shifted: `Platform.a.shifted(.vocabulary, by: 0.5)` renames some events and adds new ones,
/// and changes nothing else, so that each remedy for a shift can be tried on its own shift.
///
///     Platform.b.vocabulary.tokens
///     Platform.a.shifted(.prices, by: 1).priceFactor   // 2.0
public struct Platform: Sendable, Hashable {
  /// A way in which a platform may differ.
  public enum Shift: String, CaseIterable, Sendable {
    /// Events are renamed (6 at size 1) and two new kinds of event appear.
    case vocabulary
    /// What follows what: the chain of actions moves towards another one.
    case actionMix
    /// Everything costs more, twice as much at size 1.
    case prices
    /// Everything takes longer, 2.2 times at size 1.
    case dwell
    /// A checkout ends in a purchase less often, a tenth as often at size 1.
    case baseRates
    /// Which customers come: the shares of the personas are turned round at size 1.
    case personas
  }

  /// What the platform is called; accounts and devices do not carry it.
  public var name: String
  /// How far each shift went, in the order of `Shift.allCases`.
  public private(set) var sizes: [Double]

  private init(name: String) {
    self.name = name
    sizes = [Double](repeating: 0, count: Shift.allCases.count)
  }

  /// The reference platform.
  public static let a = Platform(name: "a")

  /// The second platform: three renamed and two new events, longer dwell, dearer goods, a third of the purchases.
  public static let b: Platform = {
    var b = Platform.a.shifted(.vocabulary, by: 0.5).shifted(.actionMix, by: 0.3).shifted(.prices, by: 0.5)
      .shifted(.dwell, by: 0.5).shifted(.baseRates, by: 0.75)
    b.name = "b"
    return b
  }()

  /// The platform with one more shift.
  ///
  /// - Parameters:
  ///   - shift: in what it differs.
  ///   - size: how far, from 0 (not at all) to 1.
  /// - Returns: the other platform, under the same name.
  public func shifted(_ shift: Shift, by size: Double) -> Platform {
    precondition((0...1).contains(size), "shifted(_:by:): the size must be in 0...1, found \(size)")
    var platform = self
    platform.sizes[Platform.index(of: shift)] = size
    return platform
  }

  /// How far a shift went.
  public func size(of shift: Shift) -> Double { sizes[Platform.index(of: shift)] }

  private static func index(of shift: Shift) -> Int { Shift.allCases.firstIndex(of: shift) ?? 0 }

  /// What multiplies every price.
  public var priceFactor: Double { pow(2, size(of: .prices)) }
  /// What multiplies every dwell time.
  public var dwellFactor: Double { pow(2.2, size(of: .dwell)) }
  /// What multiplies the odds that a checkout ends in a purchase.
  public var purchaseFactor: Double { pow(0.1, size(of: .baseRates)) }

  /// The events that have another name here, in a fixed order.
  public var renames: [(from: Action, to: Action)] {
    let all: [(from: Action, to: Action)] = [
      (.view, Action(rawValue: "item_open")), (.cart, Action(rawValue: "basket_add")),
      (.purchase, Action(rawValue: "order_paid")), (.search, Action(rawValue: "query")),
      (.favourite, Action(rawValue: "wishlist")), (.coupon, Action(rawValue: "voucher")),
    ]
    return Array(all.prefix(Int((6 * size(of: .vocabulary)).rounded())))
  }

  /// What an event of platform A is called here.
  public func name(of action: Action) -> Action { renames.first { $0.from == action }?.to ?? action }

  /// Every action of the platform's logs, in a fixed order: 16 on A.
  public var actions: [Action] {
    (Action.known + [.register, .verify, .payFailed] + (size(of: .vocabulary) > 0 ? [.live, .groupBuy] : []))
      .map(name(of:))
  }

  /// The platform's actions as numbers.
  public var vocabulary: Vocabulary { Vocabulary(actions.map(\.rawValue)) }

  /// The share of each persona, in the order of `Customer.allCases`.
  public var personaShares: [Double] {
    let size = size(of: .personas)
    let shares = Customer.allCases.map(\.share)
    return zip(shares, shares.reversed()).map { (1 - size) * $0 + size * $1 }
  }
}

extension Action {
  /// Opening an account.
  public static let register = Action(rawValue: "register")
  /// Confirming who one is, before a purchase from a device that the account has not used before.
  public static let verify = Action(rawValue: "verify")
  /// A payment that was refused.
  public static let payFailed = Action(rawValue: "pay_failed")
  /// Watching a live stream; on platforms with a shifted vocabulary.
  public static let live = Action(rawValue: "live")
  /// Joining a group purchase; on platforms with a shifted vocabulary.
  public static let groupBuy = Action(rawValue: "group_buy")
}
