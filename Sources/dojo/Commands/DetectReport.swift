import Behavior
import Charts
import Detection
import Foundation

private let methodNames: [Evaluation.Method: LocalizedText] = [
  .counts: LocalizedText(en: "threshold on counts", zh: "事件数阈值"),
  .markovChain: LocalizedText(en: "Markov chain", zh: "马尔可夫链"),
  .isolationForest: LocalizedText(en: "isolation forest alone", zh: "仅孤立森林"),
  .lstmSurprise: LocalizedText(en: "LSTM alone, surprise", zh: "仅 LSTM（意外度）"),
  .lstmTypes: LocalizedText(en: "LSTM alone, type head", zh: "仅 LSTM（类型输出）"),
  .fusedWithoutLabels: LocalizedText(en: "fused without labels", zh: "无标签融合"),
  .detector: LocalizedText(en: "detector", zh: "检测器"),
]

private func name(of method: Evaluation.Method) -> LocalizedText {
  methodNames[method] ?? LocalizedText(method.rawValue)
}

private func text(_ estimate: Evaluation.Estimate?) -> LocalizedText {
  guard let estimate else { return LocalizedText("–") }
  return LocalizedText("\(places(estimate.value)) [\(places(estimate.low)), \(places(estimate.high))]")
}

/// Average precision of each method, overall and by type, for the types that the test part has.
func evaluationTable(_ evaluation: Evaluation) -> Table {
  let present = evaluation.types.indices.filter { evaluation.sessions[$0] > 0 }
  let columns = present.map { LocalizedText("\(evaluation.types[$0]) (\(evaluation.sessions[$0]))") }
  return Table(
    caption: LocalizedText(
      en: "Average precision on users and times that nothing was fitted to, with 95 % intervals over users; "
        + "\(evaluation.honest) honest sessions, in brackets those of each type",
      zh: "在未参与拟合的用户与时间上的平均精确率，方括号为按用户重采样的 95 % 区间；正常会话 \(evaluation.honest) 个，括号内为各类型会话数"),
    columns: [LocalizedText(en: "method", zh: "方法"), LocalizedText(en: "all", zh: "全部")] + columns,
    rows: evaluation.rows.map { row in [name(of: row.method), text(row.overall)] + present.map { text(row.types[$0]) }
    },
    highlightedRow: evaluation.rows.firstIndex { $0.method == .detector })
}

/// The detector and the best of the others by type, for a page: seven types of intervals are wider than one.
private func comparisonTable(_ evaluation: Evaluation) -> Table {
  typealias Estimates = (Evaluation.Row) -> Evaluation.Estimate?
  let present = evaluation.types.indices.filter { evaluation.sessions[$0] > 0 }
  var kinds: [(name: LocalizedText, sessions: Int, estimate: Estimates)] = [
    (LocalizedText(en: "all", zh: "全部"), evaluation.sessions.reduce(0, +), { $0.overall })
  ]
  for type in present {
    kinds.append((LocalizedText(evaluation.types[type]), evaluation.sessions[type], { $0.types[type] }))
  }
  let others = evaluation.rows.filter { $0.method != .detector }
  return Table(
    caption: LocalizedText(
      en: "Average precision on users and times that nothing was fitted to, with 95 % intervals over users; "
        + "\(evaluation.honest) honest sessions",
      zh: "在未参与拟合的用户与时间上的平均精确率，方括号为按用户重采样的 95 % 区间；正常会话 \(evaluation.honest) 个"),
    columns: [
      LocalizedText(en: "type", zh: "类型"), LocalizedText(en: "sessions", zh: "会话"),
      LocalizedText(en: "detector", zh: "检测器"), LocalizedText(en: "best of the others", zh: "其他方法中最好的"),
      LocalizedText(en: "which", zh: "哪一个"),
    ],
    rows: kinds.map { kind in
      let best = others.max { (kind.estimate($0)?.value ?? 0) < (kind.estimate($1)?.value ?? 0) }
      return [
        kind.name, LocalizedText("\(kind.sessions)"),
        text(evaluation.rows.first { $0.method == .detector }.flatMap(kind.estimate)),
        text(best.flatMap(kind.estimate)), best.map { name(of: $0.method) } ?? LocalizedText("–"),
      ]
    },
    highlightedRow: 0)
}

/// How many false alarms there were, as a sentence.
func falseAlarmText(_ evaluation: Evaluation) -> LocalizedText {
  let (rate, recall) = (evaluation.falseAlarms, places(100 * evaluation.operating.recall, 1))
  let range = "[\(places(rate.low, 1)), \(places(rate.high, 1))]"
  return LocalizedText(
    en: "Here \(places(rate.value, 1)) \(range) in 1,000 of \(evaluation.honest) honest sessions raise an alert, and "
      + "\(recall) % of the \(evaluation.sessions.reduce(0, +)) others.",
    zh: "这里 \(evaluation.honest) 个正常会话中每千个有 \(places(rate.value, 1)) \(range) 个引发告警，"
      + "另外 \(evaluation.sessions.reduce(0, +)) 个中有 \(recall) %。")
}

/// The report of a fit.
func fitReport(_ result: FitResult) -> Report {
  let promise = promise(result.model.settings)
  var blocks: [Report.Block] = [
    .text(
      LocalizedText(
        en: "Model \(result.model.id). Sessions: \(result.sessions[0]) for training, \(result.sessions[1]) for "
          + "calibration, \(result.sessions[2]) for the test; no user and no time is in two of them. \(promise.en) The test "
          + "part has \(places(result.alertsPerThousand, 1)).",
        zh: "模型 \(result.model.id)。会话：训练 \(result.sessions[0])，校准 \(result.sessions[1])，测试 \(result.sessions[2])；"
          + "三部分没有共同的用户，也没有共同的时间。\(promise.zh)测试部分为 \(places(result.alertsPerThousand, 1))。"))
  ]
  if let evaluation = result.evaluation { blocks += evaluationBlocks(evaluation) }
  blocks.append(
    .chart(
      .history(
        title: LocalizedText(en: "How the LSTM learned", zh: "LSTM 的学习过程"),
        curves: [
          (LocalizedText(en: "training", zh: "训练"), result.history.losses),
          (LocalizedText(en: "calibration part", zh: "校准部分"), result.history.validationLosses),
        ])))
  return Report(title: LocalizedText(en: "A detector", zh: "检测器"), blocks: blocks)
}

/// The report of an evaluation.
func evaluationReport(_ evaluation: Evaluation, _ model: DetectionModel) -> Report {
  let promise = promise(model.settings)
  let summary = LocalizedText(
    en: "Model \(model.id). \(promise.en) \(falseAlarmText(evaluation).en)",
    zh: "模型 \(model.id)。\(promise.zh)\(falseAlarmText(evaluation).zh)")
  return Report(
    title: LocalizedText(en: "A detector on a labelled log", zh: "检测器在带标签日志上的表现"),
    blocks: [.text(summary)] + evaluationBlocks(evaluation))
}

private func evaluationBlocks(_ evaluation: Evaluation) -> [Report.Block] {
  let types = evaluation.types.map { LocalizedText($0) }
  let operating = evaluation.operating
  let curve = Chart.Series(
    LocalizedText(en: "detector", zh: "检测器"), points: evaluation.curve.map { .init($0.recall, $0.precision) })
  let point = Chart.Series(
    LocalizedText(en: "threshold", zh: "阈值"), points: [.init(operating.recall, operating.precision)], style: .points)
  let anomalies = Double(evaluation.sessions.reduce(0, +))
  let present = evaluation.types.indices.filter { evaluation.sessions[$0] > 0 }
  return [
    .chart(
      Chart(
        title: LocalizedText(en: "Average precision by method and type", zh: "各方法、各类型的平均精确率"),
        content: .heatmap(
          // Two places: more do not fit into a cell.
          values: evaluation.rows.map { row in
            ([row.overall.value] + present.map { row.types[$0]?.value ?? .nan }).map { ($0 * 100).rounded() / 100 }
          },
          rows: evaluation.rows.map { name(of: $0.method) },
          columns: [LocalizedText(en: "all", zh: "全部")] + present.map { types[$0] }, showsValues: true))),
    .table(comparisonTable(evaluation)),
    .chart(
      Chart(
        title: LocalizedText(
          en: "Average precision of all anomalies, with 95 % intervals", zh: "全部异常的平均精确率与 95 % 区间"),
        xLabel: LocalizedText(en: "average precision", zh: "平均精确率"),
        content: .distributions(
          evaluation.rows.map {
            .init(name(of: $0.method), middle: $0.overall.value, low: $0.overall.low, high: $0.overall.high)
          }))),
    .chart(
      Chart(
        title: LocalizedText(
          en: "The threshold on the precision–recall curve: recall \(places(operating.recall)), precision "
            + "\(places(operating.precision))",
          zh: "阈值在精确率–召回率曲线上：召回率 \(places(operating.recall))，精确率 \(places(operating.precision))"),
        xLabel: LocalizedText(en: "recall", zh: "召回率"), yLabel: LocalizedText(en: "precision", zh: "精确率"),
        content: .lines(
          [curve, point], axes: .unitSquare,
          marks: [
            .horizontal(
              y: anomalies / max(1, anomalies + Double(evaluation.honest)),
              label: LocalizedText(en: "chance", zh: "随机"))
          ]))),
    .chart(
      Chart(
        title: LocalizedText(
          en: "Share of the sessions of each type that raise an alert; "
            + "\(places(evaluation.falseAlarms.value, 1)) false alarms in 1,000 honest sessions "
            + "[\(places(evaluation.falseAlarms.low, 1)), \(places(evaluation.falseAlarms.high, 1))]",
          zh: "各类型会话中引发告警的比例；每千个正常会话误报 \(places(evaluation.falseAlarms.value, 1)) 次"
            + "[\(places(evaluation.falseAlarms.low, 1)), \(places(evaluation.falseAlarms.high, 1))]"),
        yLabel: LocalizedText(en: "recall", zh: "召回率"),
        content: .bars(
          categories: present.map { types[$0] },
          groups: [
            .init(LocalizedText(en: "recall", zh: "召回率"), values: present.map { evaluation.recall[$0] ?? 0 })
          ]))),
    .chart(
      .confusion(
        title: LocalizedText(en: "Types of the sessions that were found", zh: "已发现会话的类型"),
        counts: present.map { row in present.map { evaluation.confusion[row][$0] } }, classes: present.map { types[$0] }
      )),
    .text(
      LocalizedText(
        en: "Events from the first wrong one to the alert, in the median: "
          + "\(evaluation.medianDelay.map { places($0, 0) } ?? "–").",
        zh: "从第一个异常事件到告警：中位数为 \(evaluation.medianDelay.map { places($0, 0) } ?? "–") 个事件。")),
  ]
}

/// The report of a scored log.
func scoreReport(_ run: DetectionRun, _ alerts: [Alert], _ model: DetectionModel) -> Report {
  let types = model.settings.types
  var blocks: [Report.Block] = [
    .text(
      LocalizedText(
        en: "\(run.alerts) alerts in \(run.detector.events) events of \(run.detector.userCount) users, "
          + "\(run.detector.sessions) sessions. Model \(model.id), threshold "
          + "\(places(model.settings.thresholds.open)); a score of 3 is one honest session in a thousand.",
        zh: "\(run.detector.userCount) 个用户、\(run.detector.sessions) 个会话、\(run.detector.events) 个事件中有 \(run.alerts) 条告警。"
          + "模型 \(model.id)，阈值 \(places(model.settings.thresholds.open))；分数 3 表示千分之一的正常会话。"))
  ]
  if alerts.count < run.alerts {
    blocks.append(
      .text(
        LocalizedText(
          en: "The charts show the \(alerts.count) alerts of this run.", zh: "图中是本次运行的 \(alerts.count) 条告警。")))
  }
  guard let first = alerts.map(\.start).min() else {
    return Report(title: LocalizedText(en: "Alerts", zh: "告警"), blocks: blocks)
  }
  let most = 400  // on a line; more are one bar
  let present = types.filter { type in alerts.contains { $0.type == type } }
  let strips = present.enumerated().map { group, type in
    Chart.Strip(
      LocalizedText(type),
      events: spread(alerts.filter { $0.type == type }, most).map {
        .init(at: ($0.start - first) / 86_400, group: group)
      })
  }
  if present.contains(where: { type in alerts.count { $0.type == type } > most }) {
    blocks.append(
      .text(
        LocalizedText(
          en: "Of a type with more than \(most) alerts so many are drawn, evenly chosen.",
          zh: "某类型的告警超过 \(most) 条时，均匀选取 \(most) 条画出。")))
  }
  blocks.append(
    .chart(
      Chart(
        title: LocalizedText(en: "When alerts begin", zh: "告警开始的时间"),
        xLabel: LocalizedText(en: "days since the first alert", zh: "距第一条告警的天数"),
        content: .strips(strips, groups: present.map { LocalizedText($0) }))))
  blocks.append(
    .chart(
      .histogram(
        title: LocalizedText(en: "Scores of the alerts", zh: "告警的分数"),
        xLabel: LocalizedText(en: "score, −log₁₀ of the share of honest sessions", zh: "分数（正常会话占比的 −log₁₀）"),
        samples: [(LocalizedText(en: "alerts", zh: "告警"), alerts.map(\.score))])))
  let top = alerts.sorted { $0.score != $1.score ? $0.score > $1.score : $0.id < $1.id }.prefix(50)
  blocks.append(
    .table(
      Table(
        caption: LocalizedText(en: "The \(top.count) highest scores", zh: "分数最高的 \(top.count) 条"),
        columns: [
          LocalizedText(en: "user", zh: "用户"), LocalizedText(en: "start", zh: "开始"),
          LocalizedText(en: "type", zh: "类型"), LocalizedText(en: "score", zh: "分数"),
          LocalizedText(en: "first reason", zh: "首要原因"),
        ],
        rows: top.map { alert in
          let start = LogTime.text(alert.start.rounded(.down)).replacing("T", with: " ").dropLast()
          return [alert.user, String(start), alert.type, places(alert.score), firstReason(alert)].map {
            LocalizedText($0)
          }
        })))
  return Report(title: LocalizedText(en: "Alerts", zh: "告警"), blocks: blocks)
}

/// So many of the alerts, from the first to the last.
private func spread(_ alerts: [Alert], _ most: Int) -> [Alert] {
  if alerts.count <= most { return alerts }
  return (0..<most).map { alerts[$0 * (alerts.count - 1) / (most - 1)] }
}

/// The strongest event and the farthest number, without their ranges.
private func firstReason(_ alert: Alert) -> String {
  let event = alert.why.events.first.map { event in
    // The likeliest action can still raise the score, by its device or its pause.
    (event.action == event.expected ? event.action : "\(event.action), expected \(event.expected)")
      + event.notes.map { "; \($0)" }.joined()
  }
  let number = alert.why.session.first.map { "\($0.name) \(places($0.value))" }
  return [event, number].compactMap { $0 }.joined(separator: "; ")
}
