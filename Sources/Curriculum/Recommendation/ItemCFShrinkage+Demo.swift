import Behavior
import Charts
import Contracts
import Datasets
import Foundation
import Harness
import Simulation
import Tensors

/// Who finds what each user bought last: on ratings in the format of MovieLens and in a real shop.
enum ItemCFShrinkageDemo {
  static var demo: Demo<any ItemCFShrinkageExercise> {
    Demo { recommender, context in
      context.progress(.init("data", fraction: 0))
      let sources = [try ratings(context), try shop()]
      var comparisons: [Comparison] = []
      for (index, source) in sources.enumerated() {
        comparisons.append(
          try Comparison(source, recommender) { fraction in
            context.progress(
              .init(source.name.en, fraction: (Double(index) + fraction) / Double(sources.count)))
          })
      }
      return DemoReport(
        metrics: figures(comparisons) { $0.quality(of: .shrunkRecent) },
        baseline: figures(comparisons) { $0.quality(of: .popular) },
        report: Report(
          title: LocalizedText(
            en: "What comes next: neighbours of what was bought, weighed by evidence and by age",
            zh: "下一件买什么：以证据与时间加权的物品近邻"),
          blocks: [.text(introduction(sources))] + comparisons.map { .table($0.table) } + [
            .text(verdict(comparisons)),
            .chart(hitRates(comparisons)),
            .chart(shrinkages(comparisons)),
            .table(evidence(comparisons)),
            .table(try because(comparisons[1], sources[1])),
            .heading(LocalizedText(en: "The document's code on its own four users", zh: "文档代码在它自己的四个用户上")),
            .table(try document(recommender)),
          ]))
    }
  }

  // MARK: Data

  /// The user's own `u.data`, or made-up ratings of the same size.
  private static func ratings(_ context: DemoContext) throws -> Source {
    let name: LocalizedText
    let ratings: [Rating]
    if let file = context.data {
      name = LocalizedText(file.lastPathComponent)
      ratings = try MovieLens.ratings(contentsOf: file)
    } else {
      name = LocalizedText(en: "made-up ratings", zh: "模拟评分")
      var random = context.random("ratings")
      ratings = RatingsGenerator().ratings(using: &random)
    }
    let (byUser, items) = purchases(of: ratings)
    if items > 8_000 {
      throw DatasetError.malformed(
        file: name.en, expected: "at most 8,000 different items, for a similarity of all pairs", found: "\(items)")
    }
    let source = Source(name: name, byUser: byUser, items: items, itemNames: nil)
    if source.task.users == 0 {
      throw DatasetError.malformed(
        file: name.en, expected: "a user with ratings at two different times", found: "\(ratings.count) ratings without"
      )
    }
    return source
  }

  /// The real shop: when each customer first bought each article.
  private static func shop() throws -> Source {
    let shop = try Datasets.onlineRetail()
    var byUser = [[ItemPurchase]](repeating: [], count: shop.customers.count)
    var seen = Set<Int>()
    for purchase in shop.purchases
    where seen.insert(purchase.customer * shop.items.count + purchase.item).inserted {
      byUser[purchase.customer].append(ItemPurchase(item: purchase.item, time: purchase.time / 86_400))
    }
    return Source(
      name: LocalizedText(en: "real shop", zh: "真实商店"), byUser: byUser, items: shop.items.count,
      itemNames: shop.items.map(\.name))
  }

  // MARK: Report

  private static func introduction(_ sources: [Source]) -> LocalizedText {
    let sizes = sources.map { "\($0.task.users) × \($0.task.items), \($0.task.known.count)" }
    return LocalizedText(
      en:
        "What each user bought last is held out; the rest of all users' purchases is known (users × items, purchases: "
        + "\(sources[0].name.en) \(sizes[0]); \(sources[1].name.en), Online Retail II, \(sizes[1])). A list of ten hits if "
        + "a held-out item stands in it. In the shop a whole invoice of new articles is held out.",
      zh: "留出每个用户最后一次购买，其余购买全部已知（用户 × 物品，购买数：\(sources[0].name.zh) \(sizes[0])；"
        + "\(sources[1].name.zh) Online Retail II \(sizes[1])）。十件推荐中含留出物品即命中。商店中留出的是整张发票里的新商品。")
  }

  /// What the numbers say, whatever they say: the data may be the user's own.
  private static func verdict(_ comparisons: [Comparison]) -> LocalizedText {
    let parts = comparisons.map { comparison in
      let shrink = comparison.quality(of: .shrunkRecent).hitRate - comparison.quality(of: .plainRecent).hitRate
      let age = comparison.quality(of: .shrunkRecent).hitRate - comparison.quality(of: .shrunk).hitRate
      return (
        name: comparison.source.name, shrink: String(format: "%+.3f", shrink), age: String(format: "%+.3f", age)
      )
    }
    return LocalizedText(
      en: parts.map { "\($0.name.en): the half-life moves HR@10 by \($0.age), β = 20 by \($0.shrink)" }
        .joined(separator: "; ")
        + ". Shrinkage keeps coincidences out of the lists, and new items too, which have few buyers yet: which weighs more "
        + "depends on the data, so β is chosen on held-out purchases of one's own.",
      zh: parts.map { "\($0.name.zh)：半衰期使 HR@10 变化 \($0.age)，β = 20 使其变化 \($0.shrink)" }.joined(separator: "；")
        + "。收缩把巧合挡在列表之外，也挡住购买者尚少的新品：孰轻孰重取决于数据，所以 β 要用自己的留出购买来选。")
  }

  private static func hitRates(_ comparisons: [Comparison]) -> Chart {
    Chart(
      title: LocalizedText(en: "HR@10 of five recommenders", zh: "五种推荐方法的 HR@10"),
      yLabel: LocalizedText(en: "share of users hit", zh: "命中用户占比"),
      content: .bars(
        categories: Method.allCases.map(\.title),
        groups: comparisons.map { comparison in
          Chart.BarGroup(comparison.source.name, values: Method.allCases.map { comparison.quality(of: $0).hitRate })
        }))
  }

  private static func shrinkages(_ comparisons: [Comparison]) -> Chart {
    Chart(
      title: LocalizedText(en: "HR@10 against β, with a half-life of 30 days", zh: "HR@10 随 β 的变化（半衰期 30 天）"),
      xLabel: LocalizedText(en: "β (co-buyers)", zh: "β（共同购买者数）"), yLabel: LocalizedText("HR@10"),
      content: .lines(
        comparisons.map { comparison in
          Chart.Series(comparison.source.name, points: comparison.sweep.map { Chart.Point($0.shrink, $0.hitRate) })
        }))
  }

  private static func evidence(_ comparisons: [Comparison]) -> Table {
    func row(_ en: String, _ zh: String, _ value: (Comparison.Evidence) -> String) -> [LocalizedText] {
      [LocalizedText(en: en, zh: zh)] + comparisons.map { LocalizedText(value($0.evidence)) }
    }
    return Table(
      caption: LocalizedText(
        en: "What β = 20 keeps out of the lists (half-life 30 days): coincidences, and what is new",
        zh: "β = 20 把什么挡在列表之外（半衰期 30 天）：巧合，以及新品"),
      columns: [LocalizedText("")] + comparisons.map(\.source.name),
      rows: [
        row("pairs of neighbours with cosine 1 from one shared buyer", "仅一个共同购买者而余弦为 1 的近邻对") { "\($0.coincidences)" },
        row("median co-buyers behind a neighbour, β = 0", "近邻背后的共同购买者中位数，β = 0") { "\($0.coBuyers[0])" },
        row("median co-buyers behind a neighbour, β = 20", "近邻背后的共同购买者中位数，β = 20") { "\($0.coBuyers[1])" },
        row("items less than 120 days old, of those held out", "上架不足 120 天的物品，占留出物品") { percent($0.newHeldOut) },
        row("… of those offered with β = 0", "…占 β = 0 的推荐") { percent($0.newOffered[0]) },
        row("… of those offered with β = 20", "…占 β = 20 的推荐") { percent($0.newOffered[1]) },
      ])
  }

  /// One customer's list, and the purchases that speak for each item.
  private static func because(_ comparison: Comparison, _ source: Source) throws -> Table {
    let histories = source.task.histories
    let lists = comparison.lists
    let user =
      histories.indices.first { user in
        (15...60).contains(histories[user].count)
          && lists[user].prefix(5).contains { source.heldOut[user].contains($0) }
      } ?? 0
    let now = source.task.times[user]
    func name(_ item: Int) -> String { source.itemNames.map { $0[item] } ?? "\(item + 1)" }
    var rows: [[LocalizedText]] = []
    for item in lists[user].prefix(6) {
      var reasons: [(purchase: ItemPurchase, share: Double)] = []
      for purchase in histories[user] {
        guard let neighbour = comparison.neighbours[purchase.item].first(where: { $0.item == item }) else { continue }
        reasons.append((purchase, exp2(-(now - purchase.time) / halfLife) * neighbour.similarity))
      }
      reasons.sort { $0.share != $1.share ? $0.share > $1.share : $0.purchase.item < $1.purchase.item }
      let best = reasons.prefix(2).map { (name($0.purchase.item), Int((now - $0.purchase.time).rounded())) }
      let bought = source.heldOut[user].contains(item)
      rows.append([
        LocalizedText(name(item)),
        best.isEmpty
          ? LocalizedText(en: "it is popular", zh: "热门")
          : LocalizedText(
            en: "because you bought " + best.map { "\($0) \($1) days ago" }.joined(separator: " and "),
            zh: "因为您 " + best.map { "\($1) 天前买过 \($0)" }.joined(separator: "，")),
        bought ? LocalizedText(en: "yes", zh: "是") : LocalizedText(en: "no", zh: "否"),
      ])
    }
    return Table(
      caption: LocalizedText(
        en: "A customer of the shop with \(histories[user].count) articles (β = 20, half-life 30 days)",
        zh: "商店的一位顾客，买过 \(histories[user].count) 种商品（β = 20，半衰期 30 天）"),
      columns: [
        LocalizedText(en: "offer", zh: "推荐"), LocalizedText(en: "why", zh: "理由"),
        LocalizedText(en: "bought next", zh: "随后买了"),
      ],
      rows: rows)
  }

  /// The document's steps with its own numbers, beside what an item-to-item recommender does.
  private static func document(_ recommender: any ItemCFShrinkageExercise) throws -> Table {
    let purchases = try DocumentExample.matrix()
    let recent = Array(DocumentExample.rows[2].prefix(2))  // np.where(…)[0][:2]: the smallest numbers
    let slice = Matrix(DocumentExample.rows.map { row in recent.map { row.contains($0) ? 1 : 0 } })  // [4, 2]
    var square = slice.times(slice.transposed())  // [4, 4], users by users
    let norm = slice.values.reduce(0) { $0 + $1 * $1 }
    square.values = square.values.map { $0 / norm }
    let diagonal = (0..<4).map { String(format: "%.3f", square[$0, $0]) }
    let similarity = try recommender.itemCosine(purchases, shrink: 0)
    let neighbours = try recommender.topNeighbours(similarity, k: 3)
    let list = try recommender.recommend(
      history: DocumentExample.historyOfUser2, neighbours: neighbours, now: 4, halfLife: nil, n: 5, fallback: [])
    let toItem0 = DocumentExample.rows[2].map { String(format: "%.3f", similarity[$0, 0]) }
    func row(_ step: LocalizedText, _ document: LocalizedText, _ right: LocalizedText) -> [LocalizedText] {
      [step, document, right]
    }
    return Table(
      caption: LocalizedText(en: "User 2, who owns items 1, 2 and 3", zh: "用户 2，已有商品 1、2、3"),
      columns: [
        LocalizedText(en: "step", zh: "步骤"), LocalizedText(en: "the document's code", zh: "文档的代码"),
        LocalizedText(en: "item to item", zh: "物品协同过滤"),
      ],
      rows: [
        row(
          LocalizedText("recently_bought[:N]"),
          LocalizedText(en: "items \(recent), the smallest numbers: there is no time", zh: "商品 \(recent)，即编号最小者：没有时间"),
          LocalizedText(en: "by time: 3, 2, 1", zh: "按时间：3、2、1")),
        row(
          LocalizedText("user_item_matrix[:, recently_bought]"),
          LocalizedText(
            en: "rows of \(slice.rows)×\(slice.columns): users, on two columns; item 0 is cut off",
            zh: "\(slice.rows)×\(slice.columns) 的行：用户，只剩两列；商品 0 已被切掉"),
          LocalizedText(en: "columns of 4×4: items, all four", zh: "4×4 的列：物品，四个都在")),
        row(
          LocalizedText("/ (‖ratings‖ · ‖ratingsᵀ‖)"),
          LocalizedText(
            en: "of each user to themself: " + diagonal.joined(separator: ", "),
            zh: "用户与自身：" + diagonal.joined(separator: ", ")),
          LocalizedText(en: "of each item to itself: 1 by definition, then set to 0", zh: "物品与自身：按定义为 1，随后置 0")),
        row(
          LocalizedText("np.dot(similarity_matrix, …)"),
          LocalizedText(
            en: "\(square.rows)×\(square.columns) times a vector of \(recent.count): shapes not aligned, it stops",
            zh: "\(square.rows)×\(square.columns) 乘长度 \(recent.count) 的向量：形状不符，报错退出"),
          LocalizedText(
            en: "item 0: " + toItem0.joined(separator: " + "), zh: "商品 0：" + toItem0.joined(separator: " + "))),
        row(
          LocalizedText("recommended_items"), LocalizedText(en: "none", zh: "无"), LocalizedText("\(list)")),
      ])
  }

  private static func figures(_ comparisons: [Comparison], _ quality: (Comparison) -> RankingQuality) -> [String:
    Double]
  {
    var figures: [String: Double] = [:]
    for (comparison, prefix) in zip(comparisons, ["ratings", "shop"]) {
      let quality = quality(comparison)
      figures["\(prefix)HR10"] = quality.hitRate
      figures["\(prefix)NDCG10"] = quality.ndcg
      figures["\(prefix)Coverage"] = quality.coverage
    }
    return figures
  }

  static let halfLife = 30.0
}

/// Purchases with a name.
private struct Source {
  let name: LocalizedText
  let task: LastPurchaseTask
  let heldOut: [[Int]]
  let itemNames: [String]?

  init(name: LocalizedText, byUser: [[ItemPurchase]], items: Int, itemNames: [String]?) {
    self.name = name
    self.itemNames = itemNames
    (task, heldOut) = LastPurchaseTask.holdingOutLast(byUser, items: items)
  }
}

/// The rows of the table.
private enum Method: CaseIterable {
  case popular, plain, shrunk, plainRecent, shrunkRecent

  var title: LocalizedText {
    switch self {
    case .popular: LocalizedText(en: "most popular", zh: "最热门")
    case .plain: LocalizedText(en: "cosine", zh: "余弦")
    case .shrunk: LocalizedText(en: "β = 20", zh: "β = 20")
    case .plainRecent: LocalizedText(en: "cosine, 30 days", zh: "余弦，30 天")
    case .shrunkRecent: LocalizedText(en: "β = 20, 30 days", zh: "β = 20，30 天")
    }
  }
}

/// All methods on one source.
private struct Comparison {
  let source: Source
  private var qualities: [(method: Method, quality: RankingQuality)] = []
  /// HR@10 with the half-life, by β.
  private(set) var sweep: [(shrink: Double, hitRate: Double)] = []
  /// The neighbours with β = 20 and every user's list with it and the half-life.
  private(set) var neighbours: [[SimilarItem]] = []
  private(set) var lists: [[Int]] = []
  private(set) var evidence = Evidence()

  /// What stands behind the lists.
  struct Evidence {
    /// Pairs of items with cosine 1 that one user bought.
    var coincidences = 0
    /// The median number of co-buyers of an item and its neighbour, with β = 0 and β = 20.
    var coBuyers = [0, 0]
    /// The share of held-out items that nobody bought 120 days before.
    var newHeldOut = 0.0
    /// Their share of the lists with the half-life, with β = 0 and β = 20.
    var newOffered = [0.0, 0.0]
  }

  init(_ source: Source, _ recommender: any ItemCFShrinkageExercise, progress: (Double) -> Void) throws {
    self.source = source
    let task = source.task
    let purchases = try task.matrix()
    func quality(_ lists: [[Int]]) -> RankingQuality {
      RankingQuality(lists, heldOut: source.heldOut, items: task.items)
    }
    qualities.append((.popular, quality(task.mostPopular(10))))
    let shrinks = [0.0, 5, 20, 80]
    let buyers = BuyerSets(purchases)
    for (step, shrink) in shrinks.enumerated() {
      progress(Double(step) / Double(shrinks.count))
      let similarity = try recommender.itemCosine(purchases, shrink: shrink)
      let nearest = try recommender.topNeighbours(similarity, k: 50)
      let recent = try task.lists(recommender, neighbours: nearest, halfLife: ItemCFShrinkageDemo.halfLife, n: 10)
      sweep.append((shrink, quality(recent).hitRate))
      if shrink != 0 && shrink != 20 { continue }
      let even = quality(try task.lists(recommender, neighbours: nearest, halfLife: nil, n: 10))
      let isShrunk = shrink == 20
      evidence.coBuyers[isShrunk ? 1 : 0] = buyers.median(nearest)
      evidence.newOffered[isShrunk ? 1 : 0] = task.shareOfNewItems(in: recent, days: 120)
      if isShrunk {
        qualities += [(.shrunk, even), (.shrunkRecent, quality(recent))]
        (neighbours, lists) = (nearest, recent)
      } else {
        qualities += [(.plain, even), (.plainRecent, quality(recent))]
        evidence.coincidences = buyers.coincidences(nearest)
      }
    }
    evidence.newHeldOut = task.shareOfNewItems(in: source.heldOut, days: 120)
    progress(1)
  }

  func quality(of method: Method) -> RankingQuality {
    qualities.first { $0.method == method }?.quality ?? RankingQuality([], heldOut: [], items: 1)
  }

  var table: Table {
    let methods = Method.allCases
    let best = methods.indices.max { quality(of: methods[$0]).hitRate < quality(of: methods[$1]).hitRate }
    return Table(
      caption: LocalizedText(
        en: "\(source.name.en): \(source.task.users) held-out users", zh: "\(source.name.zh)：\(source.task.users) 个留出用户"
      ),
      columns: [
        LocalizedText(en: "recommender", zh: "推荐方法"), LocalizedText("HR@10"), LocalizedText("NDCG@10"),
        LocalizedText(en: "coverage", zh: "覆盖率"),
      ],
      rows: methods.map { method in
        let found = quality(of: method)
        return [method.title]
          + [found.hitRate, found.ndcg, found.coverage].map { LocalizedText(String(format: "%.3f", $0)) }
      },
      highlightedRow: best)
  }
}
