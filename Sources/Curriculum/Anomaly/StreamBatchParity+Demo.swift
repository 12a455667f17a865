import Behavior
import Charts
import Contracts
import Foundation
import Learning
import Simulation
import Tensors

/// A live detector beside the nightly batch of the same scores: not what they find differs, but when.
enum StreamBatchParityDemo {
  private static let tau = 60.0

  static var demo: Demo<any StreamBatchParityExercise> {
    Demo { scorer, context in
      context.progress(.init("two weeks of the simulated shop", fraction: 0))
      let shop = StreamShop(random: context.random("shop"))
      let model = try scorer.fitMarkov(shop.history, vocabulary: StreamShop.vocabulary, alpha: 0.5)
      let honest = try scorer.batchScores(shop.calibration, model: model, tau: tau)
      let threshold = StreamShop.quantile(honest, 0.998)

      // The speed is told on the way only: it is not the same twice, and so has no place in the report.
      let clock = ContinuousClock()
      let begin = clock.now
      let live = try StreamReplay.scores(scorer, shop.replay, model: model, tau: tau) { done in
        let seconds = (clock.now - begin) / .seconds(1)
        context.progress(
          .init(
            "live replay", fraction: Double(done) / Double(shop.replay.count),
            details: String(format: "%.0f events/s", Double(done) / max(seconds, 1e-9))))
      }
      // The nightly batch reads the log as it lies on disk: in no order at all.
      var random = context.random("order on disk")
      let onDisk = random.permutation(of: shop.replay.count)
      var batch = live.map { _ in Double.nan }
      for (index, score) in zip(
        onDisk, try scorer.batchScores(onDisk.map { shop.replay[$0] }, model: model, tau: tau))
      { batch[index] = score }
      let gap = largestGap(live, batch)

      let catches = shop.attacks.map { Catch($0.kind, $0.events, shop, live, threshold) }
      let honestEvents = shop.labels.count { $0 == nil }
      let falseAlarms = Double(shop.replay.indices.count { shop.labels[$0] == nil && live[$0] > threshold })
      let figures = { (isLive: Bool) in
        [
          "bots caught": Double(catches.count { $0.kind == .bot && $0.alarm != nil }),
          "takeovers caught": Double(catches.count { $0.kind == .takeover && $0.alarm != nil }),
          "false alarms, of 1,000 honest events": 1_000 * falseAlarms / Double(honestEvents),
          "median minutes from the first bad event to the alarm, bots": median(catches, .bot, isLive) / 60,
          "median minutes from the first bad event to the alarm, takeovers": median(catches, .takeover, isLive) / 60,
          "largest |stream − batch|": gap,
        ]
      }

      let skew = StreamReplay.dividedByLargest(shop.replay, scores: live)
      return DemoReport(
        metrics: figures(true), baseline: figures(false),
        report: Report(
          title: LocalizedText(
            en: "The same score live and by night: what changes is when the alarm comes", zh: "实时与夜间批量同分：区别只在于报警何时到来"),
          blocks: [
            .text(
              LocalizedText(
                en: "A Markov table of \(StreamShop.vocabulary) actions, fitted on five vetted days of 300 users; then "
                  + "\(shop.replay.count) events, interleaved, scored one by one with τ = 60 s. The threshold is the 99.8% quantile "
                  + "of two more vetted days. Largest |stream − batch| over all events: \(number(gap)).",
                zh:
                  "用 300 个用户经审核的五天数据拟合 \(StreamShop.vocabulary) 种行为的马尔可夫表；随后 \(shop.replay.count) 个交错的事件以 τ = 60 秒逐个打分。"
                  + "阈值取另外两天审核数据的 99.8% 分位数。全部事件上最大的 |实时 − 批量|：\(number(gap))。")),
            .table(delays(catches, shop)),
            .text(
              LocalizedText(
                en:
                  "What to see: both find the same, because the score is the same; the batch finds it the next midnight. "
                  + String(
                    format: "%.1f false alarms in 1,000 honest events.", 1_000 * falseAlarms / Double(honestEvents)),
                zh: "要点：分数相同，所以找到的也相同；批量要到下一个午夜才找到。"
                  + String(format: "每 1,000 个正常事件误报 %.1f 个。", 1_000 * falseAlarms / Double(honestEvents)))),
          ] + trace(shop, live, threshold, catches) + [
            .chart(alarms(shop, live, threshold)),
            .heading(LocalizedText(en: "Three ways to lose parity, or the detector", zh: "失去一致性、乃至失去检测器的三种方式")),
            .table(try losses(scorer, shop, model, live, batch, skew, context)),
          ] + poisoning(shop, model, threshold)))
    }
  }

  /// One attack of the replay, and its first alarm.
  private struct Catch {
    var kind: AnomalyKind
    /// How many of the attacker's events it took, the one that raised the alarm included.
    var events: Int?
    /// The place of that event.
    var alarm: Int?
    /// Seconds from the first bad event to the alarm, live and by the next midnight.
    var live, nightly: Double

    init(
      _ kind: AnomalyKind, _ places: [Int], _ shop: StreamShop, _ scores: [Double], _ threshold: Double
    ) {
      self.kind = kind
      let onset = shop.replay[places[0]].time
      let position = places.firstIndex { scores[$0] > threshold }
      events = position.map { $0 + 1 }
      alarm = position.map { places[$0] }
      let time = alarm.map { shop.replay[$0].time } ?? .nan
      live = time - onset
      nightly = time + StreamShop.untilMidnight(time) - onset
    }
  }

  private static func median(_ catches: [Catch], _ kind: AnomalyKind, _ isLive: Bool) -> Double {
    let seconds = catches.filter { $0.kind == kind && $0.alarm != nil }.map { isLive ? $0.live : $0.nightly }.sorted()
    return seconds.isEmpty ? .nan : seconds[seconds.count / 2]
  }

  private static func largestGap(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  private static func delays(_ catches: [Catch], _ shop: StreamShop) -> Table {
    func cell(_ seconds: Double) -> LocalizedText {
      guard seconds.isFinite else { return LocalizedText("–") }
      return seconds < 3_600
        ? LocalizedText(en: String(format: "%.1f min", seconds / 60), zh: String(format: "%.1f 分钟", seconds / 60))
        : LocalizedText(en: String(format: "%.1f h", seconds / 3_600), zh: String(format: "%.1f 小时", seconds / 3_600))
    }
    let names: [(AnomalyKind, LocalizedText)] = [
      (.bot, LocalizedText(en: "bot", zh: "机器人")), (.takeover, LocalizedText(en: "takeover", zh: "账号接管")),
    ]
    return Table(
      caption: LocalizedText(
        en: "From the first bad event to the alarm, median: live beside the nightly batch",
        zh: "从首个异常事件到报警的中位数：实时与夜间批量"),
      columns: [
        LocalizedText(en: "anomaly", zh: "异常"), LocalizedText(en: "in the replay", zh: "回放中"),
        LocalizedText(en: "caught", zh: "找到"), LocalizedText(en: "events needed, live", zh: "实时所需事件数"),
        LocalizedText(en: "delay, live", zh: "延迟，实时"), LocalizedText(en: "delay, nightly batch", zh: "延迟，夜间批量"),
      ],
      rows: names.map { kind, name in
        let own = catches.filter { $0.kind == kind }
        let events = own.compactMap(\.events).sorted()
        return [
          name, LocalizedText("\(own.count)"), LocalizedText("\(events.count)"),
          LocalizedText(events.isEmpty ? "–" : "\(events[events.count / 2])"), cell(median(catches, kind, true)),
          cell(median(catches, kind, false)),
        ]
      })
  }

  /// The first bot that is caught, from its first event on, and the busiest honest user of an evening, as long.
  private static func trace(
    _ shop: StreamShop, _ scores: [Double], _ threshold: Double, _ catches: [Catch]
  ) -> [Report.Block] {
    guard
      let attack = catches.indices.first(where: { catches[$0].kind == .bot && catches[$0].alarm != nil }),
      let alarm = catches[attack].alarm
    else { return [] }
    let places = Array(shop.attacks[attack].events.prefix(60))
    let onset = shop.replay[places[0]].time
    func points(_ places: [Int], from start: Double) -> [Chart.Point] {
      places.map { Chart.Point(shop.replay[$0].time - start, scores[$0]) }
    }
    // Bots come at any hour; people at eight in the evening.
    let evening = onset - onset.truncatingRemainder(dividingBy: 86_400) + 20 * 3_600
    let length = shop.replay[places[places.count - 1]].time - onset
    let others = shop.busiestHonest(from: evening, to: evening + length)
    return [
      .chart(
        Chart(
          title: LocalizedText(
            en: "A bot's burst: caught after \(catches[attack].events ?? 0) events",
            zh: "机器人的一次突发：\(catches[attack].events ?? 0) 个事件后被发现"),
          xLabel: LocalizedText(en: "seconds since the first event", zh: "距首个事件的秒数"),
          yLabel: LocalizedText(en: "score (nats)", zh: "分数（nat）"),
          content: .lines(
            [
              Chart.Series(LocalizedText(en: "bot", zh: "机器人"), points: points(places, from: onset)),
              Chart.Series(
                LocalizedText(en: "the busiest honest user at 8 p.m.", zh: "晚八点最忙的正常用户"),
                points: points(others, from: evening), style: .dashed),
            ],
            marks: [
              .horizontal(y: threshold, label: LocalizedText(en: "threshold", zh: "阈值")),
              .vertical(
                x: shop.replay[alarm].time - onset, label: LocalizedText(en: "live alarm", zh: "实时报警")),
            ])))
    ]
  }

  private static func alarms(_ shop: StreamShop, _ scores: [Double], _ threshold: Double) -> Chart {
    let kinds: [(AnomalyKind?, LocalizedText)] = [
      (.bot, LocalizedText(en: "bots", zh: "机器人")), (.takeover, LocalizedText(en: "takeovers", zh: "账号接管")),
      (nil, LocalizedText(en: "honest users", zh: "正常用户")),
    ]
    return Chart(
      title: LocalizedText(en: "Alarms over time", zh: "报警随时间的分布"),
      xLabel: LocalizedText(en: "hours since the replay began", zh: "回放开始后的小时数"),
      yLabel: LocalizedText(en: "events with an alarm, in 2 hours", zh: "每 2 小时报警的事件数"),
      content: .lines(
        kinds.map { kind, name in
          Chart.Series(
            name,
            points: shop.alarms(scores, above: threshold, kind: kind, hours: 2).enumerated().map {
              Chart.Point(2 * Double($0) + 1, $1)
            })
        }))
  }

  private static func losses(
    _ scorer: any StreamBatchParityExercise, _ shop: StreamShop, _ model: MarkovTable, _ live: [Double],
    _ batch: [Double],
    _ skew: (batch: [Double], stream: [Double]), _ context: DemoContext
  ) throws -> Table {
    // One event in fifty arrives up to two minutes late.
    var random = context.random("late events")
    let arrival = shop.replay.map { event in
      event.time + (random.bool(probability: 0.02) ? 120 * random.uniform() : 0)
    }
    let arrived = StreamReplay.scores(scorer, arriving: shop.replay, arrival: arrival, model: model, tau: tau)
    let refused = arrived.count { $0 == nil }
    let scored = zip(arrived, live).compactMap { seen, right in seen.map { ($0, right) } }
    let gap = largestGap(scored.map(\.0), scored.map(\.1))
    let different = scored.count { $0.0 != $0.1 }
    let skewed = zip(skew.batch, skew.stream).count { abs($0 - $1) > 0.1 }
    let batchGap = largestGap(live, batch)
    let batchDifferent = zip(live, batch).count { $0 != $1 }
    func cell(_ value: Double) -> LocalizedText { LocalizedText(String(format: "%.3g", value)) }
    return Table(
      caption: LocalizedText(en: "Stream beside batch on the same events", zh: "同一批事件上的实时与批量"),
      columns: [
        LocalizedText(en: "scores", zh: "分数"), LocalizedText(en: "largest |stream − batch|", zh: "最大 |实时 − 批量|"),
        LocalizedText(en: "events that differ", zh: "不同的事件数"), LocalizedText(en: "events refused", zh: "被拒的事件数"),
      ],
      rows: [
        [
          LocalizedText(en: "as asked", zh: "按题目要求"), cell(batchGap), LocalizedText("\(batchDifferent)"),
          LocalizedText("0"),
        ],
        [
          LocalizedText(
            en: "divided by the largest of the whole sequence (offline) or so far (live)", zh: "除以整个序列（离线）或至今（实时）的最大值"),
          cell(largestGap(skew.batch, skew.stream)),
          LocalizedText(en: "\(skewed) by more than 0.1", zh: "\(skewed) 个超过 0.1"), LocalizedText("0"),
        ],
        [
          LocalizedText(en: "one event in fifty up to two minutes late", zh: "每五十个事件有一个迟到至多两分钟"), cell(gap),
          LocalizedText("\(different)"), LocalizedText("\(refused)"),
        ],
      ], highlightedRow: 0)
  }

  /// What the bots' events cost a table that stays, and one that goes on counting.
  private static func poisoning(_ shop: StreamShop, _ model: MarkovTable, _ threshold: Double) -> [Report.Block] {
    let bots = shop.replay.indices.filter { shop.labels[$0] == .bot }
    let fixed = StreamReplay.surprise(shop.replay, model: model)
    let learning = StreamReplay.surpriseWhileLearning(shop.replay, counts: shop.counts(alpha: 0.5))
    func points(_ surprise: [Double]) -> [Chart.Point] {
      StreamShop.means(bots.map { surprise[$0] }, of: 100).enumerated().map { Chart.Point(100 * Double($0) + 50, $1) }
    }
    func alarms(_ surprise: [Double]) -> Int {
      let scores = StreamReplay.faded(shop.replay, surprise: surprise, tau: tau)
      return bots.count { scores[$0] > threshold }
    }
    let chart = Chart(
      title: LocalizedText(
        en: "A table that learns online is taught by the bots", zh: "在线学习的表会被机器人教会"),
      xLabel: LocalizedText(en: "the bots' events so far", zh: "机器人至今的事件数"),
      yLabel: LocalizedText(en: "mean surprise of a bot's event (nats)", zh: "机器人事件的平均惊异度（nat）"),
      content: .lines(
        [
          Chart.Series(LocalizedText(en: "fitted once", zh: "只拟合一次"), points: points(fixed)),
          Chart.Series(LocalizedText(en: "learns online", zh: "在线学习"), points: points(learning), style: .dashed),
        ], axes: Chart.Axes(y: 0...(1.1 * (points(fixed).map(\.y).max() ?? 1)))))
    return [
      .chart(chart),
      .text(
        LocalizedText(
          en:
            "A table that learns online from unverified traffic is taught by the bots: of their \(bots.count) events, "
            + "\(alarms(fixed)) raise an alarm by the fixed table and \(alarms(learning)) by the one that learns. Scoring at "
            + "once and learning at once are two things; the first does not need the second.",
          zh: "从未经审核的流量在线学习的表会被机器人教会：机器人的 \(bots.count) 个事件中，固定的表对 \(alarms(fixed)) 个报警，"
            + "在线学习的表只对 \(alarms(learning)) 个报警。即时打分与即时学习是两回事，前者并不需要后者。")),
    ]
  }
}
