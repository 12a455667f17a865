import Behavior
import Charts
import Datasets
import Foundation
import Tensors

enum ItemCFShrinkageDemo {
  static let demo = Demo<any ItemCFShrinkageExercise> { recommender, context in
    for seed in 1...8 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed).fork("ratings")
      let ratings = RatingsGenerator().ratings(using: &random)
      var byUser = [[ItemPurchase]](repeating: [], count: 943)
      for r in ratings { byUser[r.user - 1].append(ItemPurchase(item: r.item - 1, time: Double(r.time) / 86_400)) }
      let (task, held) = LastPurchaseTask.holdingOutLast(byUser, items: 1682)
      var line = "\(seed)"
      func show(_ lists: [[Int]]) {
        let q = RankingQuality(lists, heldOut: held, items: 1682)
        line += String(format: "  %.4f %.4f", q.hitRate, q.ndcg)
      }
      show(task.mostPopular(10))
      let matrix = try task.matrix()
      for shrink in [0, 20.0] {
        let s = try recommender.itemCosine(matrix, shrink: shrink)
        let neighbours = try recommender.topNeighbours(s, k: 50)
        show(try task.lists(recommender, neighbours: neighbours, halfLife: nil, n: 10))
        show(try task.lists(recommender, neighbours: neighbours, halfLife: 30, n: 10))
      }
      print(line)
    }
    return DemoReport(metrics: [:], baseline: [:], report: Report(title: LocalizedText("x")))
  }
  static func retail() throws -> (String, [[ItemPurchase]], Int) {
    let shop = try Datasets.onlineRetail()
    var byUser = [[ItemPurchase]](repeating: [], count: shop.customers.count)
    var seen = Set<Int>()
    for p in shop.purchases where seen.insert(p.customer * 10_000 + p.item).inserted {
      byUser[p.customer].append(ItemPurchase(item: p.item, time: p.time / 86_400))
    }
    return ("retail", byUser, shop.items.count)
  }
}
