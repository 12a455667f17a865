import Charts
import Contracts
import Foundation

/// A week of a shop, delivered shuffled and partly twice: what becomes of visits, of a bot and of a midnight visit
/// when sessions are cut by pauses of 5, 30 and 60 minutes, and by calendar days.
enum SessionizationDemo {
  static var demo: Demo<any SessionizationExercise> {
    Demo { cutter, context in
      context.progress(.init("simulated week", fraction: 0))
      let week = ClickWeek(random: context.random("week"))
      let cleaned = try cutter.clean(week.log)
      context.progress(.init("cutting", fraction: 0.5))
      var rows = try [5, 30, 60].map { minutes in
        Row(
          LocalizedText(en: "pause > \(minutes) min", zh: "停顿 > \(minutes) 分钟"),
          try cutter.sessionize(week.log, maxGap: 60 * minutes), week)
      }
      rows.append(Row(LocalizedText(en: "calendar day", zh: "日历日"), cleaned.cut(by: .clock(86_400)), week))
      context.progress(.init("cutting", fraction: 1))
      let (half, day) = (rows[1], rows[3])
      let windows = try half.sessions.reduce(0) { try $0 + cutter.windows($1, length: 10, stride: 5).count }
      let lengths = week.lengths(half.sessions)
      let tooShort = lengths.count { $0 < 10 }

      return DemoReport(
        metrics: half.figures, baseline: day.figures,
        report: Report(
          title: LocalizedText(en: "One log, four answers to 'what is a sequence'", zh: "同一份日志，“什么是序列”的四种答案"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "\(week.log.count) rows of a simulated week of 50 users, shuffled; \(week.log.count - cleaned.count) of them are "
                  + "duplicates, which leaves \(cleaned.count) events. The simulator knows its \(week.visits.count) visits: one in five "
                  + "is interrupted by an errand of 6 to 40 minutes, and at least 20 minutes lie between two visits of a user. A bot "
                  + "and a guest who comes at midnight are added.",
                zh:
                  "模拟一周、50 名用户的 \(week.log.count) 行日志，已打乱；其中 \(week.log.count - cleaned.count) 行是重复，剩下 \(cleaned.count) 个事件。"
                  + "模拟器知道其中的 \(week.visits.count) 次访问：五次里有一次被 6 到 40 分钟的杂事打断，同一用户的两次访问之间至少隔 20 分钟。"
                  + "另外加入一个机器人和一位午夜来客。")),
            .table(table(rows)),
            .text(
              LocalizedText(
                en:
                  "A short limit tears the visits with an errand apart, a long one glues two visits together; no limit finds them all. "
                  + "A calendar day glues a user's visits of one day together and splits the one from 23:50 to 00:10. The bot acts "
                  + "every 1,801 s: with the default limit it falls apart into \(half.botSessions) one-event sessions, each as "
                  + "harmless as a visitor who leaves at once. What gives it away is the constant pause between its sessions: "
                  + "gaps carry information.",
                zh:
                  "界限短，会把被打断的访问撕开；界限长，会把两次访问粘在一起；没有哪个界限能全部找对。日历日把同一用户当天的几次访问粘在一起，"
                  + "又把 23:50 到 00:10 的那次切成两段。机器人每 1801 秒动作一次：在默认界限下它散成 \(half.botSessions) 个只有一个事件的会话，"
                  + "每个都像来了就走的访客一样无害。出卖它的是会话之间恒定的间隔：间隔本身就是信息。")),
            .chart(pauses(week.pauses(cleaned))),
            .chart(lengthsChart(rows, week)),
            .chart(midnightChart(half, day, week)),
            .text(
              LocalizedText(
                en:
                  "Windows of 10 events, one every 5, within the 30-minute sessions: \(windows). \(tooShort) of the users' "
                  + "\(lengths.count) sessions are shorter than a window and give none; who feeds a model with full windows alone never sees them.",
                zh: "在 30 分钟会话内取长 10、步长 5 的窗口：共 \(windows) 个。这些用户的 \(lengths.count) 个会话中有 \(tooShort) 个比窗口短，一个窗口也给不出；"
                  + "只用满窗口喂模型的人，从来看不到它们。")),
          ]))
    }
  }

  private static func table(_ rows: [Row]) -> Table {
    Table(
      caption: LocalizedText(en: "The same events, cut in four ways", zh: "同样的事件，四种切法"),
      columns: [
        LocalizedText(en: "cut by", zh: "切分依据"), LocalizedText(en: "sessions", zh: "会话数"),
        LocalizedText(en: "visits found", zh: "找到的访问"), LocalizedText(en: "median events", zh: "事件数中位"),
        LocalizedText(en: "longest", zh: "最长"), LocalizedText(en: "of one event", zh: "单事件"),
        LocalizedText(en: "bot's sessions", zh: "机器人的会话"), LocalizedText(en: "pieces of midnight visit", zh: "午夜访问段数"),
      ],
      rows: rows.map { row in
        [
          row.name, LocalizedText("\(row.sessions.count)"),
          LocalizedText(String(format: "%.1f%%", 100 * row.visitsFound)), LocalizedText("\(row.median)"),
          LocalizedText("\(row.longest)"), LocalizedText(String(format: "%.1f%%", 100 * row.oneEventShare)),
          LocalizedText("\(row.botSessions)"),
          LocalizedText("\(row.midnightPieces)"),
        ]
      }, highlightedRow: 1)
  }

  /// The time within visits and the time between them are two hills; the limits stand about the valley.
  private static func pauses(_ minutes: [Double]) -> Chart {
    .histogram(
      title: LocalizedText(
        en: "Pauses of over 2 minutes between two events of a user: a limit belongs into the valley",
        zh: "同一用户相邻事件之间超过 2 分钟的停顿：界限应放在谷里"),
      xLabel: LocalizedText(en: "log₁₀ of the pause in minutes", zh: "停顿分钟数的 log₁₀"),
      samples: [(LocalizedText(en: "pauses", zh: "停顿"), minutes.filter { $0 > 2 }.map { log10($0) })],
      marks: [5, 30, 60].map { .vertical(x: log10(Double($0)), label: LocalizedText(en: "\($0) min", zh: "\($0) 分钟")) })
  }

  private static func lengthsChart(_ rows: [Row], _ week: ClickWeek) -> Chart {
    .histogram(
      title: LocalizedText(en: "Lengths of the 50 users' sessions", zh: "50 名用户的会话长度"),
      xLabel: LocalizedText(en: "events in a session (cut off at 60)", zh: "会话中的事件数（截至 60）"),
      samples: [rows[0], rows[1], rows[3]].map { ($0.name, week.lengths($0.sessions).map { min($0, 60) }) })
  }

  private static func midnightChart(_ half: Row, _ day: Row, _ week: ClickWeek) -> Chart {
    let minutes = { (event: LoggedEvent) in Double(event.time - week.midnight) / 60 }
    let strip = { (row: Row) in
      let sessions = row.sessions.filter { $0[0].user == ClickWeek.guest }
      return Chart.Strip(
        row.name,
        intervals: sessions.enumerated().map { index, session in
          Chart.Interval(
            from: minutes(session[0]), to: minutes(session[session.count - 1]),
            label: LocalizedText(en: "session \(index + 1)", zh: "会话 \(index + 1)"), group: 0)
        },
        events: sessions.flatMap { $0 }.map { Chart.Event(at: minutes($0), group: 1) })
    }
    return Chart(
      title: LocalizedText(en: "One visit from 23:50 to 00:10", zh: "23:50 到 00:10 的一次访问"),
      xLabel: LocalizedText(en: "minutes from midnight", zh: "距午夜的分钟数"),
      content: .strips(
        [strip(half), strip(day)],
        groups: [LocalizedText(en: "session", zh: "会话"), LocalizedText(en: "event", zh: "事件")]))
  }
}

/// What one way to cut makes of the week.
private struct Row {
  let name: LocalizedText
  let sessions: [[LoggedEvent]]
  let visitsFound, oneEventShare: Double
  let median, longest, botSessions, midnightPieces: Int

  init(_ name: LocalizedText, _ sessions: [[LoggedEvent]], _ week: ClickWeek) {
    self.name = name
    let sessions = sessions.filter { !$0.isEmpty }
    self.sessions = sessions
    visitsFound = Double(week.score(sessions).found) / Double(week.visits.count)
    let sizes = week.lengths(sessions).map { Int($0) }.sorted()
    median = sizes.isEmpty ? 0 : sizes[sizes.count / 2]
    longest = sizes.last ?? 0
    oneEventShare = Double(sessions.count { $0.count == 1 }) / Double(max(1, sessions.count))
    botSessions = sessions.count { $0[0].user == ClickWeek.bot }
    midnightPieces = sessions.count { $0[0].user == ClickWeek.guest }
  }

  var figures: [String: Double] {
    [
      "sessions": Double(sessions.count), "visitsFound": visitsFound, "botSessions": Double(botSessions),
      "midnightVisitPieces": Double(midnightPieces),
    ]
  }
}
