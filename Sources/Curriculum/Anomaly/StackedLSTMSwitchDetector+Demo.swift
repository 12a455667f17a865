import Behavior
import Charts
import Contracts
import Foundation
import Learning
import Simulation
import Tensors

/// Trains on normal sessions only, and shows what the model finds that a first-order Markov model cannot.
enum StackedLSTMSwitchDetectorDemo {
  static var demo: Demo<any StackedLSTMSwitchDetectorExercise> {
    Demo { detector, context in
      var random = context.random("sessions")
      let data = SwitchData(train: 3_000, using: &random)
      let vocabulary = SwitchData.vocabulary
      let lstm = try trained(
        detector, data.train, SurpriseTraining(vocabulary: vocabulary, epochs: 6),
        "two-layer LSTM, 3,000 normal sessions",
        context)
      let markov = MarkovModel(data.train, vocabulary: vocabulary)
      let seen = try lstm.surprise(data.test)
      let seenByMarkov = markov.surprise(data.test)
      let calibration = try lstm.surprise(data.calibration)
      let calibrationByMarkov = markov.surprise(data.calibration)

      func contestant(
        _ name: LocalizedText, _ test: SessionSurprise, _ normal: SessionSurprise,
        _ score: (SessionSurprise) -> [Double]
      ) throws -> Contestant {
        let thresholds = try DetectorFigures.budgets.map {
          try detector.thresholdForFalseAlarms(score(normal), budget: $0)
        }
        return Contestant(
          name: name, scores: score(test), thresholds: thresholds,
          figures: try DetectorFigures(labels: data.labels, scores: score(test), thresholds: thresholds))
      }
      let peak = try contestant(
        LocalizedText(en: "two-layer LSTM, largest surprise", zh: "双层 LSTM，最大惊异度"), seen, calibration, \.peak)
      let mean = try contestant(
        LocalizedText(en: "two-layer LSTM, mean surprise", zh: "双层 LSTM，平均惊异度"), seen, calibration, \.mean)
      let markovPeak = try contestant(
        LocalizedText(en: "Markov, largest surprise", zh: "马尔可夫，最大惊异度"), seenByMarkov, calibrationByMarkov, \.peak)
      let markovMean = try contestant(
        LocalizedText(en: "Markov, mean surprise", zh: "马尔可夫，平均惊异度"), seenByMarkov, calibrationByMarkov, \.mean)
      let strict = peak.thresholds[0]
      let dated = data.dated(seen, threshold: strict)
      let datedByMarkov = data.dated(seenByMarkov, threshold: markovPeak.thresholds[0])

      let shop = try ShopComparison(detector, context)
      return DemoReport(
        metrics: figures(mean, peak, dated: dated), baseline: figures(markovMean, markovPeak, dated: datedByMarkov),
        report: Report(
          title: LocalizedText(
            en: "A two-layer LSTM that has seen normal sessions only, and the account that changed hands",
            zh: "只见过正常会话的双层 LSTM，与被接管的账号"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "A session has 20 events: a login on the app or the web, browsing by a first-order chain, and on one "
                  + "event in four a heartbeat that carries the channel. In a takeover the channel switches silently before "
                  + "event 6 to 13. Trained on 3,000 normal sessions, calibrated on 500, judged on 500 normal and 500 stolen.",
                zh: "每个会话 20 个事件：在 App 或网页登录，按一阶链浏览，四分之一的事件是带渠道的心跳。被接管时，渠道在第 6 至 13 个事件前悄悄切换。"
                  + "用 3,000 个正常会话训练，500 个校准，500 个正常加 500 个被盗会话评判。")),
            .table(table([peak, mean, markovPeak, markovMean])),
            .text(
              LocalizedText(
                en: String(
                  format:
                    "What to see: 'never an anomaly' has 99.0%% accuracy and finds nobody. The Markov model remembers one "
                    + "event and stays near chance; the LSTM remembers the login. %.0f%% of its alarms at 1%% are raised within "
                    + "two events of the first wrong heartbeat.", 100 * dated),
                zh: String(
                  format: "要点：“从不报警”准确率 99.0%%，却一个也找不到。马尔可夫模型只记得一个事件，接近随机；LSTM 记得登录渠道。"
                    + "1%% 误报下，其告警中 %.0f%% 落在首个错误心跳的前后两个事件之内。", 100 * dated))),
          ]
            + example(data, seen, seenByMarkov, threshold: strict)
            + [
              .chart(
                .roc(
                  title: LocalizedText(en: "ROC of the largest surprise", zh: "最大惊异度的 ROC"),
                  curves: try [peak, markovPeak].map { contestant in
                    let curve = try Metrics.rocCurve(data.labels, scores: contestant.scores)
                    return (contestant.name, curve.map(\.falsePositiveRate), curve.map(\.truePositiveRate))
                  }))
            ] + shop.blocks))
    }
  }

  private struct Contestant {
    var name: LocalizedText
    var scores: [Double]
    var thresholds: [Double]
    var figures: DetectorFigures
  }

  /// Trains the implementation's stack from the demo's seed, telling how far it is.
  static func trained(
    _ detector: any StackedLSTMSwitchDetectorExercise, _ sessions: [[Int]], _ training: SurpriseTraining,
    _ task: String,
    _ context: DemoContext
  ) throws -> SurpriseModel {
    var random = context.random(task)
    var model = try SurpriseModel(detector, vocabulary: training.vocabulary, using: &random)
    try model.train(sessions, training, using: &random) { fraction, loss in
      let epoch = min(training.epochs, Int(fraction * Double(training.epochs)) + 1)
      context.progress(
        ProgressUpdate(
          task, fraction: fraction,
          details: "epoch \(epoch) of \(training.epochs)  " + String(format: "%.3f nats an event", loss)))
    }
    return model
  }

  private static func figures(_ mean: Contestant, _ peak: Contestant, dated: Double) -> [String: Double] {
    [
      "AUC, mean surprise": mean.figures.auc, "AUC, largest surprise": peak.figures.auc,
      "recall at 1% false alarms": peak.figures.recall[0], "recall at 5% false alarms": peak.figures.recall[1],
      "first alarm within 2 events": dated,
    ]
  }

  private static func table(_ contestants: [Contestant]) -> Table {
    func cell(_ value: Double, _ format: String = "%.3f") -> LocalizedText {
      LocalizedText(value.isNaN ? "–" : String(format: format, value))
    }
    // The test set is half stolen. What an alarm is worth depends on how rare takeovers are: here one in a hundred.
    let share = 0.01
    func precision(_ figures: DetectorFigures, _ budget: Int) -> Double {
      let right = share * figures.recall[budget]
      return right / (right + (1 - share) * figures.falseAlarms[budget])
    }
    return Table(
      caption: LocalizedText(
        en: "500 normal and 500 stolen sessions, thresholds from 500 other normal ones; precision and accuracy as if 1 "
          + "session in 100 were stolen",
        zh: "500 个正常与 500 个被盗会话，阈值来自另外 500 个正常会话；精确率与准确率按 100 个会话中 1 个被盗折算"),
      columns: [
        LocalizedText(en: "score", zh: "得分"), LocalizedText("AUC"),
        LocalizedText(en: "recall at 1% false alarms", zh: "1% 误报下的召回率"),
        LocalizedText(en: "precision", zh: "精确率"), LocalizedText(en: "accuracy", zh: "准确率"),
        LocalizedText(en: "recall at 5%", zh: "5% 下的召回率"), LocalizedText(en: "precision", zh: "精确率"),
      ],
      rows: contestants.map { contestant in
        let figures = contestant.figures
        return [
          contestant.name, cell(figures.auc), cell(figures.recall[0]), cell(precision(figures, 0)),
          cell(share * figures.recall[0] + (1 - share) * (1 - figures.falseAlarms[0])), cell(figures.recall[1]),
          cell(precision(figures, 1)),
        ]
      } + [
        [
          LocalizedText(en: "never an anomaly", zh: "从不报警"), cell(0.5), cell(0), cell(.nan), cell(0.99), cell(0),
          cell(.nan),
        ]
      ],
      highlightedRow: 0)
  }

  /// The first takeover of the test set that raises an alarm and shows the wrong channel at least twice.
  private static func example(
    _ data: SwitchData, _ lstm: SessionSurprise, _ markov: SessionSurprise, threshold: Double
  ) -> [Report.Block] {
    func wrong(_ session: Int) -> [Int] {
      guard let first = data.samples[session].firstWrongStep else { return [] }
      let token = data.test[session][first]
      return (first..<data.test[session].count).filter { data.test[session][$0] == token }
    }
    guard
      let session = data.test.indices.first(where: {
        lstm.firstAlarm($0, threshold: threshold) != nil && wrong($0).count >= 2
      }), let switched = data.samples[session].switchStep
    else { return [] }
    let lines = data.test[session].enumerated().map { step, token -> String in
      let name = ChannelSwitchSessions.tokens[token].rawValue.padding(toLength: 14, withPad: " ", startingAt: 0)
      guard step > 0 else { return " 0  \(name)" }
      let surprise = lstm.perStep[session][step - 1]
      let bar = String(repeating: "█", count: Int((surprise * 3).rounded()))
      return String(format: "%2d  ", step) + name + String(format: "%6.2f  ", surprise) + bar
        + (surprise > threshold ? "  !" : "") + (step == switched ? "  ← switch" : "")
    }
    func points(_ surprise: SessionSurprise) -> [Chart.Point] {
      surprise.perStep[session].enumerated().map { Chart.Point(Double($0 + 1), $1) }
    }
    return [
      .code(lines.joined(separator: "\n")),
      .chart(
        Chart(
          title: LocalizedText(
            en: "One stolen session: the surprise at each event", zh: "一个被盗会话：每个事件的惊异度"),
          xLabel: LocalizedText(en: "event", zh: "事件"), yLabel: LocalizedText(en: "surprise (nats)", zh: "惊异度（nat）"),
          content: .lines(
            [
              Chart.Series(LocalizedText(en: "two-layer LSTM", zh: "双层 LSTM"), points: points(lstm)),
              Chart.Series(LocalizedText(en: "Markov", zh: "马尔可夫"), points: points(markov), style: .dashed),
            ],
            marks: [
              .vertical(x: Double(switched), label: LocalizedText(en: "the true switch", zh: "真实切换点")),
              .horizontal(y: threshold, label: LocalizedText(en: "threshold, 1% false alarms", zh: "阈值（1% 误报）")),
            ]))),
    ]
  }
}

/// The same detector on the simulated shop: whole sessions of many users, and anomalies that it was not made for.
private struct ShopComparison {
  let blocks: [Report.Block]

  private static let longest = 40

  init(_ detector: any StackedLSTMSwitchDetectorExercise, _ context: DemoContext) throws {
    var random = context.random("shop")
    let log = ShopSimulator().simulate(
      ShopConfiguration(users: 500, days: 14, takeovers: 40, bots: 8, brushingRings: 6), using: &random)
    let vocabulary = Vocabulary.actions
    var (train, calibration, honest) = ([[Int]](), [[Int]](), [[Int]]())
    var anomalous: [AnomalyKind: [[Int]]] = [:]
    for (session, label) in log.labelledSessions() where session.events.count >= 3 {
      let events = session.events.prefix(Self.longest).map { vocabulary.index(of: $0.action.rawValue) }
      // Split by user: sessions of one account never lie on both sides.
      let user = Int(session.user.dropFirst()) ?? 0
      switch (label, user % 10) {
      case (let kind?, _): anomalous[kind, default: []].append(events)
      case (nil, 0..<6): train.append(events)
      case (nil, 6..<8): calibration.append(events)
      case (nil, _): honest.append(events)
      }
    }
    train = random.permutation(of: train.count).prefix(1_500).map { train[$0] }
    let lstm = try StackedLSTMSwitchDetectorDemo.trained(
      detector, train, SurpriseTraining(vocabulary: vocabulary.count, epochs: 8), "simulated shop, honest sessions",
      context)
    let markov = MarkovModel(train, vocabulary: vocabulary.count)
    let normal = try lstm.surprise(honest)
    let normalByMarkov = markov.surprise(honest)
    let calibrated = try lstm.surprise(calibration)
    let threshold = try detector.thresholdForFalseAlarms(calibrated.peak, budget: 0.05)
    func auc(_ anomalous: [Double], _ normal: [Double]) throws -> LocalizedText {
      let labels = anomalous.map { _ in 1 } + normal.map { _ in 0 }
      return LocalizedText(String(format: "%.3f", try Metrics.auc(labels, scores: anomalous + normal)))
    }
    let names: [AnomalyKind: LocalizedText] = [
      .takeover: LocalizedText(en: "takeover", zh: "账号接管"), .bot: LocalizedText(en: "bot", zh: "机器人"),
      .brushing: LocalizedText(en: "brushing ring", zh: "刷单"),
    ]
    let rows = try [AnomalyKind.takeover, .bot, .brushing].map { kind in
      let sessions = anomalous[kind] ?? []
      let seen = try lstm.surprise(sessions)
      let seenByMarkov = markov.surprise(sessions)
      let found = seen.peak.count { $0 > threshold }
      return [
        names[kind] ?? LocalizedText(kind.rawValue), LocalizedText("\(sessions.count)"),
        try auc(seen.mean, normal.mean), try auc(seen.peak, normal.peak),
        try auc(seenByMarkov.mean, normalByMarkov.mean), try auc(seenByMarkov.peak, normalByMarkov.peak),
        LocalizedText(String(format: "%.2f", Double(found) / Double(max(1, sessions.count)))),
      ]
    }
    blocks = [
      .heading(LocalizedText(en: "Anomalies of the simulated shop", zh: "模拟商店中的异常")),
      .table(
        Table(
          caption: LocalizedText(
            en: "AUC against \(honest.count) honest sessions of users that were not trained on (split by user)",
            zh: "与未参与训练的用户的 \(honest.count) 个正常会话相比的 AUC（按用户划分）"),
          columns: [
            LocalizedText(en: "anomaly", zh: "异常"), LocalizedText(en: "sessions", zh: "会话数"),
            LocalizedText(en: "LSTM, mean", zh: "LSTM，平均"), LocalizedText(en: "LSTM, largest", zh: "LSTM，最大"),
            LocalizedText(en: "Markov, mean", zh: "马尔可夫，平均"), LocalizedText(en: "Markov, largest", zh: "马尔可夫，最大"),
            LocalizedText(en: "found at 5%", zh: "5% 误报下找到"),
          ], rows: rows)),
      .text(
        LocalizedText(
          en:
            "What to see: a model of normal sessions finds what breaks their grammar. Where a single step does, counting "
            + "pairs is enough and can win. A brushing ring follows the usual path to a purchase more closely than honest "
            + "buyers do: its largest surprise lies below theirs, and only a view across accounts sees it.",
          zh: "要点：正常会话的模型能找到违反其“语法”的东西。如果单独一步就已违反，数相邻事件对就够了，甚至更好。"
            + "刷单比诚实买家更贴近通常的购买路径，其最大惊异度反而更低，只有跨账号观察才能发现。")),
    ]
  }
}
