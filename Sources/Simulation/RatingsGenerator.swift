import Behavior
import Foundation
import Tensors

/// Ratings like those of MovieLens 100K, made up: 943 users, 1,682 items, about 100,000 ratings in seven months.
///
/// Items belong to 20 themes. A user has a few favourite themes and follows one at a time, for some days to some weeks;
/// so what was watched last says most about what comes next. Popularity within a theme and of the themes is skewed.
/// Nobody rates an item twice. The file format is that of the real data, which may not be passed on.
///
///     let ratings = RatingsGenerator().ratings(using: &random)
///     try RatingsGenerator.text(ratings).write(to: url, atomically: true, encoding: .utf8)
public struct RatingsGenerator: Sendable {
  /// How many users there are.
  public var users = 943
  /// How many items there are.
  public var items = 1_682
  /// How many ratings a user gives on average.
  public var ratingsPerUser = 106.0
  /// How many themes the items belong to.
  public var themes = 20
  /// When the first rating can be, in seconds since 1970 (1997-09-20, as in the real data).
  public var start = 874_713_600
  /// How many days the ratings cover.
  public var days = 210

  /// The generator with the sizes of MovieLens 100K.
  public init() {}

  /// Draws the ratings, sorted by user and time.
  public func ratings(using random: inout SeededRandom) -> [Rating] {
    let catalogue = Catalogue(self, using: &random)
    var ratings: [Rating] = []
    for user in 1...users {
      var own = random.fork("user \(user)")
      ratings += catalogue.ratings(of: user, generator: self, using: &own)
    }
    return ratings
  }

  /// The ratings as a file like `u.data`.
  public static func text(_ ratings: [Rating]) -> String {
    ratings.map { $0.line + "\n" }.joined()
  }
}

private struct Catalogue {
  let itemsOfTheme: [[Int]]
  let popularity: [[Double]]  // weights of the items of each theme
  let themeWeights: [Double]
  let quality: [Double]  // of each item, in stars

  init(_ generator: RatingsGenerator, using random: inout SeededRandom) {
    let order = random.permutation(of: generator.items)
    var itemsOfTheme = [[Int]](repeating: [], count: generator.themes)
    for (position, item) in order.enumerated() { itemsOfTheme[position % generator.themes].append(item) }
    self.itemsOfTheme = itemsOfTheme
    popularity = itemsOfTheme.map { list in list.indices.map { 1 / pow(Double($0 + 1), 1.5) } }
    themeWeights = (0..<generator.themes).map { 1 / pow(Double($0 + 3), 0.7) }
    quality = (0..<generator.items).map { _ in 0.45 * random.normal() }
  }

  func ratings(of user: Int, generator: RatingsGenerator, using random: inout SeededRandom) -> [Rating] {
    // Log-normal activity with the wanted mean, at least 20 as in the real data.
    let spread = 0.75
    let activity = generator.ratingsPerUser * exp(spread * random.normal() - spread * spread / 2)
    let count = min(max(20, Int(activity)), generator.items / 3)
    let favourites = (0..<(4 + random.below(5))).map { _ in random.index(weights: themeWeights) }
    let generosity = 0.4 * random.normal()
    var used = [Bool](repeating: false, count: generator.items)
    var ratings: [Rating] = []
    let lifetime = Double(generator.days) * random.uniform(in: 0.4..<1) * 86_400
    var time = Double(generator.start) + random.uniform() * (Double(generator.days) * 86_400 - lifetime)
    let pace = lifetime / Double(count)
    var theme = favourites[0]
    while ratings.count < count {
      // A new theme about every twelve ratings; one rating in ten is off it, and a few
      // are of any item at all: chance co-occurrences of rare items are what shrinkage is for.
      if random.bool(probability: 0.08) { theme = favourites[random.below(favourites.count)] }
      let from = random.bool(probability: 0.1) ? random.index(weights: themeWeights) : theme
      let anyItem = random.bool(probability: 0.03)
      guard let item = anyItem ? random.below(generator.items) : unused(from: from, used: used, using: &random),
        !used[item]
      else {
        theme = random.index(weights: themeWeights)
        continue
      }
      used[item] = true
      time += -pace * log(1 - random.uniform())
      let liking = from == theme ? 0.4 : -0.3
      let stars = 3.5 + liking + generosity + quality[item] + 0.7 * random.normal()
      ratings.append(
        Rating(user: user, item: item + 1, stars: min(5, max(1, Int(stars.rounded()))), time: Int(time)))
    }
    return ratings
  }

  /// An item of the theme that was not used yet, by popularity; nil if there is none.
  private func unused(from theme: Int, used: [Bool], using random: inout SeededRandom) -> Int? {
    let list = itemsOfTheme[theme]
    let weights = list.indices.map { used[list[$0]] ? 0 : popularity[theme][$0] }
    if weights.allSatisfy({ $0 == 0 }) { return nil }
    return list[random.index(weights: weights)]
  }
}
