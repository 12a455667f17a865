import Behavior
import Charts
import Contracts
import Foundation
import Harness
import Tensors

/// Two platforms whose purchasers and non-purchasers score alike, at 5% and at 0.5% purchases: what is the model's
/// and what is the prevalence's?
enum ROCIsNotAccuracyDemo {
  static var demo: Demo<any ROCIsNotAccuracyExercise> {
    Demo { metrics, context in
      context.progress(.init("simulated shop", fraction: 0))
      let scored = try PurchaseScores(random: context.random("shop"))
      context.progress(.init("two platforms", fraction: 0.5))
      let platforms = [Platform("A", prevalence: 0.05), Platform("B", prevalence: 0.005)]
      let threshold = scored.threshold(recall: 0.5)
      var rows: [Row] = []
      var curves: [(platform: Platform, points: [ROCPoint])] = []
      for platform in platforms {
        let sample = platform.sample(from: scored, random: context.random("platforms"))
        var random = context.random("random scorer")
        let chance = sample.labels.map { _ in random.uniform() }
        let never = sample.labels.map { _ in 0.0 }
        for (name, scores) in [(modelName, sample.scores), (neverName, never), (randomName, chance)] {
          rows.append(
            try Row(platform, name, labels: sample.labels, scores: scores, threshold: threshold, metrics: metrics))
        }
        curves.append((platform, try metrics.rocCurve(sample.labels, scores: sample.scores)))
      }
      context.progress(.init("two platforms", fraction: 1))

      let model = rows.filter { $0.scorer == modelName }
      let never = rows.filter { $0.scorer == neverName }
      return DemoReport(
        metrics: figures(of: model), baseline: figures(of: never),
        report: Report(
          title: LocalizedText(
            en: "One model, two platforms: what moves with the share of positives", zh: "同一模型，两个平台：什么会随正例占比而变"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "A logistic model scores sessions of the simulated shop by their first \(PurchaseScores.prefix) events and the user's past; the "
                  + "label is a purchase later in the session. Both platforms draw from the same purchasers and the same others; only "
                  + "the mixture differs: 5% purchases on A, 0.5% on B.",
                zh: "逻辑回归模型根据模拟商店会话的前 \(PurchaseScores.prefix) 个事件与用户的过往打分；标签是会话后段是否购买。两个平台从同一批购买者与非购买者中抽样，"
                  + "只有比例不同：A 平台 5% 购买，B 平台 0.5%。")),
            .table(table(rows)),
            .text(
              LocalizedText(
                en:
                  "'Always no' has the best accuracy on both platforms and finds nobody. From A to B, accuracy rises and precision "
                  + "collapses although the model is the same; recall and AUC stay.",
                zh: "“全部判否”在两个平台上准确率都最高，却一个人也没找到。从 A 到 B，模型没有变，准确率上升而精确率崩塌；召回率与 AUC 不变。")),
            .chart(
              .roc(
                title: LocalizedText(en: "ROC: the two curves coincide", zh: "ROC：两条曲线重合"),
                curves: curves.map { curve in
                  (curve.platform.title, curve.points.map(\.falsePositiveRate), curve.points.map(\.truePositiveRate))
                })),
            .chart(
              .precisionRecall(
                title: LocalizedText(en: "Precision–recall: they do not", zh: "精确率–召回率：不重合"),
                curves: curves.map { curve in
                  let points = curve.points.dropFirst()
                  return (
                    curve.platform.title, points.map(\.truePositiveRate),
                    points.map { curve.platform.precision(at: $0) }
                  )
                })),
            .chart(accuracyChart(curves)),
          ]))
    }
  }

  private static let modelName = LocalizedText(en: "model", zh: "模型")
  private static let neverName = LocalizedText(en: "always no", zh: "全部判否")
  private static let randomName = LocalizedText(en: "random", zh: "随机")

  private static func figures(of rows: [Row]) -> [String: Double] {
    var figures: [String: Double] = [:]
    for row in rows {
      for (name, value) in [
        ("accuracy", row.accuracy), ("recall", row.recall ?? 0), ("auc", row.auc),
        ("averagePrecision", row.averagePrecision),
        ("brier", row.brier),
      ] { figures["\(name)\(row.platform.name)"] = value }
    }
    return figures
  }

  private static func table(_ rows: [Row]) -> Table {
    Table(
      caption: LocalizedText(en: "Both platforms at one threshold", zh: "同一阈值下的两个平台"),
      columns: [
        LocalizedText(en: "platform", zh: "平台"), LocalizedText(en: "scorer", zh: "打分者"),
        LocalizedText(en: "accuracy", zh: "准确率"), LocalizedText(en: "precision", zh: "精确率"),
        LocalizedText(en: "recall", zh: "召回率"), LocalizedText("F1"), LocalizedText("AUC"), LocalizedText("AP"),
        LocalizedText("Brier"),
      ],
      rows: rows.map { row in
        let numbers: [Double?] = [
          row.accuracy, row.precision, row.recall, row.f1, row.auc, row.averagePrecision, row.brier,
        ]
        return [row.platform.title, row.scorer]
          + numbers.map { LocalizedText($0.map { String(format: "%.3f", $0) } ?? "–") }
      })
  }

  /// The document says that ROC shows "the accuracy at different thresholds": this is that curve.
  private static func accuracyChart(_ curves: [(platform: Platform, points: [ROCPoint])]) -> Chart {
    Chart(
      title: LocalizedText(en: "Accuracy against the threshold: another curve altogether", zh: "准确率随阈值的变化：完全是另一条曲线"),
      xLabel: LocalizedText(en: "threshold", zh: "阈值"), yLabel: LocalizedText(en: "accuracy", zh: "准确率"),
      content: .lines(
        curves.map { curve in
          Chart.Series(
            curve.platform.title,
            points: curve.points.dropFirst().map {
              Chart.Point($0.threshold, curve.platform.accuracy(at: $0))
            }.reversed())
        },
        axes: Chart.Axes(x: 0...1, y: 0...1)))
  }
}

/// A platform: the same two classes in a mixture of its own.
private struct Platform {
  let name: String
  let prevalence: Double

  init(_ name: String, prevalence: Double) {
    self.name = name
    self.prevalence = prevalence
  }

  var title: LocalizedText { LocalizedText("\(name) (\(String(format: "%g", prevalence * 100))%)") }

  /// 1,000 positives, the same on every platform, and as many negatives as the prevalence asks, with replacement.
  func sample(from scored: PurchaseScores, random: SeededRandom) -> ScoredSample {
    var random = random
    let positives = 1_000
    let negatives = Int((Double(positives) * (1 - prevalence) / prevalence).rounded())
    let drawn =
      (0..<positives).map { _ in scored.purchasers[random.below(scored.purchasers.count)] }
      + (0..<negatives).map { _ in scored.others[random.below(scored.others.count)] }
    return ScoredSample(
      labels: [Int](repeating: 1, count: positives) + [Int](repeating: 0, count: negatives), scores: drawn)
  }

  /// TPR·π / (TPR·π + FPR·(1 − π)): Bayes' rule, which is where the prevalence enters.
  func precision(at point: ROCPoint) -> Double {
    let found = point.truePositiveRate * prevalence
    return found / (found + point.falsePositiveRate * (1 - prevalence))
  }

  func accuracy(at point: ROCPoint) -> Double {
    point.truePositiveRate * prevalence + (1 - point.falsePositiveRate) * (1 - prevalence)
  }
}

/// One row of the table.
private struct Row {
  let platform: Platform
  let scorer: LocalizedText
  let accuracy: Double
  let precision, recall, f1: Double?
  let auc, averagePrecision, brier: Double

  init(
    _ platform: Platform, _ scorer: LocalizedText, labels: [Int], scores: [Double], threshold: Double,
    metrics: any ROCIsNotAccuracyExercise
  ) throws {
    self.platform = platform
    self.scorer = scorer
    let counts = try metrics.confusion(labels, scores: scores, threshold: threshold)
    accuracy = counts.accuracy
    precision = try metrics.precision(counts)
    recall = try metrics.recall(counts)
    f1 = try metrics.f1(counts)
    auc = try metrics.auc(labels, scores: scores)
    brier = try metrics.brier(labels, p: scores)
    // AP = Σ (Rᵢ − Rᵢ₋₁)·Pᵢ over the points of the curve.
    let curve = try metrics.rocCurve(labels, scores: scores)
    averagePrecision = zip(curve, curve.dropFirst()).reduce(0) { sum, step in
      sum + (step.1.truePositiveRate - step.0.truePositiveRate) * platform.precision(at: step.1)
    }
  }
}
