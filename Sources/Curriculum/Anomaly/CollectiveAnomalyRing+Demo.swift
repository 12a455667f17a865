import Charts
import Contracts
import Foundation
import Learning
import Simulation
import Tensors

/// Twenty populations with a ring in each: detectors of single users, a graph autoencoder, and peeling; then a shop's log.
enum CollectiveAnomalyRingDemo {
  private static let seeds = 20

  static var demo: Demo<any CollectiveAnomalyRingExercise> {
    Demo { detector, context in
      var trials: [RingTrial] = []
      for seed in 0..<seeds {
        context.progress(.init("populations with a ring", fraction: Double(seed) / Double(seeds)))
        trials.append(try RingTrial(detector, random: context.random("population \(seed)")))
      }
      context.progress(.init("populations with a ring", fraction: 1))
      context.progress(.init("rings in a shop's log", fraction: 0))
      let shops = try [(AnomalyKind.clickFarm, false), (.brushing, false), (.clickFarm, true)].map {
        try ShopTrial(detector, $0, isCamouflaged: $1, random: context.random("shop"))
      }
      context.progress(.init("rings in a shop's log", fraction: 1))

      let f1 = mean(trials.map(\.quality.f1))
      let alone = RingTrial.lone.indices.map { index in mean(trials.map { $0.areas[index] }) }
      return DemoReport(
        metrics: [
          "f1": f1, "precision": mean(trials.map(\.quality.precision)), "recall": mean(trials.map(\.quality.recall)),
          "leastRatioToNull": trials.map(\.ratio).min() ?? 0, "f1Shop": shops[0].quality.f1,
        ],
        baseline: [
          "f1": trials.map { $0.lonePrecision.max() ?? 0 }.reduce(0, +) / Double(seeds),
          "aurocPopularity": alone[0], "aurocSize": alone[1], "aurocAutoencoder": alone[2], "aurocFusion": alone[3],
        ],
        report: Report(
          title: LocalizedText(en: "A ring that is abnormal only together", zh: "只有合在一起才异常的团伙"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "160 users bought 15 of 600 items each. Twelve of them drew 9 of theirs from a shared pool of 18 that is as popular as "
                  + "everything else. Nodes are users; an edge is the surprise of an overlap beyond 3; the 'loss' is the density of a group.",
                zh: "160 个用户各买了 600 件商品中的 15 件。其中 12 人有 9 件取自同一个 18 件的商品池，池中商品的热度与别的无异。节点是用户；边是重叠的意外程度超过 3 的部分；"
                  + "“损失”是一组人的密度。")),
            .table(detectorTable(trials)),
            .text(
              LocalizedText(
                en:
                  "Looked at alone, no member stands out, and the autoencoder ranks the ring as the most normal of all: a shared pool is the "
                  + "easiest pattern to compress. A fusion stays blind, and a graph autoencoder on the same graph scores users too: read upside down "
                  + "they would point at the ring, which nobody knows without labels. Peeling the graph of overlaps finds it.",
                zh: "单独看，没有一个成员显眼；自编码器甚至把团伙排成最正常的人：共用的商品池是最容易压缩的模式。融合仍然看不见；同一个图上的图自编码器也是给单个用户打分：倒过来读本可指向团伙，但没有标签就无人知道。"
                  + "对重叠图剥离则找到了团伙。")),
            .chart(
              .boxes(
                title: LocalizedText(
                  en: "AUROC of each detector over \(seeds) populations: 0.5 is chance, 0 is exactly reversed",
                  zh: "各检测器在 \(seeds) 个群体上的 AUROC：0.5 为随机，0 为完全颠倒"),
                xLabel: LocalizedText("AUROC"),
                samples: RingTrial.names.enumerated().map { index, name in (name, trials.map { $0.areas[index] }) })),
            .chart(graphChart(trials[0])), .chart(peelingChart(trials[0])), .chart(nullChart(trials)),
            .heading(LocalizedText(en: "Rings in a shop's log", zh: "商店日志中的团伙")),
            .text(
              LocalizedText(
                en:
                  "The same functions on the log of a simulated shop with 600 accounts; a basket now holds the devices that an account was "
                  + "used on (cutoff 1: it holds one or two). A click farm and a brushing ring (刷单) share devices in the open, another farm "
                  + "keeps to its own. Before believing a group, compare its density with that of the shuffled log: where it is not well "
                  + "above, the honest answer is 'no ring seen'.",
                zh: "同样的函数用在 600 个账号的模拟商店日志上；购物篮换成账号用过的设备（只有一两台，故门槛取 1）。一个点击农场和一个刷单团伙公开共用设备，另一个农场的成员"
                  + "各用各的设备。相信一组人之前，先把它的密度与打乱的日志比较：若没有明显更高，诚实的回答是“没有看到团伙”。")),
            .table(shopTable(shops)),
          ]))
    }
  }

  private static func detectorTable(_ trials: [RingTrial]) -> Table {
    let text = { (value: Double) in LocalizedText(String(format: "%.3f", value)) }
    var rows = RingTrial.names.enumerated().map { index, name in
      let areas = trials.map { $0.areas[index] }
      let precision = text(mean(trials.map { $0.lonePrecision[index] }))
      return [name, text(mean(areas)), text(areas.min() ?? 0), text(areas.max() ?? 0), precision, precision, precision]
    }
    let dash = LocalizedText("–")
    rows.append([
      LocalizedText(en: "peeling the overlaps", zh: "剥离重叠图"), dash, dash, dash,
      text(mean(trials.map(\.quality.precision))), text(mean(trials.map(\.quality.recall))),
      text(mean(trials.map(\.quality.f1))),
    ])
    return Table(
      caption: LocalizedText(
        en: "\(trials.count) populations; a score's group is its top twelve", zh: "\(trials.count) 个群体；打分者的组为前十二名"),
      columns: [
        LocalizedText(en: "detector", zh: "检测器"), LocalizedText(en: "AUROC, mean", zh: "AUROC 平均"),
        LocalizedText(en: "least", zh: "最低"), LocalizedText(en: "most", zh: "最高"),
        LocalizedText(en: "precision", zh: "精确率"), LocalizedText(en: "recall", zh: "召回率"), LocalizedText("F1"),
      ], rows: rows, highlightedRow: rows.count - 1)
  }

  private static func graphChart(_ trial: RingTrial) -> Chart {
    let degrees = trial.graph.degrees
    let shown = degrees.indices.filter { degrees[$0] > 0 }
    let place = Dictionary(shown.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let links = trial.graph.links.compactMap { link -> Chart.Link? in
      guard let from = place[link.0], let to = place[link.1] else { return nil }
      return Chart.Link(from: from, to: to)
    }
    return Chart(
      title: LocalizedText(
        en: "The suspicious pairs of one population: the framed nodes are the densest group",
        zh: "一个群体中的可疑用户对：加框的节点是密度最大的一组"),
      content: .graph(
        nodes: shown.map {
          Chart.Node(
            LocalizedText("\($0)"), group: trial.population.isInRing[$0] ? 1 : 0,
            isHighlighted: trial.members.contains($0))
        }, links: links,
        groups: [LocalizedText(en: "innocent", zh: "无辜"), LocalizedText(en: "ring", zh: "团伙")]))
  }

  private static func peelingChart(_ trial: RingTrial) -> Chart {
    let series = { (name: LocalizedText, graph: WeightedGraph, style: Chart.Series.Style) in
      let densities = graph.peelingDensities()
      return Chart.Series(
        name,
        points: densities.enumerated().map { Chart.Point(Double(densities.count - $0.offset), $0.element) }.reversed(),
        style: style)
    }
    return Chart(
      title: LocalizedText(
        en: "Density while users are peeled off, from right to left: it peaks at the ring",
        zh: "逐个剥离用户时的密度（从右到左）：在团伙处达到峰值"),
      xLabel: LocalizedText(en: "users left", zh: "剩余用户数"), yLabel: LocalizedText(en: "density", zh: "密度"),
      content: .lines(
        [
          series(LocalizedText(en: "with the ring", zh: "有团伙"), trial.graph, .solid),
          series(LocalizedText(en: "the same baskets shuffled", zh: "同样的购物篮打乱后"), trial.shuffledGraph, .dashed),
        ], marks: [.vertical(x: 12, label: LocalizedText(en: "size of the ring", zh: "团伙人数"))]))
  }

  private static func nullChart(_ trials: [RingTrial]) -> Chart {
    Chart(
      title: LocalizedText(
        en: "Top density: some group is always the densest, so compare with a null", zh: "最大密度：总有一组最密，所以要与零假设比较"),
      xLabel: LocalizedText(en: "density", zh: "密度"),
      content: .distributions([
        Chart.Distribution(LocalizedText(en: "with a ring", zh: "有团伙"), sample: trials.map(\.density)),
        Chart.Distribution(
          LocalizedText(en: "the same, shuffled", zh: "同一群体打乱"), sample: trials.map(\.shuffledDensity)),
        Chart.Distribution(LocalizedText(en: "no ring drawn", zh: "没有团伙"), sample: trials.map(\.nullDensity)),
      ]))
  }

  private static func shopTable(_ shops: [ShopTrial]) -> Table {
    let text = { (format: String, value: Double) in LocalizedText(String(format: format, value)) }
    return Table(
      caption: LocalizedText(en: "One ring among 600 accounts", zh: "600 个账号中的一个团伙"),
      columns: [
        LocalizedText(en: "ring", zh: "团伙"),
        LocalizedText(en: "members", zh: "成员"), LocalizedText(en: "group found", zh: "找到的人数"),
        LocalizedText(en: "precision", zh: "精确率"), LocalizedText(en: "recall", zh: "召回率"),
        LocalizedText(en: "density", zh: "密度"), LocalizedText(en: "shuffled", zh: "打乱后"),
      ],
      rows: shops.map { shop in
        [
          shop.name, LocalizedText("\(shop.population.ring.count)"),
          LocalizedText("\(shop.members.count)"), text("%.2f", shop.quality.precision),
          text("%.2f", shop.quality.recall), text("%.2f", shop.density), text("%.2f", shop.shuffledDensity),
        ]
      })
  }
}

/// One population with a ring, and what every detector says.
private struct RingTrial {
  static let names = [
    LocalizedText(en: "rarity of the basket", zh: "购物篮的冷门程度"), LocalizedText(en: "size of the basket", zh: "购物篮大小"),
    LocalizedText(en: "autoencoder error", zh: "自编码器误差"), LocalizedText(en: "fusion of the three", zh: "三者融合"),
    LocalizedText(en: "graph autoencoder, error", zh: "图自编码器，误差"),
    LocalizedText(en: "graph autoencoder, links", zh: "图自编码器，连边"),
  ]
  /// Those that look at one user at a time.
  static let lone = 0..<4

  let population: RingPopulation
  let graph, shuffledGraph: WeightedGraph
  let members: [Int]
  let density, shuffledDensity, nullDensity: Double
  let quality: (precision: Double, recall: Double, f1: Double)
  /// The area under the ROC curve of each detector.
  let areas: [Double]
  /// The share of the ring in each detector's top twelve, which is precision and recall at once.
  let lonePrecision: [Double]

  init(_ detector: any CollectiveAnomalyRingExercise, random: SeededRandom) throws {
    var random = random
    let population = RingPopulation.drawn(using: &random)
    let shuffled = population.shuffled(using: &random)
    let without = RingPopulation.drawn(ring: 0, using: &random)
    graph = WeightedGraph(try detector.suspicionGraph(population.sets, universe: population.universe))
    shuffledGraph = WeightedGraph(try detector.suspicionGraph(shuffled.sets, universe: population.universe))
    let group = try detector.densestGroup(graph.weights)
    members = group.members.sorted()
    density = group.density
    shuffledDensity = try detector.densestGroup(shuffledGraph.weights).density
    nullDensity = try detector.densestGroup(
      try detector.suspicionGraph(without.sets, universe: without.universe)
    ).density
    quality = population.quality(of: members)
    let network = try GraphAutoencoder(population, graph: graph.weights, using: &random)
    let scores = [
      population.rarity, population.sizes, try population.autoencoderErrors(), try population.fusedScores(),
      network.errors, network.strength,
    ]
    areas = try scores.map { try Metrics.auc(population.labels, scores: $0) }
    lonePrecision = scores.map { population.quality(of: top(12, $0)).precision }
    self.population = population
  }

  var ratio: Double { density / max(shuffledDensity, nullDensity, 1e-9) }
}

/// The indices of the largest scores; of equals the first.
private func top(_ count: Int, _ scores: [Double]) -> [Int] {
  Array(scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(count))
}

/// A shop's log with a ring.
private struct ShopTrial {
  let kind: AnomalyKind
  let isCamouflaged: Bool
  let population: RingPopulation
  let members: [Int]
  let density, shuffledDensity: Double
  let quality: (precision: Double, recall: Double, f1: Double)

  init(
    _ detector: any CollectiveAnomalyRingExercise, _ kind: AnomalyKind, isCamouflaged: Bool, random: SeededRandom
  ) throws {
    var random = random
    self.kind = kind
    self.isCamouflaged = isCamouflaged
    population = RingPopulation.shop(kind, isCamouflaged: isCamouflaged, random: random)
    let group = try detector.densestGroup(
      try detector.suspicionGraph(population.sets, universe: population.universe, cutoff: 1))
    members = group.members.sorted()
    density = group.density
    let shuffled = population.shuffled(using: &random)
    shuffledDensity = try detector.densestGroup(
      try detector.suspicionGraph(shuffled.sets, universe: population.universe, cutoff: 1)
    ).density
    quality = population.quality(of: members)
  }

  var name: LocalizedText {
    let farm = kind == .clickFarm
    return isCamouflaged
      ? LocalizedText(
        en: farm ? "click farm, own devices" : "brushing, own devices", zh: farm ? "点击农场，各用各的设备" : "刷单，各用各的设备")
      : LocalizedText(en: farm ? "click farm, in the open" : "brushing, in the open", zh: farm ? "公开的点击农场" : "公开的刷单")
  }
}
