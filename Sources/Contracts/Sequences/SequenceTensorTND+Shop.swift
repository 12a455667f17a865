import Behavior
import Foundation
import Simulation
import Tensors

/// Six users of the simulated shop, their events as rows of numbers.
package struct SixShoppers {
  /// The kinds of action that have a column of their own; everything else is `other`.
  package static let actions = ["search", "view", "cart", "purchase", "other"]

  /// One-hot action, the logarithm of the pause before the event, and the hour of the day as a point on a circle.
  package static let features = actions + ["pause", "hour sin", "hour cos"]

  /// The column of the pause.
  package static let pause = actions.count

  /// Names.
  package let names: [String]

  /// One matrix `[Tₙ, D]` a user, D the features.
  package let users: [Matrix]

  /// The code of each event's action, 0 for `search`, 1 for `view` and so on: one number where D takes five.
  package let codes: [[Int]]

  /// When each event happened, in seconds after the user's first.
  package let seconds: [[Double]]

  package init(random: SeededRandom) throws {
    var random = random
    let configuration = ShopConfiguration(users: 60, days: 5, takeovers: 0, bots: 0, brushingRings: 0)
    let shoppers = ShopSimulator().simulate(configuration, using: &random).events.groupedByUser()
    // From the quietest to the busiest: the lengths differ as they do in a log.
    let byLength = shoppers.filter { $0.events.count >= 3 }.sorted {
      ($0.events.count, $0.user) < ($1.events.count, $1.user)
    }
    try BadInput.unless(byLength.count >= 6, "the simulated shop had too few visitors")
    let chosen = [0.0, 0.1, 0.2, 0.3, 0.45, 0.6].map { byLength[Int($0 * Double(byLength.count - 1))] }
    names = chosen.map(\.user)
    codes = chosen.map { $0.events.map { Self.code(of: $0.action) } }
    seconds = chosen.map { shopper in shopper.events.map { $0.time - shopper.events[0].time } }
    users = chosen.map { shopper in
      var rows = Matrix(rows: shopper.events.count, columns: Self.features.count)
      for (step, event) in shopper.events.enumerated() {
        rows[step, Self.code(of: event.action)] = 1
        rows[step, Self.pause] = step == 0 ? 0 : log1p(event.time - shopper.events[step - 1].time)
        let hour = event.time.truncatingRemainder(dividingBy: 86_400) / 3_600
        rows[step, Self.pause + 1] = sin(2 * .pi * hour / 24)
        rows[step, Self.pause + 2] = cos(2 * .pi * hour / 24)
      }
      return rows
    }
  }

  private static func code(of action: Action) -> Int {
    actions.firstIndex(of: action.rawValue) ?? actions.count - 1
  }
}
