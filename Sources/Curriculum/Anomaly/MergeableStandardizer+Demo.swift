import Charts
import Contracts
import Foundation
import Learning
import Simulation
import Tensors

/// One detector behind three scalers: fitted on the training week, on everything, and on the training week by medians.
enum MergeableStandardizerDemo {
  static var demo: Demo<any MergeableStandardizerExercise> {
    Demo { standardizer, context in
      context.progress(.init("two weeks of the simulated shop", fraction: 0))
      let table = SessionTable(random: context.random("shop"))
      context.progress(.init("three scalers", fraction: 0.6))
      let scalers = [
        try Scaler(
          LocalizedText(en: "fitted on the past", zh: "只用过去拟合"), table,
          z: try standardizer.standardized(table.rows, fittedOnFirst: table.past)),
        try Scaler(
          LocalizedText(en: "fitted on all (the article)", zh: "用全部数据拟合（文章）"), table,
          z: try standardizer.standardized(table.rows, fittedOnFirst: table.rows.rows)),
        try Scaler(LocalizedText(en: "median and MAD of the past", zh: "过去的中位数与 MAD"), table, z: table.robust()),
      ]

      // One state a day, as if each day's log lay on a machine of its own; merged from the first day on.
      var running: [StandardizerState] = []
      for day in 0..<14 {
        var shard = StandardizerState(columns: table.rows.columns)
        try standardizer.partialFit(&shard, rows: table.shard(day: day))
        running.append(try running.last.map { try standardizer.merged($0, shard) } ?? shard)
      }
      var whole = StandardizerState(columns: table.rows.columns)
      try standardizer.partialFit(&whole, rows: table.rows)
      context.progress(.init("three scalers", fraction: 1))

      let past = running[table.daysOfPast - 1]
      return DemoReport(
        metrics: scalers[0].figures, baseline: scalers[1].figures,
        report: Report(
          title: LocalizedText(
            en: "What the scaler has seen: the past, or the anomalies too", zh: "标准化器见过什么：只有过去，还是连异常也见过"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "\(table.rows.rows) sessions of two weeks of the simulated shop; the first week (\(table.past) sessions) is for "
                  + "training, and 40 bots arrive in the second. An alarm is a session with |z| > 3 in any column. The article "
                  + "scales a column 'behavior_value' that its own tables do not have (user, time, item, action); here the "
                  + "actions are counted per session, which makes them numbers.",
                zh: "模拟商店两周的 \(table.rows.rows) 个会话；第一周（\(table.past) 个）用于训练，第二周来了 40 个机器人。任一列 |z| > 3 即报警。"
                  + "文章标准化的列 behavior_value 在它自己的数据表（用户、时间、商品、行为）里不存在；这里按会话统计行为次数，使其成为数值。")),
            .table(detection(scalers)),
            .text(verdict(scalers)),
            .chart(
              .boxes(
                title: LocalizedText(
                  en: "The bots' largest |z|: they hide behind the scale that they have set",
                  zh: "机器人的最大 |z|：它们躲在自己撑大的尺度后面"),
                xLabel: LocalizedText(en: "largest |z| of a session", zh: "会话的最大 |z|"),
                samples: scalers.prefix(2).flatMap { scaler in
                  [
                    (
                      LocalizedText(en: "bots, \(scaler.name.en)", zh: "机器人，\(scaler.name.zh)"),
                      table.tested(.bot).map { scaler.scores[$0] }
                    ),
                    (
                      LocalizedText(en: "honest, \(scaler.name.en)", zh: "正常，\(scaler.name.zh)"),
                      table.tested(nil).map { scaler.scores[$0] }
                    ),
                  ]
                })),
            .heading(LocalizedText(en: "What leaked", zh: "泄漏了什么")),
            .table(leak(past, whole)),
            .chart(drift(table, running, whole)),
            .text(
              LocalizedText(
                en: "Fourteen daily states merged and one pass over everything differ by at most "
                  + String(format: "%.1e", difference(running[13], whole))
                  + " in mean and variance, relatively: shards can be counted where they lie.",
                zh: "14 个按日状态合并的结果与一次遍历相比，均值与方差的相对差异至多为 "
                  + String(format: "%.1e", difference(running[13], whole)) + "：各分片可以就地统计。")),
            .heading(LocalizedText(en: "What cleaning costs", zh: "清洗的代价")),
            .table(cleaning(table, scalers[0])),
            .table(ranges(table, scalers[0])),
          ]))
    }
  }

  private struct Scaler {
    var name: LocalizedText
    var z: Matrix
    var scores: [Double]
    var auc: [AnomalyKind: Double] = [:]
    var median: [AnomalyKind: Double] = [:]
    var found: [AnomalyKind: Double] = [:]
    var falseAlarms: Double

    init(_ name: LocalizedText, _ table: SessionTable, z: Matrix) throws {
      self.name = name
      self.z = z
      let scores = SessionTable.largest(z)
      self.scores = scores
      let honest = table.tested(nil).map { scores[$0] }
      falseAlarms = Double(honest.count { $0 > 3 }) / Double(honest.count)
      for kind in [AnomalyKind.bot, .takeover] {
        let abnormal = table.tested(kind).map { scores[$0] }
        auc[kind] = try Metrics.auc(
          abnormal.map { _ in 1 } + honest.map { _ in 0 }, scores: abnormal + honest)
        median[kind] = SessionTable.median(abnormal)
        found[kind] = Double(abnormal.count { $0 > 3 }) / Double(abnormal.count)
      }
    }

    var figures: [String: Double] {
      [
        "AUC, bots": auc[.bot] ?? .nan, "AUC, takeovers": auc[.takeover] ?? .nan,
        "median |z| of bots": median[.bot] ?? .nan, "bots found at |z| > 3": found[.bot] ?? .nan,
        "takeovers found at |z| > 3": found[.takeover] ?? .nan, "false alarms at |z| > 3": falseAlarms,
      ]
    }
  }

  private static func cell(_ value: Double?, _ format: String = "%.3f") -> LocalizedText {
    LocalizedText(value.map { String(format: format, $0) } ?? "–")
  }

  private static func detection(_ scalers: [Scaler]) -> Table {
    Table(
      caption: LocalizedText(en: "Sessions of the second week, by scaler", zh: "第二周的会话，按标准化方式"),
      columns: [
        LocalizedText(en: "scaler", zh: "标准化"), LocalizedText(en: "AUC, bots", zh: "AUC，机器人"),
        LocalizedText(en: "median |z|", zh: "|z| 中位数"), LocalizedText(en: "found at |z| > 3", zh: "|z| > 3 找到"),
        LocalizedText(en: "AUC, takeovers", zh: "AUC，账号接管"), LocalizedText(en: "median |z|", zh: "|z| 中位数"),
        LocalizedText(en: "found", zh: "找到"), LocalizedText(en: "false alarms", zh: "误报率"),
      ],
      rows: scalers.map { scaler in
        [
          scaler.name, cell(scaler.auc[.bot]), cell(scaler.median[.bot], "%.1f"), cell(scaler.found[.bot]),
          cell(scaler.auc[.takeover]), cell(scaler.median[.takeover], "%.1f"), cell(scaler.found[.takeover]),
          cell(scaler.falseAlarms),
        ]
      }, highlightedRow: 0)
  }

  private static func verdict(_ scalers: [Scaler]) -> LocalizedText {
    let (past, all) = (scalers[0], scalers[1])
    func share(_ found: Double?) -> String { percent(found ?? .nan, places: 0) }
    return LocalizedText(
      en:
        "What to see: the same rule |z| > 3 finds \(share(past.found[.bot])) of the bots' sessions when the scaler knows the "
        + "past alone, and \(share(all.found[.bot])) when the bots themselves have set the scale. That is masking; at its "
        + "extreme, the 100 in [1, 2, 3, 4, 100] has z = 1.999, and no value among n can exceed √(n − 1).",
      zh: "要点：同一规则 |z| > 3，标准化器只见过去时找到机器人会话的 \(share(past.found[.bot]))；尺度由机器人自己参与确定时，只找到 "
        + "\(share(all.found[.bot]))。这就是掩蔽；极端的例子是 [1, 2, 3, 4, 100] 中的 100，z = 1.999，n 个值里任何一个都超不过 √(n − 1)。")
  }

  private static func leak(_ past: StandardizerState, _ all: StandardizerState) -> Table {
    func deviation(_ state: StandardizerState, _ column: Int) -> Double {
      (state.m2[column] / Double(state.count[column])).squareRoot()
    }
    return Table(
      caption: LocalizedText(en: "Leaked means: what fitting on all moves", zh: "泄漏的均值：用全部数据拟合改变了什么"),
      columns: [
        LocalizedText(en: "column", zh: "列"), LocalizedText(en: "mean, past", zh: "均值，过去"),
        LocalizedText(en: "mean, all", zh: "均值，全部"), LocalizedText(en: "moved by (SD)", zh: "移动（标准差）"),
        LocalizedText(en: "SD, past", zh: "标准差，过去"), LocalizedText(en: "SD, all", zh: "标准差，全部"),
      ],
      rows: SessionTable.columns.enumerated().map { column, name in
        [
          LocalizedText(name), cell(past.mean[column]), cell(all.mean[column]),
          cell((all.mean[column] - past.mean[column]) / deviation(past, column), "%+.2f"),
          cell(deviation(past, column)), cell(deviation(all, column)),
        ]
      })
  }

  private static func drift(_ table: SessionTable, _ running: [StandardizerState], _ all: StandardizerState) -> Chart {
    let carts = 1
    let deviations = running.map { ($0.m2[carts] / Double($0.count[carts])).squareRoot() }
    return Chart(
      title: LocalizedText(
        en: "Carts a session: the running mean and deviation, day by day", zh: "每会话加购次数：逐日的累计均值与标准差"),
      xLabel: LocalizedText(en: "days merged", zh: "已合并的天数"),
      yLabel: LocalizedText(en: "carts a session", zh: "每会话加购次数"),
      content: .lines(
        [
          Chart.Series(LocalizedText(en: "mean", zh: "均值"), values: running.map { $0.mean[carts] }),
          Chart.Series(LocalizedText(en: "standard deviation", zh: "标准差"), values: deviations, style: .dashed),
        ],
        marks: [
          .vertical(x: Double(table.daysOfPast), label: LocalizedText(en: "the past ends", zh: "过去到此为止")),
          .horizontal(y: all.mean[carts], label: LocalizedText(en: "the article's mean", zh: "文章的均值")),
        ]))
  }

  private static func cleaning(_ table: SessionTable, _ scaler: Scaler) -> Table {
    let everything = Array(0..<table.rows.rows)
    let complete = table.complete
    let bots = table.tested(.bot)
    let quiet = bots.count { scaler.scores[$0] <= 3 }
    func hours(_ kept: [Int]) -> String { String(format: "%.1f", table.hoursBetweenSessions(kept: kept)) }
    return Table(
      caption: LocalizedText(en: "Three lines of the article's cleaning, tried", zh: "试一试文章清洗的三行"),
      columns: [
        LocalizedText(en: "line", zh: "做法"), LocalizedText(en: "before", zh: "之前"),
        LocalizedText(en: "after", zh: "之后"),
      ],
      rows: [
        [
          LocalizedText(en: "dropna: sessions", zh: "dropna：会话数"), LocalizedText("\(everything.count)"),
          LocalizedText("\(complete.count)"),
        ],
        [
          LocalizedText(en: "dropna: hours between a user's sessions", zh: "dropna：同一用户相邻会话的间隔（小时）"),
          LocalizedText(hours(everything)), LocalizedText(hours(complete)),
        ],
        [
          LocalizedText(en: "noise removal (|z| > 3): bots' sessions left to find", zh: "去噪（|z| > 3）：还剩多少机器人会话可找"),
          LocalizedText("\(bots.count)"), LocalizedText("\(quiet)"),
        ],
        [
          LocalizedText(
            en: "to_datetime without a unit: sessions cut at half an hour", zh: "to_datetime 不给单位：按半小时切出的会话数"),
          LocalizedText("\(table.sessionCount(secondsPerUnit: 1))"),
          LocalizedText("\(table.sessionCount(secondsPerUnit: 1e-9))"),
        ],
      ])
  }

  private static func ranges(_ table: SessionTable, _ scaler: Scaler) -> Table {
    let before = SessionTable.ranges(table.rows)
    let after = SessionTable.ranges(scaler.z)
    func cell(_ range: ClosedRange<Double>) -> LocalizedText {
      LocalizedText(String(format: "%.1f … %.1f", range.lowerBound, range.upperBound))
    }
    return Table(
      caption: LocalizedText(en: "Unit variance is no common range", zh: "单位方差不等于相同的范围"),
      columns: [
        LocalizedText(en: "column", zh: "列"), LocalizedText(en: "range", zh: "范围"),
        LocalizedText(en: "range of z", zh: "z 的范围"),
      ],
      rows: SessionTable.columns.enumerated().map { [LocalizedText($1), cell(before[$0]), cell(after[$0])] })
  }

  /// The largest relative difference of means and variances.
  private static func difference(_ a: StandardizerState, _ b: StandardizerState) -> Double {
    (zip(a.mean, b.mean).map { abs($0 - $1) / max(abs($1), 1) }
      + zip(a.m2, b.m2).map { abs($0 - $1) / max(abs($1), 1) }).max() ?? .nan
  }
}
