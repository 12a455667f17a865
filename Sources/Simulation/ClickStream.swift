import Foundation
import Tensors

/// Clicks through a site of pages in which the last *two* pages decide what comes next, so that a first-order Markov
/// chain sees only a part of it, and the best possible scores are known.
///
///     let site = ClickStream(using: &random)          // 40 pages
///     let clicks = site.clicks(users: 400, using: &random)
///     site.probabilities(after: [3, 17])              // the Bayes-optimal scores of the next page
public struct ClickStream: Sendable, Hashable {
  /// How many pages there are, numbered from 0.
  public let pages: Int

  /// One click.
  public struct Click: Codable, Sendable, Hashable {
    /// Who, from 0.
    public let user: Int
    /// When, in seconds since the start.
    public let time: Double
    /// Which page, in `0..<pages`.
    public let page: Int
    /// The user's session, from 0.
    public let session: Int

    /// A click.
    public init(user: Int, time: Double, page: Int, session: Int) {
      self.user = user
      self.time = time
      self.page = page
      self.session = session
    }
  }

  /// How likely each page is to open a session: Zipf, in a random order.
  public let opening: [Double]

  /// The links of each page; a click follows one of them, goes back, or jumps.
  public let links: [[Int]]

  private let successors: [[[Double]]]  // weights of the links of a page, by the page before: [pages][pages][links]

  private static let back = 0.08
  private static let jump = 0.05

  /// Draws a site.
  ///
  /// - Parameters:
  ///   - pages: how many pages; at least 8.
  ///   - linksPerPage: how many links a page has.
  ///   - hubs: how many pages are linked from everywhere.
  ///   - random: where the randomness comes from.
  public init(pages: Int = 40, linksPerPage: Int = 8, hubs: Int = 2, using random: inout SeededRandom) {
    precondition(pages >= 8, "ClickStream: at least 8 pages are needed, found \(pages)")
    precondition(
      (1..<pages).contains(linksPerPage) && (0...linksPerPage).contains(hubs),
      "ClickStream: \(linksPerPage) links and \(hubs) hubs for \(pages) pages")
    self.pages = pages
    let order = random.permutation(of: pages)
    var opening = [Double](repeating: 0, count: pages)
    for (rank, page) in order.enumerated() { opening[page] = 1 / Double(rank + 1) }
    let total = opening.reduce(0, +)
    self.opening = opening.map { $0 / total }
    var links: [[Int]] = []
    for page in 0..<pages {
      let hubPages = order.prefix(hubs).filter { $0 != page }
      let others = random.permutation(of: pages).filter { $0 != page && !hubPages.contains($0) }
      links.append(hubPages + others.prefix(linksPerPage - hubPages.count))
    }
    self.links = links
    // Which of a page's links is followed depends on where the user came from: two likely ones, the rest unlikely.
    var successors: [[[Double]]] = []
    for _ in 0..<pages {
      var rows: [[Double]] = []
      for _ in 0..<pages {
        let favourite = random.permutation(of: linksPerPage)
        var weights = [Double](repeating: 0.20 / Double(linksPerPage), count: linksPerPage)
        weights[favourite[0]] += 0.55
        if linksPerPage > 1 { weights[favourite[1]] += 0.25 }
        rows.append(weights)
      }
      successors.append(rows)
    }
    self.successors = successors
  }

  /// How likely each page is to come next, given what was clicked in the session so far: exact.
  ///
  /// - Parameter prefix: the pages so far; only the last two count.
  /// - Returns: one probability a page; they add up to 1.
  public func probabilities(after prefix: [Int]) -> [Double] {
    guard let last = prefix.last else { return opening }
    let before = prefix.count > 1 ? prefix[prefix.count - 2] : nil
    var probabilities = opening.map { $0 * Self.jump }
    var follow = 1 - Self.jump
    if let before {
      probabilities[before] += Self.back
      follow -= Self.back
    }
    let weights = successors[last][before ?? last]
    let total = weights.reduce(0, +)
    for (link, weight) in zip(links[last], weights) { probabilities[link] += follow * weight / total }
    return probabilities
  }

  /// One session.
  ///
  /// - Parameters:
  ///   - length: how many clicks.
  ///   - random: where the randomness comes from.
  /// - Returns: the pages.
  public func session(length: Int, using random: inout SeededRandom) -> [Int] {
    var pages: [Int] = []
    for _ in 0..<length { pages.append(random.index(weights: probabilities(after: Array(pages.suffix(2))))) }
    return pages
  }

  /// The clicks of many users, by time.
  ///
  /// - Parameters:
  ///   - users: how many.
  ///   - sessionsPerUser: how many sessions each has; 4 to 15 clicks long, within 60 days.
  ///   - random: where the randomness comes from; user i's clicks do not depend on how many users there are.
  /// - Returns: the clicks; those of the same time in the order of users.
  public func clicks(users: Int, sessionsPerUser: Int = 4, using random: inout SeededRandom) -> [Click] {
    let root = SeededRandom(seed: random.next())
    var clicks: [Click] = []
    for user in 0..<users {
      var own = root.fork("user \(user)")
      var times: [Double] = []
      for _ in 0..<sessionsPerUser { times.append(own.uniform() * 60 * 86_400) }
      for (number, start) in times.sorted().enumerated() {
        var time = start
        for page in session(length: 4 + own.below(12), using: &own) {
          clicks.append(Click(user: user, time: (time * 1_000).rounded() / 1_000, page: page, session: number))
          time += 12 * exp(0.7 * own.normal())
        }
      }
    }
    return clicks.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  /// Views per hour with a daily and a weekly season, a trend and promotions.
  ///
  /// - Parameters:
  ///   - days: how many days, from a Monday at midnight.
  ///   - promotions: the days on which twice as many come.
  ///   - random: where the randomness comes from.
  /// - Returns: `24 * days` Poisson numbers about 200.
  public static func hourlyViews(
    days: Int = 60, promotions: [Int] = [20, 50], using random: inout SeededRandom
  ) -> [Double] {
    (0..<(24 * days)).map { step in
      let hour = Double(step % 24)
      let day = step / 24
      let daily = 1 + 0.75 * cos(2 * .pi * (hour - 20) / 24) + 0.25 * cos(4 * .pi * (hour - 12) / 24)
      let weekly = day % 7 >= 5 ? 1.35 : 1
      let mean = 160 * max(0.06, daily) * weekly * (1 + 0.004 * Double(day)) * (promotions.contains(day) ? 2 : 1)
      // A Poisson number of that size is as good as normal.
      return max(0, (mean + mean.squareRoot() * random.normal()).rounded())
    }
  }
}
