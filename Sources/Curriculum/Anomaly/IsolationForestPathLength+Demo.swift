import Charts
import Contracts
import Foundation
import Learning
import Simulation
import Tensors

/// Grows a forest from one half of the sessions, unlabelled, judges it by the other, and shows what `contamination` does.
enum IsolationForestPathLengthDemo {
  typealias Forest = any IsolationForestPathLengthExercise

  static var demo: Demo<Forest> {
    Demo { forest, context in
      let say = { (task: String, fraction: Double) in context.progress(ProgressUpdate(task, fraction: fraction)) }
      say("two halves of the sessions", 0)
      var random = context.random("sessions")
      let halves = SessionHalves(using: &random)
      say("100 trees, \(halves.second.x.rows) sessions scored", 0.15)
      random = context.random("forest")
      let labels = halves.second.labels
      let scores = try forest.scores(of: halves.second.x, grownFrom: halves.first.x, using: &random)
      random = context.random("the engine's forest")
      let fast = try IsolationForest().fit(halves.first.x, using: &random).scores(of: halves.second.x).map { -$0 }
      let largest = LargestDeviation(halves.first.x).scores(of: halves.second.x)
      let (ours, theirs) = (try Figures(scores, labels), try Figures(largest, labels))
      let own = KindFigures.all(scores, halves.second.kinds)
      let byDeviation = KindFigures.all(largest, halves.second.kinds)
      say("the sessions that scikit-learn saw", 0.4)
      let peer = try besideScikitLearn(forest, context)
      say("a map of two features", 0.6)
      let map = try map(forest, halves, context)
      say("contamination", 0.75)
      let trap = try contamination(forest, context)
      say("the document's rows, 200 seeds", 0.85)
      let document = try document(forest, context)

      let share = 100 * Double(labels.reduce(0, +)) / Double(labels.count)
      return DemoReport(
        metrics: ours.dictionary, baseline: theirs.dictionary,
        report: Report(
          title: LocalizedText(en: "What a random cut separates early", zh: "被随机一刀早早切开的东西"),
          blocks: [
            .text(
              LocalizedText(
                en: String(
                  format:
                    "A forest of 100 trees of 256 sessions each, grown from %d sessions without labels, "
                    + "scores %d others, of which %.1f%% are anomalous. A session is ten numbers: "
                    + "events, pauses and their spread, carts, items, the entropy of the actions, regularity, night, device "
                    + "changes, spread of prices.", halves.first.x.rows, halves.second.x.rows, share),
                zh: String(
                  format: "用 %d 个无标签会话长出 100 棵树（每棵 256 个会话），给另外 %d 个会话打分，其中 %.1f%% 异常。每个会话是十个数："
                    + "事件数、停顿及其离散度、加购、商品数、动作熵、节奏规则性、夜间、换设备次数、价格离散度。",
                  halves.first.x.rows, halves.second.x.rows, share))),
            .table(
              Table(
                caption: LocalizedText(en: "All kinds together", zh: "各类异常合计"),
                columns: [
                  LocalizedText(en: "score", zh: "得分"), LocalizedText("AUC"),
                  LocalizedText(en: "average precision", zh: "平均精度"),
                  LocalizedText(en: "recall at 1% false alarms", zh: "1% 误报下的召回率"),
                ],
                rows: [
                  ours.row(LocalizedText(en: "isolation forest (this implementation)", zh: "孤立森林（本实现）")),
                  try Figures(fast, labels).row(LocalizedText(en: "isolation forest (the engine's)", zh: "孤立森林（引擎）")),
                  theirs.row(LocalizedText(en: "largest |z|", zh: "最大 |z|")),
                ], highlightedRow: 0)),
            .table(byKind(own, byDeviation)),
            .text(
              LocalizedText(
                en:
                  "What to see: the forest ranks every kind but fake reviews far above chance, because cuts of several "
                  + "features add up, where the largest z-score sees one. But at 1% false alarms almost only bots are found: "
                  + "a good AUC is not yet an alarm. Fake reviews and the rest are ordinary in these ten numbers; the order "
                  + "of the events and the links between accounts are not among them.",
                zh: "要点：除虚假好评外，森林对每一类的排序都远好于随机，因为多个特征上的切分会累加，而最大 z 分数只看一个特征。但在 1% 误报下几乎只抓得到机器人："
                  + "AUC 好还不等于能告警。虚假好评等在这十个数上很平常；事件的次序与账号之间的联系并不在其中。")),
            .chart(
              .roc(
                curves: try [
                  (LocalizedText(en: "isolation forest", zh: "孤立森林"), scores),
                  (LocalizedText(en: "largest |z|", zh: "最大 |z|"), largest),
                ].map { name, scores in
                  let curve = try Metrics.rocCurve(labels, scores: scores)
                  return (name, curve.map(\.falsePositiveRate), curve.map(\.truePositiveRate))
                })),
            .chart(
              .histogram(
                title: LocalizedText(
                  en: "Scores: anomalies lie higher, but honest sessions have a tail", zh: "得分：异常偏高，但正常会话也有尾巴"),
                xLabel: LocalizedText(en: "score 2^(−E[h] / c(ψ))", zh: "得分 2^(−E[h] / c(ψ))"),
                samples: [
                  (LocalizedText(en: "honest", zh: "正常"), labels.indices.filter { labels[$0] == 0 }.map { scores[$0] }),
                  (
                    LocalizedText(en: "anomalous", zh: "异常"),
                    labels.indices.filter { labels[$0] == 1 }.map { scores[$0] }
                  ),
                ], bins: 32, marks: [.vertical(x: 0.5, label: LocalizedText(en: "as deep as usual", zh: "通常的深度"))])),
          ] + peer + [.chart(map)] + (try normaliser(forest)) + trap + document))
    }
  }

  // MARK: Figures

  private struct Figures {
    let auc, averagePrecision, recall: Double

    init(_ scores: [Double], _ labels: [Int]) throws {
      auc = try Metrics.auc(labels, scores: scores)
      averagePrecision = try Metrics.averagePrecision(labels, scores: scores)
      let curve = try Metrics.rocCurve(labels, scores: scores)
      recall = curve.last { $0.falsePositiveRate <= 0.01 }?.truePositiveRate ?? 0
    }

    var dictionary: [String: Double] {
      ["AUC": auc, "average precision": averagePrecision, "recall at 1% false alarms": recall]
    }

    func row(_ name: LocalizedText) -> [LocalizedText] {
      [name] + [auc, averagePrecision, recall].map { LocalizedText(decimals($0)) }
    }
  }

  private static func byKind(_ own: [KindFigures], _ byDeviation: [KindFigures]) -> Table {
    Table(
      caption: LocalizedText(
        en: "Kind by kind: AUC against the honest sessions, and the share found at 1% false alarms",
        zh: "按类别：相对正常会话的 AUC，以及 1% 误报下找到的比例"),
      columns: [
        LocalizedText(en: "anomaly", zh: "异常"), LocalizedText(en: "sessions", zh: "会话数"),
        LocalizedText(en: "AUC, forest", zh: "AUC，森林"), LocalizedText(en: "AUC, largest |z|", zh: "AUC，最大 |z|"),
        LocalizedText(en: "found, forest", zh: "找到，森林"), LocalizedText(en: "found, largest |z|", zh: "找到，最大 |z|"),
      ],
      rows: zip(own, byDeviation).map { own, other in
        [own.kind.title, LocalizedText("\(own.count)")]
          + [own.auc, other.auc, own.recall, other.recall].map { LocalizedText(decimals($0)) }
      })
  }

  /// The very sessions of the oracle, so that scikit-learn's figures stand beside ours.
  private static func besideScikitLearn(_ forest: Forest, _ context: DemoContext) throws -> [Report.Block] {
    var fixed = SeededRandom(seed: SessionHalves.oracleSeed)
    let halves = SessionHalves(using: &fixed)
    var random = context.random("beside scikit-learn")
    let scores = try forest.scores(of: halves.second.x, grownFrom: halves.first.x, using: &random)
    let figures = try Figures(scores, halves.second.labels)
    let goldens = try Goldens("IsolationForestPathLength")
    let (auc, precision) = (try goldens.numbers("sessions.auc100"), try goldens.numbers("sessions.ap100"))
    let z = try goldens.numbers("sessions.z")
    func range(_ values: [Double]) -> LocalizedText {
      LocalizedText("\(decimals(values.min() ?? 0))–\(decimals(values.max() ?? 0))")
    }
    return [
      .table(
        Table(
          caption: LocalizedText(
            en: "Beside scikit-learn on other sessions, the same for both", zh: "与 scikit-learn 对照（另一批会话，双方相同）"),
          columns: [
            LocalizedText(en: "forest of 100 trees", zh: "100 棵树的森林"), LocalizedText("AUC"),
            LocalizedText(en: "average precision", zh: "平均精度"),
          ],
          rows: [
            [
              LocalizedText(en: "this implementation", zh: "本实现"), LocalizedText(decimals(figures.auc)),
              LocalizedText(decimals(figures.averagePrecision)),
            ],
            [LocalizedText(en: "scikit-learn, 5 seeds", zh: "scikit-learn，5 个种子"), range(auc), range(precision)],
            [
              LocalizedText(en: "largest |z|", zh: "最大 |z|"), LocalizedText(decimals(z[0])),
              LocalizedText(decimals(z[1])),
            ],
          ], highlightedRow: 0))
    ]
  }

  // MARK: A map

  private static func map(_ forest: Forest, _ halves: SessionHalves, _ context: DemoContext) throws -> Chart {
    var random = context.random("map")
    let (first, second) = (halves.first.columns(1, 5), halves.second.columns(1, 5))
    let (width, height) = (48, 32)
    let (x, y) = (0.0...5.0, 0.0...2.4)
    let grid = Matrix(
      (0..<height).flatMap { row in
        (0..<width).map { column in
          [
            x.upperBound * Double(column) / Double(width - 1), y.upperBound * Double(row) / Double(height - 1),
          ]
        }
      })
    let scores = try forest.scores(of: grid, grownFrom: first, using: &random)
    let kinds: [AnomalyKind?] = [nil, .bot, .brushing, .takeover]
    return Chart(
      title: LocalizedText(
        en: "A forest of two features alone: the score behind the sessions, with the line at 0.6",
        zh: "只用两个特征的森林：背景为得分，线为 0.6"),
      xLabel: LocalizedText(en: "log(1 + mean pause in seconds)", zh: "log(1 + 平均停顿秒数)"),
      yLabel: LocalizedText(en: "entropy of the actions (nats)", zh: "动作熵（nat）"),
      content: .scatter(
        kinds.map { kind in
          let own = halves.second.kinds.indices.filter { halves.second.kinds[$0] == kind }
          return Chart.Cloud(
            kind?.title ?? LocalizedText(en: "honest", zh: "正常"),
            points: own.prefix(kind == nil ? 400 : 60).map { Chart.Point(second[$0, 0], second[$0, 1]) })
        },
        field: Chart.Field(
          values: (0..<height).map { Array(scores[$0 * width..<($0 + 1) * width]) }, x: x, y: y, boundary: 0.6)))
  }

  // MARK: c(n)

  private static func normaliser(_ forest: Forest) throws -> [Report.Block] {
    let sizes = [2, 3, 4, 5, 8, 16, 32, 64, 128, 256, 1_024]
    let gaps = try sizes.map { n in
      let (formula, exact) = (
        try forest.averagePathLength(n, exact: false), try forest.averagePathLength(n, exact: true)
      )
      return (n: n, formula: formula, exact: exact, gap: 100 * (exact - formula) / exact)
    }
    return [
      .table(
        Table(
          caption: LocalizedText(en: "c(n): ln i + γ against the exact sum", zh: "c(n)：ln i + γ 与精确和"),
          columns: [
            LocalizedText("n"), LocalizedText(en: "ln i + γ", zh: "ln i + γ"), LocalizedText(en: "exact", zh: "精确"),
            LocalizedText(en: "too small by", zh: "偏小"),
          ],
          rows: gaps.map { gap in
            [
              LocalizedText("\(gap.n)"), LocalizedText(decimals(gap.formula)), LocalizedText(decimals(gap.exact)),
              LocalizedText(String(format: "%.2f %%", gap.gap)),
            ]
          })),
      .text(
        LocalizedText(
          en:
            "At the root (n = 256) the logarithm is exact enough. In small leaves it is not: at n = 3 it is 28% too small.",
          zh: "在根处（n = 256）对数近似足够好；在小叶子里则不然：n = 3 时偏小 28%。")),
    ]
  }

  // MARK: Contamination

  private static func contamination(_ forest: Forest, _ context: DemoContext) throws -> [Report.Block] {
    var random = context.random("clean rows")
    let clean = Matrix.normal(rows: 1_000, columns: 10, using: &random)
    var dirty = clean
    for row in 0..<20 { for column in 0..<10 { dirty[row, column] *= 3 } }
    let rows = try [
      (LocalizedText(en: "1,000 clean rows", zh: "1000 行干净数据"), clean),
      (LocalizedText(en: "the same, 20 rows three times as large", zh: "同样的数据，其中 20 行放大三倍"), dirty),
    ].map { name, x in
      let scores = try forest.scores(of: x, grownFrom: x, using: &random)
      let flagged = [0.01, 0.1].map { flaggedByContamination(scores, fraction: $0).count }
      return [
        name, LocalizedText("\(flagged[0])"), LocalizedText("\(flagged[1])"),
        LocalizedText("\(scores.count { $0 > 0.6 })"),
      ]
    }
    return [
      .heading(LocalizedText(en: "Contamination finds what it is told to find", zh: "contamination 让它找多少就找到多少")),
      .table(
        Table(
          caption: LocalizedText(en: "Rows flagged", zh: "被标记的行数"),
          columns: [
            LocalizedText(en: "data", zh: "数据"), LocalizedText("contamination 0.01"),
            LocalizedText("contamination 0.1"), LocalizedText(en: "score > 0.6", zh: "得分 > 0.6"),
          ], rows: rows)),
    ]
  }

  /// The four rows of the document, with scikit-learn's rule for `contamination`.
  private static func document(_ forest: Forest, _ context: DemoContext) throws -> [Report.Block] {
    let rows = Matrix([
      [1, 0, 1, 1, 0, 1], [1, 1, 0, 1, 1, 0], [0, 1, 1, 0, 1, 1], [1, 0, 1, 1, 0, 1],
    ])
    var flagged = [Int](repeating: 0, count: 5)
    for seed in 0..<200 {
      var random = context.random("document \(seed)")
      let scores = try forest.scores(of: rows, grownFrom: rows, using: &random)
      let found = flaggedByContamination(scores, fraction: 0.1)
      for row in found { flagged[row + 1] += 1 }
      if found.isEmpty { flagged[0] += 1 }
    }
    let theirs = try Goldens("IsolationForestPathLength").integers("document.flagged")
    let names = (1...4).map { LocalizedText(en: "row \($0)", zh: "第 \($0) 行") }
    return [
      .heading(LocalizedText(en: "The document's four rows", zh: "文章的四行数据")),
      .table(
        Table(
          caption: LocalizedText(
            en: "Which row `contamination=0.1` calls an anomaly, over 200 seeds",
            zh: "200 个种子中，`contamination=0.1` 把哪一行称为异常"),
          columns: [LocalizedText(en: "forest", zh: "森林")] + names + [LocalizedText(en: "nobody", zh: "无")],
          rows: [
            [LocalizedText(en: "this implementation", zh: "本实现")]
              + (flagged[1...] + flagged[..<1]).map { LocalizedText("\($0)") },
            [LocalizedText("scikit-learn")] + (theirs[1...] + theirs[..<1]).map { LocalizedText("\($0)") },
          ])),
      .text(
        LocalizedText(
          en:
            "A coin flip between rows 2 and 3: four rows make trees of at most two edges, and both rows are the normal row "
            + "moved round by one place. Positions are not features: all four rows hold the same four ones. The order of "
            + "the actions never enters.",
          zh: "在第 2 行与第 3 行之间抛硬币：四行数据的树至多两条边，而这两行都只是把正常行循环移动一位。位置不是特征：四行都是同样的四个 1。动作的次序从未进入模型。")),
    ]
  }
}
