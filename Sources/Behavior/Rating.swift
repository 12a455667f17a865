/// One rating, as in the file `u.data` of MovieLens.
public struct Rating: Sendable, Hashable {
  /// Who rated, from 1.
  public let user: Int
  /// What was rated, from 1.
  public let item: Int
  /// The stars, 1 to 5.
  public let stars: Int
  /// When, in seconds since 1970.
  public let time: Int

  /// A rating.
  public init(user: Int, item: Int, stars: Int, time: Int) {
    self.user = user
    self.item = item
    self.stars = stars
    self.time = time
  }

  /// A line of `u.data`: the four numbers separated by tabs.
  public var line: String { "\(user)\t\(item)\t\(stars)\t\(time)" }
}
