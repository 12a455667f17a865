import Charts
import Contracts
import Foundation
import Learning
import Simulation
import Tensors

/// One forest, three days (an ordinary one, a clean one, a sale) and the rules that turn its scores into alarms.
enum AnomalyThresholdCalibrationDemo {
  typealias Alarm = any AnomalyThresholdCalibrationExercise
  typealias Day = ScorePool.Day

  static var demo: Demo<Alarm> {
    Demo { alarm, context in
      context.progress(ProgressUpdate("sessions, and a forest of 100 trees", fraction: 0))
      var random = context.random("pool")
      let pool = try ScorePool(withHurry: true, using: &random)
      context.progress(ProgressUpdate("three days", fraction: 0.5))
      var days: [(name: LocalizedText, day: Day)] = []
      for (name, share, sale) in [
        (LocalizedText(en: "ordinary day", zh: "平常日"), 0.02, false),
        (LocalizedText(en: "clean day", zh: "干净日"), 0, false),
        (LocalizedText(en: "sale", zh: "大促日"), 0.02, true),
      ] {
        random = context.random("day \(name.en)")
        days.append((name, pool.day(calibration: 6_000, sessions: 8_000, share: share, sale: sale, using: &random)))
      }
      let rules = try Self.rules(alarm)
      let figures = try rules.map { rule in try days.map { AlarmFigures(try rule.alarms($0.day), $0.day.kinds) } }
      random = context.random("recalibrated")
      let recalibrated = pool.day(
        calibration: 6_000, sessions: 8_000, share: 0.02, sale: true, calibratedOnSale: true, using: &random)
      let afterwards = AlarmFigures(try rules[rules.count - 1].alarms(recalibrated), recalibrated.kinds)
      context.progress(ProgressUpdate("a hundred days", fraction: 0.6))
      let many = try (0..<100).map { index in
        var random = context.random("one of many \(index)")
        let day = pool.day(calibration: 4_000, sessions: 4_000, share: 0.02, using: &random)
        return AlarmFigures(try rules[rules.count - 1].alarms(day), day.kinds)
      }
      context.progress(ProgressUpdate("the document's rows", fraction: 0.9))
      let ordinary = days[0].day
      let labels = ordinary.kinds.map { $0 == nil ? 0 : 1 }
      let precision = try alarm.averagePrecision(labels, scores: ordinary.test)
      let area = try Metrics.auc(labels, scores: ordinary.test)
      let mean = { (value: (AlarmFigures) -> Double) in many.reduce(0) { $0 + value($1) } / Double(many.count) }
      let (discoveries, bots) = (mean(\.falseDiscoveries), mean { $0.recall(of: .bot) })
      let tenth = figures[rules.count - 3]
      let conformal = figures[rules.count - 1]
      return DemoReport(
        metrics: [
          "share of false alarms, ordinary day": conformal[0].falseDiscoveries,
          "alarms on a clean day": Double(conformal[1].alarms), "share of false alarms, 100 days": discoveries,
          "bots found, 100 days": bots,
        ],
        baseline: [
          "share of false alarms, ordinary day": tenth[0].falseDiscoveries,
          "alarms on a clean day": Double(tenth[1].alarms),
        ],
        report: Report(
          title: LocalizedText(en: "A guess of how many, or a bound on how many are wrong", zh: "猜有多少，还是限定错多少"),
          blocks: [
            .text(
              LocalizedText(
                en: String(
                  format:
                    "A forest grown from 4,000 honest sessions scores days of 8,000; 2%% of an ordinary day and of the sale "
                    + "are anomalous, nothing of the clean day. On the sale everyone is in a hurry: pauses are a quarter as long. "
                    + "P-values come from 6,000 other honest sessions. ROC-AUC is %.3f, which flatters; average precision is %.3f.",
                  area, precision),
                zh: String(
                  format: "由 4000 个正常会话长成的森林给每天 8000 个会话打分；平常日与大促日有 2%% 异常，干净日没有。大促日人人着急：停顿只有平时的四分之一。"
                    + "p 值来自另外 6000 个正常会话。ROC-AUC 为 %.3f，好看而已；平均精度为 %.3f。", area, precision))),
            .table(table(rules, days, figures)),
            .text(
              LocalizedText(
                en:
                  "What to see: a contamination of 10% rings 800 times on every day, also on the clean one, for it is the share "
                  + "of alarms that is set, not the share of errors. Conformal p-values with Benjamini–Hochberg ring when there is "
                  + "something, and are silent on the clean day. On the sale honest sessions no longer resemble the ones "
                  + "calibrated on, and the guarantee is void: "
                  + "\(percent(conformal[2].falseDiscoveries)) of the alarms are false. Calibrated on sessions of an earlier sale: "
                  + "\(percent(afterwards.falseDiscoveries)), at \(afterwards.alarms) alarms.",
                zh:
                  "要点：contamination 为 10% 时每天都响 800 次，干净日也一样，因为它定的是告警的份额，不是错误的份额。保形 p 值加 Benjamini–Hochberg 有事才响，干净日安静。"
                  + "大促日的正常会话不再像校准时的会话，保证失效：\(percent(conformal[2].falseDiscoveries)) 的告警是错的。"
                  + "改用上次大促的会话校准：\(percent(afterwards.falseDiscoveries))，共 \(afterwards.alarms) 次告警。")),
            .chart(
              .precisionRecall(
                title: LocalizedText(
                  en: "Precision and recall on the ordinary day, average precision \(decimals(precision))",
                  zh: "平常日的精确率与召回率，平均精度 \(decimals(precision))"),
                curves: [try curve(labels, ordinary.test)], baseRate: 0.02)),
            .chart(
              .histogram(
                title: LocalizedText(
                  en: "P-values of the honest: flat on an ordinary day, too small too often on the sale",
                  zh: "正常会话的 p 值：平常日均匀，大促日过小的太多"),
                xLabel: LocalizedText(en: "p-value", zh: "p 值"),
                samples: try [0, 2].map { index in
                  let (name, day) = days[index]
                  let values = try alarm.conformalPValues(calibration: day.calibration, test: day.test)
                  return (name, day.kinds.indices.filter { day.kinds[$0] == nil }.map { values[$0] })
                }, bins: 20)),
            .chart(
              .histogram(
                title: LocalizedText(
                  en:
                    "The bound is on the mean: a hundred days, mean \(percent(discoveries)), bots found \(percent(bots))",
                  zh: "保证的是平均：一百天，平均 \(percent(discoveries))，机器人找到 \(percent(bots))"),
                xLabel: LocalizedText(en: "share of false alarms among a day's alarms", zh: "一天告警中错误的份额"),
                samples: [(LocalizedText(en: "days", zh: "天"), many.map(\.falseDiscoveries))], bins: 20,
                marks: [.vertical(x: 0.1, label: LocalizedText("q"))])),
            .table(byKind(rules, figures.map { $0[0] })),
            .text(
              LocalizedText(
                en:
                  "Recall by kind is honest about the detector: of ten numbers a session, only bots stand out so far that a bound "
                  + "on false alarms lets them through. No calibration finds what the score does not show.",
                zh: "按类别的召回率说明了检测器的真实能力：每个会话十个数，只有机器人突出到能在误报约束下被放行。分数看不见的，校准也找不到。")),
          ] + (try ownRows(alarm, ordinary)) + (try document(alarm, context))))
    }
  }

  // MARK: Rules

  private struct Rule {
    var name: LocalizedText
    var alarms: (Day) throws -> [Bool]
  }

  /// The last three are a contamination of 10 %, scikit-learn's 'auto', and conformal p-values.
  private static func rules(_ alarm: Alarm) throws -> [Rule] {
    [0.001, 0.01, 0.02, 0.05, 0.1].map { fraction in
      Rule(name: LocalizedText("contamination \(String(format: "%g", 100 * fraction))%")) { day in
        let threshold = try alarm.contaminationThreshold(day.test, fraction: fraction)
        return day.test.map { $0 > threshold }
      }
    } + [
      Rule(name: LocalizedText(en: "'auto': score > 0.5", zh: "'auto'：得分 > 0.5")) { day in day.test.map { $0 > 0.5 } },
      Rule(name: LocalizedText(en: "conformal + BH, q = 10%", zh: "保形 p 值 + BH，q = 10%")) { day in
        try alarm.benjaminiHochberg(
          try alarm.conformalPValues(calibration: day.calibration, test: day.test), q: 0.1)
      },
    ]
  }

  /// Looking at an alarm costs 5, a missed anomaly 100.
  private static func cost(_ figures: AlarmFigures) -> Int {
    5 * figures.alarms + 100 * (figures.anomalies - figures.found)
  }

  private static func table(
    _ rules: [Rule], _ days: [(name: LocalizedText, day: Day)], _ figures: [[AlarmFigures]]
  ) -> Table {
    Table(
      caption: LocalizedText(
        en: "Alarms of 8,000 sessions (a look at an alarm costs 5, a missed anomaly 100)",
        zh: "8000 个会话的告警（查看一次告警的代价 5，漏掉一个异常 100）"),
      columns: [
        LocalizedText(en: "rule", zh: "规则"), LocalizedText(en: "alarms", zh: "告警"),
        LocalizedText(en: "precision", zh: "精确率"), LocalizedText(en: "recall", zh: "召回率"),
        LocalizedText(en: "cost", zh: "代价"), LocalizedText(en: "alarms, clean day", zh: "干净日告警"),
        LocalizedText(en: "alarms, sale", zh: "大促日告警"), LocalizedText(en: "precision, sale", zh: "大促日精确率"),
      ],
      rows: zip(rules, figures).map { rule, figures in
        [
          rule.name, LocalizedText("\(figures[0].alarms)"), precision(figures[0]),
          LocalizedText(decimals(figures[0].recall)), LocalizedText("\(cost(figures[0]))"),
          LocalizedText("\(figures[1].alarms)"), LocalizedText("\(figures[2].alarms)"), precision(figures[2]),
        ]
      }, highlightedRow: rules.count - 1)
  }

  private static func precision(_ figures: AlarmFigures) -> LocalizedText {
    LocalizedText(figures.alarms == 0 ? "–" : decimals(1 - figures.falseDiscoveries))
  }

  private static func byKind(_ rules: [Rule], _ figures: [AlarmFigures]) -> Table {
    let chosen = [1, 2, 4, 6]
    return Table(
      caption: LocalizedText(en: "Recall by kind on the ordinary day", zh: "平常日各类异常的召回率"),
      columns: [LocalizedText(en: "anomaly", zh: "异常"), LocalizedText(en: "sessions", zh: "会话数")]
        + chosen.map { rules[$0].name },
      rows: AnomalyKind.allCases.compactMap { kind in
        guard let all = figures[0].byKind[kind]?.all else { return nil }
        return [kind.title, LocalizedText("\(all)")]
          + chosen.map { LocalizedText(decimals(figures[$0].recall(of: kind))) }
      })
  }

  private static func curve(
    _ labels: [Int], _ scores: [Double]
  ) throws -> (name: LocalizedText, recall: [Double], precision: [Double]) {
    let (positives, all) = (Double(labels.reduce(0, +)), Double(labels.count))
    let points = try Metrics.rocCurve(labels, scores: scores).dropFirst()
    return (
      LocalizedText(en: "isolation forest", zh: "孤立森林"), points.map(\.truePositiveRate),
      points.map { point in
        let found = point.truePositiveRate * positives
        return found / (found + point.falsePositiveRate * (all - positives))
      }
    )
  }

  // MARK: What not to calibrate on

  /// A small forest: 300 sessions, of which each tree sees 256.
  private static func ownRows(_ alarm: Alarm, _ day: Day) throws -> [Report.Block] {
    var random = SeededRandom(seed: 3)
    let shares = try (0..<20).map { _ in try ownRowsAsCalibration(alarm, using: &random) }
    let (own, heldOut) = (
      shares.reduce(0) { $0 + $1.own } / 20, shares.reduce(0) { $0 + $1.heldOut } / 20
    )
    let onItself = try alarm.benjaminiHochberg(
      try alarm.conformalPValues(calibration: day.test, test: day.test), q: 0.1
    ).count { $0 }
    return [
      .text(
        LocalizedText(
          en:
            "The judged sessions are no calibration for themselves: among its own scores the ordinary day has p-values of "
            + "1/m, 2/m, …, whatever is in it, and \(onItself) alarms. That a row was fitted is another matter, and an "
            + "isolation forest hardly notices: with 300 clean rows, \(percent(own)) of new ones have p ≤ 5% when calibrated "
            + "on the forest's own rows and \(percent(heldOut)) on 300 others (20 forests). A detector that remembers its "
            + "rows would.",
          zh: "被评判的会话不能给自己做校准：在自己的分数中，平常日的 p 值总是 1/m、2/m……，不管里面有什么，告警数为 \(onItself)。"
            + "某一行是否被拟合过是另一回事，孤立森林几乎觉察不到：300 行干净数据，用森林自己的行校准时，新的干净行中 p ≤ 5% 的占 "
            + "\(percent(own))，用另外 300 行校准时占 \(percent(heldOut))（20 个森林）。会记住数据的检测器则不然。"))
    ]
  }

  private static func ownRowsAsCalibration(
    _ alarm: Alarm, using random: inout SeededRandom
  ) throws -> (own: Double, heldOut: Double) {
    let rows = (0..<3).map { _ in Matrix.normal(rows: 300, columns: 10, using: &random) }
    let forest = try IsolationForest().fit(rows[0], using: &random)
    let scores = try rows.map { try forest.scores(of: $0).map { -$0 } }
    func share(_ calibration: [Double]) throws -> Double {
      Double(try alarm.conformalPValues(calibration: calibration, test: scores[2]).count { $0 <= 0.05 }) / 300
    }
    return (try share(scores[0]), try share(scores[1]))
  }

  // MARK: The document

  private static func document(_ alarm: Alarm, _ context: DemoContext) throws -> [Report.Block] {
    let rows = Matrix([
      [1, 0, 1, 1, 0, 1, 1, 1, 0, 1], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1], [0, 1, 1, 0, 1, 1, 0, 1, 1, 0],
      [1, 0, 1, 1, 0, 1, 1, 1, 0, 1],
    ])
    var flagged = [0, 0, 0, 0]
    for seed in 0..<200 {
      var random = context.random("document \(seed)")
      let scores = try IsolationForest().fit(rows, using: &random).scores(of: rows).map { -$0 }
      let threshold = try alarm.contaminationThreshold(scores, fraction: 0.1)
      for row in 0..<4 where scores[row] > threshold { flagged[row] += 1 }
    }
    let goldens = try Goldens("AnomalyThresholdCalibration")
    let numbers = try ["document.score", "document.decision.tenth", "document.decision.half"].map {
      try goldens.numbers($0)
    }
    return [
      .heading(LocalizedText(en: "The document's four rows", zh: "文章的四行数据")),
      .table(
        Table(
          caption: LocalizedText(
            en: "How often 200 forests flag a row at contamination 0.1, and scikit-learn's numbers for one forest",
            zh: "200 个森林在 contamination 0.1 下标记各行的次数，以及 scikit-learn 一个森林的数值"),
          columns: [
            LocalizedText(en: "row", zh: "行"), LocalizedText(en: "flagged", zh: "被标记"),
            LocalizedText(en: "score s", zh: "得分 s"),
            LocalizedText(en: "decision_function, contamination 0.1", zh: "decision_function，contamination 0.1"),
            LocalizedText(en: "decision_function, contamination 0.5", zh: "decision_function，contamination 0.5"),
          ],
          rows: (0..<4).map { row in
            [LocalizedText("\(row + 1)"), LocalizedText("\(flagged[row])")]
              + numbers.map { LocalizedText(String(format: "%.3f", $0[row])) }
          })),
      .text(
        LocalizedText(
          en:
            "Row 3 differs from the row that stands there twice in seven of ten places, and so is always the one of four that "
            + "must be flagged. decision_function is no anomaly score: it is larger for the normal, and moves with contamination.",
          zh: "第 3 行与出现两次的那一行在十个位置中有七处不同，于是四行里非标一行不可时总是它。decision_function 不是异常得分：越正常越大，而且随 contamination 移动。")),
    ]
  }
}
