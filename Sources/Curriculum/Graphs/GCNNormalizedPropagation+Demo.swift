import Charts
import Contracts
import Datasets
import Foundation
import Harness
import Learning
import Simulation
import Tensors

enum GCNNormalizedPropagationDemo {
  typealias Network = any GCNNormalizedPropagationExercise

  static var demo: Demo<Network> {
    Demo { network, context in
      let club = try KarateClub(network)
      let karate = try karate(network, club, context)
      let fraud = try fraudRings(network, context)
      let depth = try depths(network, club, context)
      return DemoReport(
        metrics: ["karate accuracy": karate.gcn, "fraud F1": fraud.gcn, "accuracy of 2 layers": depth.two],
        baseline: [
          "karate accuracy": karate.labelPropagation, "fraud F1": fraud.mlp, "accuracy of 2 layers": depth.sixteen,
        ],
        report: Report(
          title: LocalizedText(en: "What the links know", zh: "连边知道什么"),
          blocks: karate.blocks + fraud.blocks + depth.blocks))
    }
  }

  // MARK: The karate club

  /// Zachary's club with two labelled members; every member's feature is his own number.
  private struct KarateClub {
    let edges: EdgeList
    let clubs: [Int]
    let graph: LabelledGraph
    let others = Array(1..<33)

    init(_ network: Network) throws {
      let zachary = try Datasets.karateClub()
      edges = EdgeList(edges: zachary.edges.map { [$0.a, $0.b] }, nodes: 34)
      clubs = zachary.factions
      graph = LabelledGraph(
        adjacency: try network.normalizedAdjacency(edges: edges.pairs, nodes: 34), features: .identity(34),
        labels: (0..<34).map { $0 == 0 ? 0 : $0 == 33 ? 1 : -1 }, mask: [0, 33])
    }

    func accuracy(_ predicted: [Int]) -> Double {
      GCNNormalizedPropagationChecks.accuracy(predicted, clubs, on: others)
    }
  }

  private static func karate(
    _ network: Network, _ club: KarateClub, _ context: DemoContext
  ) throws -> (gcn: Double, labelPropagation: Double, blocks: [Report.Block]) {
    let seeds = 20
    let alone = try withoutLinks(network, club.graph)
    var gcn: [Double] = []
    var mlp: [Double] = []
    var votes = [Int](repeating: 0, count: 34)
    for seed in 0..<seeds {
      context.progress(
        ProgressUpdate("karate club", fraction: Double(seed) / Double(seeds), details: "seed \(seed + 1)"))
      let settings = GCNSettings(dropout: 0)
      var random = context.random("karate \(seed)")
      let predicted = try GCNNormalizedPropagationChecks.train(
        network, on: club.graph, hidden: 16, classes: 2, steps: 200, settings: settings, using: &random)
      gcn.append(club.accuracy(predicted))
      for member in 0..<34 { votes[member] += predicted[member] }
      mlp.append(
        club.accuracy(
          try GCNNormalizedPropagationChecks.train(
            network, on: alone, hidden: 16, classes: 2, steps: 200, settings: settings, using: &random)))
    }
    let propagated = club.accuracy(labelPropagation(club.edges.pairs, labels: club.graph.labels))
    let meanOfGCN = mean(gcn)
    let nodes = (0..<34).map { member in
      Chart.Node(
        LocalizedText("\(member)"), group: 2 * votes[member] > seeds ? 1 : 0, isHighlighted: member == 0 || member == 33
      )
    }
    return (
      meanOfGCN, propagated,
      [
        .heading(LocalizedText(en: "The karate club, two members labelled", zh: "空手道俱乐部：只给两个人打标签")),
        .table(
          Table(
            caption: LocalizedText(
              en: "Accuracy on the other 32 members, \(seeds) seeds", zh: "其余 32 人上的准确率，\(seeds) 个种子"),
            columns: [
              LocalizedText(en: "method", zh: "方法"), LocalizedText(en: "mean", zh: "平均"),
              LocalizedText(en: "least", zh: "最低"), LocalizedText(en: "most", zh: "最高"),
            ],
            rows: [
              row(LocalizedText("GCN"), meanOfGCN, gcn.min() ?? 0, gcn.max() ?? 0),
              row(LocalizedText(en: "label propagation", zh: "标签传播"), propagated, propagated, propagated),
              row(
                LocalizedText(en: "MLP, no links", zh: "MLP，不用连边"), mean(mlp), mlp.min() ?? 0, mlp.max() ?? 0),
            ], highlightedRow: 0)),
        .text(
          LocalizedText(
            en: "Here the GCN only ties label propagation, which has no weights at all: the features say nothing, so "
              + "the links are all there is to learn from. Without them a network is at chance.",
            zh: "这里 GCN 只与毫无参数的标签传播打平：特征不含信息，能学的只有连边。去掉连边，网络就等于乱猜。")),
        .chart(
          Chart(
            title: LocalizedText(
              en: "The club as the GCN splits it (the two labelled members are set off)",
              zh: "GCN 划分的俱乐部（突出显示的是两个有标签的人）"),
            content: .graph(nodes: nodes, links: club.edges.pairs.map { Chart.Link(from: $0.0, to: $0.1) }))),
        .chart(
          Chart(
            title: LocalizedText(
              en: "Â of the club: each entry is 1 / √(d̃ᵢ d̃ⱼ), so hubs speak softly",
              zh: "俱乐部的 Â：每项为 1 / √(d̃ᵢ d̃ⱼ)，枢纽的声音被压低"),
            content: .heatmap(
              values: rows(try club.graph.adjacency.dense(nodes: 34), 34),
              rows: (0..<34).map { LocalizedText("\($0)") }, columns: (0..<34).map { LocalizedText("\($0)") },
              showsValues: false))),
      ]
    )
  }

  // MARK: Fraud rings

  private static func fraudRings(
    _ network: Network, _ context: DemoContext
  ) throws -> (gcn: Double, mlp: Double, blocks: [Report.Block]) {
    context.progress(ProgressUpdate("fraud rings", fraction: 0))
    var random = context.random("fraud rings")
    let accounts = DeviceGraph(using: &random)
    let edges = EdgeList(edges: accounts.edges.map { [$0.a, $0.b] }, nodes: accounts.count)
    var labels = [Int](repeating: -1, count: accounts.count)
    for account in accounts.training { labels[account] = accounts.labels[account] }
    let graph = LabelledGraph(
      adjacency: try network.normalizedAdjacency(edges: edges.pairs, nodes: accounts.count),
      features: accounts.features, labels: labels, mask: accounts.training)
    let alone = try withoutLinks(network, graph)

    func trained(_ task: String, on graph: LabelledGraph) throws -> (predicted: [Int], losses: [Double]) {
      var random = context.random("fraud rings' weights")
      var losses: [Double] = []
      let predicted = try GCNNormalizedPropagationChecks.train(
        network, on: graph, hidden: 16, classes: 2, steps: 200, settings: GCNSettings(), using: &random
      ) { step, loss in
        losses.append(Double(loss))
        if step % 20 == 0 {
          context.progress(
            ProgressUpdate(task, fraction: Double(step) / 200, details: "loss \(decimals(Double(loss)))"))
        }
      }
      return (predicted, losses)
    }
    let gcn = try trained("fraud rings, GCN", on: graph)
    let mlp = try trained("fraud rings, MLP", on: alone)
    var logistic = DeepGCN(widths: [DeviceGraph.featureCount, 2], using: &random)
    for _ in 0..<200 { try logistic.step(network, on: alone) }
    let methods: [(name: LocalizedText, predicted: [Int])] = [
      (LocalizedText(en: "logistic regression", zh: "逻辑回归"), try logistic.predict(network, alone)),
      (LocalizedText(en: "MLP, no links", zh: "MLP，不用连边"), mlp.predicted),
      (
        LocalizedText(en: "label propagation, no features", zh: "标签传播，不用特征"),
        labelPropagation(edges.pairs, labels: labels)
      ),
      (LocalizedText("GCN"), gcn.predicted),
    ]
    let scores = methods.map { GCNNormalizedPropagationChecks.f1($0.predicted, accounts.labels, on: accounts.test) }
    return (
      scores[3], scores[1],
      [
        .heading(LocalizedText(en: "Fraud rings on shared devices", zh: "共享设备的欺诈团伙")),
        .table(
          Table(
            caption: LocalizedText(
              en: "2,000 accounts, 40 labelled; scores on the other 1,960", zh: "2000 个账号，40 个有标签；在其余 1960 个上评分"),
            columns: [
              LocalizedText(en: "method", zh: "方法"), LocalizedText("F1"), LocalizedText(en: "precision", zh: "精确率"),
              LocalizedText(en: "recall", zh: "召回率"),
            ],
            rows: zip(methods, scores).map { method, f1 in
              let found = accounts.test.count { method.predicted[$0] == 1 && accounts.labels[$0] == 1 }
              return row(
                method.name, f1, Double(found) / Double(max(1, accounts.test.count { method.predicted[$0] == 1 })),
                Double(found) / Double(accounts.test.count { accounts.labels[$0] == 1 }))
            }, highlightedRow: 3)),
        .text(
          LocalizedText(
            en:
              "Features alone are weak. Links alone carry every label through the few links that rings have to honest "
              + "accounts, so most of the shop looks guilty. The GCN averages the weak features over a neighbourhood, where "
              + "their noise cancels: here features and links together win.",
            zh: "单看特征太弱；单看连边，标签会顺着团伙与正常账号之间的少数连边传开，大半个商城都显得可疑。GCN 在邻域内平均弱特征，噪声相互抵消：这里特征加连边才胜出。")),
        .chart(
          Chart(
            title: LocalizedText(en: "F1 on accounts without a label", zh: "无标签账号上的 F1"), yLabel: LocalizedText("F1"),
            content: .bars(
              categories: methods.map(\.name), groups: [Chart.BarGroup(LocalizedText("F1"), values: scores)]))),
        .chart(
          Chart(
            title: LocalizedText(
              en: "Training loss on the 40 labels, with dropout", zh: "40 个标签上的训练损失（含 dropout）"),
            xLabel: LocalizedText(en: "step", zh: "步"), yLabel: LocalizedText(en: "masked cross-entropy", zh: "掩码交叉熵"),
            content: .lines([
              Chart.Series(LocalizedText("GCN"), values: gcn.losses),
              Chart.Series(LocalizedText("MLP"), values: mlp.losses, style: .dashed),
            ]))),
      ]
    )
  }

  // MARK: Depth

  private static func depths(
    _ network: Network, _ club: KarateClub, _ context: DemoContext
  ) throws -> (two: Double, sixteen: Double, blocks: [Report.Block]) {
    let depths = [1, 2, 3, 4, 6, 8, 12, 16]
    let eigenvalues = symmetricEigenvalues(try club.graph.adjacency.dense(nodes: 34), 34)
    let second = max(abs(eigenvalues[32]), abs(eigenvalues[0]))
    var accuracies: [Double] = []
    for (index, depth) in depths.enumerated() {
      context.progress(
        ProgressUpdate("depth", fraction: Double(index) / Double(depths.count), details: "\(depth) layers"))
      let widths = [34] + [Int](repeating: 16, count: depth - 1) + [2]
      accuracies.append(
        mean(
          try (0..<10).map { seed in
            var random = context.random("depth \(depth), seed \(seed)")
            var deep = DeepGCN(widths: widths, using: &random)
            for _ in 0..<200 { try deep.step(network, on: club.graph) }
            return club.accuracy(try deep.predict(network, club.graph))
          }))
    }
    return (
      accuracies[1], accuracies[depths.count - 1],
      [
        .heading(LocalizedText(en: "Over-smoothing", zh: "过度平滑")),
        .table(
          Table(
            caption: LocalizedText(en: "Karate club by depth, mean of 10 seeds", zh: "空手道俱乐部随层数变化，10 个种子平均"),
            columns: [
              LocalizedText(en: "layers", zh: "层数"), LocalizedText(en: "accuracy", zh: "准确率"),
              LocalizedText(en: "|λ₂| to that power", zh: "|λ₂| 的该次幂"),
            ],
            rows: zip(depths, accuracies).map { depth, accuracy in
              [
                LocalizedText("\(depth)"), LocalizedText(decimals(accuracy)),
                LocalizedText(decimals(pow(second, Double(depth)))),
              ]
            }, highlightedRow: 1)),
        .text(
          LocalizedText(
            en: "Â has one eigenvalue 1, and the next is \(decimals(second)): after k layers a linear network keeps "
              + "that to the power k of what tells the nodes apart. The rest is √d̃, the same picture for any input.",
            zh: "Â 只有一个特征值为 1，其次是 \(decimals(second))：k 层之后，线性网络只保留节点间差异的该值的 k 次幂，其余都变成与输入无关的 √d̃。")),
        .chart(
          Chart(
            title: LocalizedText(
              en: "Two layers are enough; many layers blur the nodes", zh: "两层足够；层数太多，节点变得模糊一片"),
            xLabel: LocalizedText(en: "layers", zh: "层数"), yLabel: LocalizedText(en: "accuracy", zh: "准确率"),
            content: .lines(
              [
                Chart.Series(
                  LocalizedText(en: "accuracy", zh: "准确率"),
                  points: zip(depths, accuracies).map { Chart.Point(Double($0), $1) }),
                Chart.Series(
                  LocalizedText(en: "|λ₂| to the power of the depth", zh: "|λ₂| 的层数次幂"),
                  points: depths.map { Chart.Point(Double($0), pow(second, Double($0))) }, style: .dashed),
              ], axes: Chart.Axes(y: 0...1),
              marks: [.horizontal(y: 0.5, label: LocalizedText(en: "chance", zh: "随机"))]))),
      ]
    )
  }

  // MARK: - Pieces

  /// The same task with Â = I: a network that sees every node by itself.
  private static func withoutLinks(_ network: Network, _ graph: LabelledGraph) throws -> LabelledGraph {
    var graph = graph
    graph.adjacency = try network.normalizedAdjacency(edges: [], nodes: graph.adjacency.nodes)
    return graph
  }

  private static func row(_ name: LocalizedText, _ values: Double...) -> [LocalizedText] {
    [name] + values.map { LocalizedText(decimals($0)) }
  }

  private static func rows(_ matrix: [Double], _ n: Int) -> [[Double]] {
    (0..<n).map { Array(matrix[$0 * n..<($0 + 1) * n]) }
  }
}
