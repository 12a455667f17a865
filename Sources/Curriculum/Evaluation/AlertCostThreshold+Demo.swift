import Charts
import Contracts
import Foundation
import Harness
import Tensors

/// Four use cases, their costs, and what each way to choose a threshold costs on held-out items.
enum AlertCostThresholdDemo {
  static var demo: Demo<any AlertCostThresholdExercise> {
    Demo { rule, context in
      let cases = try AlertUseCase.all(random: context.random("use cases"), progress: context.progress)
      let results = try cases.map { try Result($0, rule) }
      var metrics: [String: Double] = [:]
      var baseline: [String: Double] = [:]
      for result in results {
        metrics["money\(result.useCase.kind.rawValue.capitalized)"] = result.lines[0].money
        baseline["money\(result.useCase.kind.rawValue.capitalized)"] = result.lines[2].money
      }
      return DemoReport(
        metrics: metrics, baseline: baseline,
        report: Report(
          title: LocalizedText(en: "Four applications, four thresholds", zh: "四个应用，四个阈值"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "One detector gives every session of a simulated shop a calibrated probability of a takeover, of a brushing "
                  + "ring and of a bot. The churn voucher is another task: its unit is an account, its label is known after 14 days, and "
                  + "more than a third of the accounts are positive, which is no anomaly. A phishing site is a page, not a sequence of "
                  + "behaviour: it is in none of the rows. The costs below are assumptions that a shop must replace by its own.",
                zh: "同一个检测器为模拟商店的每个会话给出三种校准概率：盗号、刷单、机器人。流失优惠券是另一种任务：单位是账号，标签 14 天后可知，三分之一以上的账号为正例，"
                  + "这不是异常。钓鱼网站是页面，不是行为序列，不在其列。下面的代价是假设，应换成自家商店的数字。")),
            .table(costTable(results)),
            .table(ruleTable(results)),
            .text(
              LocalizedText(
                en:
                  "The closed form needs no labels, only calibrated scores, and costs as little as a threshold chosen on labels. One "
                  + "half is too high where a miss is dear (takeover) and too low where the voucher is (churn). Where a detector parts the "
                  + "two cleanly (bots and brushing in the open), any threshold between does. F1 knows no money.",
                zh: "闭式解不需要标签，只需要校准的分数，花费与用标签选出的阈值相当。漏报昂贵时（盗号）0.5 太高，优惠券昂贵时（流失）0.5 太低。检测器能把两类干净分开时"
                  + "（公开的机器人与刷单），中间的任何阈值都行。F1 完全不知道钱。")),
            .chart(costChart(results)),
            .chart(ratioChart(results)),
            .chart(
              .calibration(
                title: LocalizedText(
                  en: "The closed form may be believed as far as these lie on the diagonal", zh: "这些点离对角线多近，闭式解就有多可信"),
                models: results.map { ($0.name, $0.useCase.test.scores, $0.useCase.test.labels) })),
            .chart(try budgetChart(results[0], rule)),
          ]))
    }
  }

  /// What one more reviewer is worth: the best threshold within a budget, chosen on the tuning part.
  private static func budgetChart(_ result: Result, _ rule: any AlertCostThresholdExercise) throws -> Chart {
    let (tuning, test) = (result.useCase.tuning, result.useCase.test)
    let points = try (0...20).map { step -> Chart.Point in
      let perThousand = 5 * Double(step)
      let choice = try rule.bestThreshold(
        scores: tuning.scores, labels: tuning.labels, result.useCase.costs,
        maxAlerts: Int(perThousand * Double(tuning.scores.count) / 1_000))
      return Chart.Point(perThousand, 1_000 * test.cost(choice.threshold, result.useCase.costs))
    }
    return Chart(
      title: LocalizedText(
        en: "Takeover with a budget: the first alerts are worth most", zh: "盗号加上预算：最初的告警最值钱"),
      xLabel: LocalizedText(en: "alerts that reviewers have time for, per 1000 sessions", zh: "每千个会话可处理的告警数"),
      yLabel: LocalizedText(en: "money per 1000 sessions", zh: "每千个会话的花费"),
      content: .lines([
        Chart.Series(LocalizedText(en: "best threshold within the budget", zh: "预算内的最优阈值"), points: points)
      ]))
  }

  private static func costTable(_ results: [Result]) -> Table {
    Table(
      caption: LocalizedText(en: "What outcomes cost, and what follows", zh: "各结果的代价，以及由此得到的阈值"),
      columns: [
        LocalizedText(en: "use case", zh: "场景"), LocalizedText(en: "unit", zh: "单位"),
        LocalizedText(en: "positives", zh: "正例占比"), LocalizedText(en: "right alert", zh: "正确告警"),
        LocalizedText(en: "false alarm", zh: "误报"), LocalizedText(en: "miss", zh: "漏报"),
        LocalizedText("t*"),
      ],
      rows: results.map { result in
        let (costs, test) = (result.useCase.costs, result.useCase.test)
        let share = Double(test.labels.count { $0 }) / Double(test.labels.count)
        return [
          result.name, result.unit, LocalizedText(String(format: "%.2f%%", 100 * share)),
          LocalizedText(String(format: "%g", costs.tp)), LocalizedText(String(format: "%g", costs.fp)),
          LocalizedText(String(format: "%g", costs.fn)),
          LocalizedText(String(format: "%.3f", result.lines[0].threshold)),
        ]
      })
  }

  private static func ruleTable(_ results: [Result]) -> Table {
    Table(
      caption: LocalizedText(en: "On held-out items, per 1000 of them", zh: "在留出的数据上，按每千个计"),
      columns: [
        LocalizedText(en: "use case", zh: "场景"), LocalizedText(en: "rule", zh: "规则"),
        LocalizedText(en: "threshold", zh: "阈值"), LocalizedText(en: "alerts", zh: "告警数"),
        LocalizedText(en: "money", zh: "花费"), LocalizedText(en: "× least possible", zh: "÷ 最小可能"),
      ],
      rows: results.flatMap { result in
        result.lines.map { line in
          [
            result.name, line.name,
            LocalizedText(line.threshold.isFinite ? String(format: "%.4f", line.threshold) : "+∞"),
            LocalizedText(String(format: "%.1f", line.alerts)), LocalizedText(String(format: "%.0f", line.money)),
            LocalizedText(String(format: "%.2f", line.money / result.least)),
          ]
        }
      })
  }

  private static func costChart(_ results: [Result]) -> Chart {
    Chart(
      title: LocalizedText(
        en: "Cost against the threshold: four minima, and the closed form's place on each curve",
        zh: "代价随阈值的变化：四个最小值，以及闭式解在每条曲线上的位置"),
      xLabel: LocalizedText(en: "threshold", zh: "阈值"),
      yLabel: LocalizedText(en: "cost ÷ cost of alerting nobody", zh: "代价 ÷ 不告警的代价"),
      content: .lines(
        results.map { Chart.Series($0.name, points: $0.curve) } + [
          Chart.Series(
            LocalizedText(en: "closed form", zh: "闭式解"),
            points: results.map { Chart.Point($0.lines[0].threshold, $0.lines[0].money / $0.nobody) }, style: .points)
        ], axes: Chart.Axes(x: 0.002...1, y: 0...3, logarithmicX: true),
        marks: [.vertical(x: 0.5, label: LocalizedText("0.5"))]))
  }

  private static func ratioChart(_ results: [Result]) -> Chart {
    Chart(
      title: LocalizedText(
        en: "Each rule's cost over the least possible on the same items", zh: "各规则的代价与同一数据上最小可能代价之比"),
      yLabel: LocalizedText(en: "× least possible", zh: "倍"),
      content: .bars(
        categories: results.map(\.name),
        groups: (0..<4).map { index in
          Chart.BarGroup(results[0].lines[index].name, values: results.map { $0.lines[index].money / $0.least })
        }))
  }
}

/// One use case under every rule.
private struct Result {
  struct Line {
    let name: LocalizedText
    let threshold, alerts, money: Double
  }

  let useCase: AlertUseCase
  /// The closed form, the best on the tuning part, one half, the best F1, nobody.
  let lines: [Line]
  /// What the best threshold would have cost, had the test been known; per 1000.
  let least: Double
  /// What it costs to alert nobody; per 1000.
  let nobody: Double
  /// The cost at many thresholds over that of alerting nobody.
  let curve: [Chart.Point]

  init(_ useCase: AlertUseCase, _ rule: any AlertCostThresholdExercise) throws {
    let (costs, tuning, test) = (useCase.costs, useCase.tuning, useCase.test)
    let money = { (threshold: Double) in
      1_000 * (try rule.expectedCost(scores: test.scores, labels: test.labels, threshold: threshold, costs))
    }
    let best = try rule.bestThreshold(scores: tuning.scores, labels: tuning.labels, costs, maxAlerts: nil)
    lines = try [
      (LocalizedText(en: "closed form", zh: "闭式解"), try rule.bayesThreshold(costs)),
      (LocalizedText(en: "chosen on labels", zh: "用标签选"), best.threshold),
      (LocalizedText(en: "threshold 0.5", zh: "阈值 0.5"), 0.5),
      (LocalizedText(en: "best F1", zh: "F1 最大"), tuning.f1Threshold),
      (LocalizedText(en: "alert nobody", zh: "从不告警"), .infinity),
    ].map { name, threshold in
      Line(
        name: name, threshold: threshold,
        alerts: 1_000 * Double(test.alerts(threshold)) / Double(test.scores.count), money: try money(threshold))
    }
    let nobody = try money(.infinity)
    least =
      1_000
      * (try rule.bestThreshold(scores: test.scores, labels: test.labels, costs, maxAlerts: nil).cost)
    curve = try (0...80).map { step in
      let threshold = pow(10, -2.7 * Double(80 - step) / 80)
      return Chart.Point(threshold, try money(threshold) / nobody)
    }
    self.nobody = nobody
    self.useCase = useCase
  }

  var name: LocalizedText {
    switch useCase.kind {
    case .takeover: LocalizedText(en: "account takeover", zh: "盗号")
    case .brushing: LocalizedText(en: "brushing (刷单)", zh: "刷单")
    case .bot: LocalizedText(en: "bot", zh: "机器人")
    case .churn: LocalizedText(en: "churn voucher", zh: "流失优惠券")
    }
  }

  var unit: LocalizedText {
    useCase.kind == .churn ? LocalizedText(en: "account", zh: "账号") : LocalizedText(en: "session", zh: "会话")
  }
}
