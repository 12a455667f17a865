/// One thing that a user did in the shop.
///
/// Identifiers are text, as in a real log, so that a simulated log and a user's own file have one form.
///
///     Event(user: "u17", time: 1_767_258_000, action: .purchase, item: "i204", category: "toys", value: 59.9)
public struct Event: Codable, Sendable, Hashable {
  /// Who did it.
  public var user: String

  /// When, in seconds since 1970-01-01 00:00 UTC.
  public var time: Double

  /// What was done.
  public var action: Action

  /// The item it was done to, or empty.
  public var item: String

  /// The item's category, or empty.
  public var category: String

  /// The amount that belongs to the action: the price of a purchase, the stars of a review; 0 where there is none.
  public var value: Double

  /// The identifier of the device, or empty.
  public var device: String

  /// The region of the network address, or empty.
  public var region: String

  /// An event; only the user, the time and the action are always there.
  public init(
    user: String, time: Double, action: Action, item: String = "", category: String = "", value: Double = 0,
    device: String = "", region: String = ""
  ) {
    self.user = user
    self.time = time
    self.action = action
    self.item = item
    self.category = category
    self.value = value
    self.device = device
    self.region = region
  }
}

/// What a user can do. A log may hold actions that are not named here.
public struct Action: RawRepresentable, Codable, Sendable, Hashable, CustomStringConvertible {
  /// The name in a log.
  public let rawValue: String

  /// The action of that name, known or not.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The name in a log.
  public var description: String { rawValue }

  /// Signing in from the app.
  public static let loginApp = Action(rawValue: "login_app")
  /// Signing in from the web site.
  public static let loginWeb = Action(rawValue: "login_web")
  /// Searching the shop.
  public static let search = Action(rawValue: "search")
  /// Opening an item's page.
  public static let view = Action(rawValue: "view")
  /// Marking an item as a favourite.
  public static let favourite = Action(rawValue: "favourite")
  /// Putting an item into the cart.
  public static let cart = Action(rawValue: "cart")
  /// Taking a coupon.
  public static let coupon = Action(rawValue: "coupon")
  /// Buying what is in the cart.
  public static let purchase = Action(rawValue: "purchase")
  /// Writing a review.
  public static let review = Action(rawValue: "review")
  /// Asking customer service.
  public static let service = Action(rawValue: "service")
  /// The app's periodic sign of life.
  public static let heartbeatApp = Action(rawValue: "heartbeat_app")
  /// The web page's periodic sign of life.
  public static let heartbeatWeb = Action(rawValue: "heartbeat_web")
  /// Signing out.
  public static let logout = Action(rawValue: "logout")

  /// The actions that the simulators use, in a fixed order: browsing first, then the four that carry a channel.
  public static let known: [Action] = [
    .search, .view, .favourite, .cart, .coupon, .purchase, .review, .service, .loginApp, .loginWeb, .heartbeatApp,
    .heartbeatWeb, .logout,
  ]
}
