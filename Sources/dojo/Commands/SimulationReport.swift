import Behavior
import Charts
import Curriculum
import Foundation
import Simulation
import Tensors

/// The charts of a simulated log, as one page.
func simulationReport(_ log: SimulatedLog, of simulator: PlatformSimulator, seed: UInt64) -> Report {
  let summary = SimulationSummary(log, of: simulator)
  let shape = LocalizedText(
    en: "Platform \(simulator.platform.name), \(simulator.users) users, \(simulator.days) days, seed \(seed): "
      + "\(summary.events) events in \(summary.sessions) sessions, of which \(percent(summary.purchaseShare)) buy.",
    zh: "平台 \(simulator.platform.name)，\(simulator.users) 个用户，\(simulator.days) 天，种子 \(seed)："
      + "\(summary.events) 个事件，\(summary.sessions) 个会话，其中 \(percent(summary.purchaseShare)) 有购买。")
  return Report(
    title: LocalizedText(en: "A simulated log", zh: "一份模拟日志"),
    blocks: [.text(shape)] + simulationCharts(log, summary, of: simulator, seed: seed).map { .chart($0.chart) })
}

/// The charts of a simulated log, each with the name of its file.
func simulationCharts(
  _ log: SimulatedLog, _ summary: SimulationSummary, of simulator: PlatformSimulator, seed: UInt64
) -> [(name: String, chart: Chart)] {
  let rows = ModelFamilies.rows(log)
  let charts: [(name: String, chart: Chart?)] = [
    ("hours", SimulationCharts.hours(summary)), ("days", SimulationCharts.days(summary, simulator)),
    ("dwell", SimulationCharts.dwell(summary)), ("lengths", SimulationCharts.lengths(summary)),
    ("checkout", SimulationCharts.checkout(summary)), ("platforms", SimulationCharts.platforms(seed: seed)),
    ("anomalies", SimulationCharts.calendar(log, simulator)), ("ring", SimulationCharts.ring(log)),
    ("families", rows.isEmpty ? nil : SimulationCharts.families(rows)),
  ]
  return charts.compactMap { entry in entry.chart.map { (entry.name, $0) } }
}

private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

/// The charts of the report, which the page in `docs/` shows, too.
enum SimulationCharts {
  static func hours(_ summary: SimulationSummary) -> Chart {
    func points(_ shares: [Double]) -> [Chart.Point] {
      shares.enumerated().map { Chart.Point(Double($0.offset), 100 * $0.element) }
    }
    return Chart(
      title: LocalizedText(en: "When sessions begin", zh: "会话何时开始"),
      xLabel: LocalizedText(en: "hour of the day", zh: "一天中的小时"),
      yLabel: LocalizedText(en: "% of the day's sessions", zh: "占当天会话的百分比"),
      content: .lines([
        .init(LocalizedText(en: "Monday to Friday", zh: "周一至周五"), points: points(summary.weekdayHours)),
        .init(
          LocalizedText(en: "Saturday and Sunday", zh: "周六与周日"), points: points(summary.weekendHours), style: .dashed),
      ]))
  }

  static func days(_ summary: SimulationSummary, _ simulator: PlatformSimulator) -> Chart {
    let sales = simulator.saleDays.sorted().map { day in
      Chart.Mark.interval(
        from: Double(day) + 0.5, to: Double(day) + 1.5, label: LocalizedText(en: "sale", zh: "促销"))
    }
    return Chart(
      title: LocalizedText(en: "Sessions a day", zh: "每天的会话数"),
      xLabel: LocalizedText(en: "day, from Monday", zh: "天（从周一起）"),
      yLabel: LocalizedText(en: "sessions", zh: "会话数"),
      content: .lines(
        [.init(LocalizedText(en: "sessions", zh: "会话"), values: summary.sessionsPerDay)], marks: sales))
  }

  static func dwell(_ summary: SimulationSummary) -> Chart {
    let (mean, spread) = (summary.dwellMean, max(1e-6, summary.dwellSpread))
    let width = Foundation.log(10.0) / 10
    let theory = SimulationSummary.dwellBins.map { seconds -> Chart.Point in
      let z = (Foundation.log(seconds) - mean) / spread
      return Chart.Point(seconds, 100 * width * exp(-z * z / 2) / (spread * (2 * Double.pi).squareRoot()))
    }
    let seen = zip(SimulationSummary.dwellBins, summary.dwell).map { Chart.Point($0, 100 * $1) }
    return Chart(
      title: LocalizedText(en: "Time on an item's page", zh: "在商品页停留的时间"),
      xLabel: LocalizedText(en: "seconds", zh: "秒"), yLabel: LocalizedText(en: "% of the times", zh: "百分比"),
      content: .lines(
        [
          .init(LocalizedText(en: "the log", zh: "日志"), points: seen),
          .init(
            LocalizedText(en: "log-normal with its mean and spread", zh: "同均值同离散度的对数正态"), points: theory,
            style: .dashed),
        ], axes: .init(x: 0.5...1_000, logarithmicX: true)))
  }

  static func lengths(_ summary: SimulationSummary) -> Chart {
    Chart(
      title: LocalizedText(en: "Events in a session", zh: "一个会话中的事件数"),
      xLabel: LocalizedText(en: "events (60: and more)", zh: "事件数（60 表示 60 及以上）"),
      yLabel: LocalizedText(en: "% of the sessions", zh: "占会话的百分比"),
      content: .lines([.init(LocalizedText(en: "sessions", zh: "会话"), values: summary.lengths.map { 100 * $0 })]))
  }

  static func checkout(_ summary: SimulationSummary) -> Chart {
    Chart(
      title: LocalizedText(
        en: "A coupon at the start decides the checkout: how often payment follows the cart",
        zh: "开头的优惠券决定结账：加购之后付款的比例"),
      yLabel: LocalizedText(en: "% of the carts", zh: "占加购的百分比"),
      content: .bars(
        categories: [
          LocalizedText(en: "no coupon in the first three events", zh: "前三个事件没有优惠券"),
          LocalizedText(en: "a coupon in the first three events", zh: "前三个事件有优惠券"),
        ],
        groups: [.init(LocalizedText(en: "carts paid at once", zh: "立即付款"), values: summary.checkout.map { 100 * $0 })])
    )
  }

  /// The two presets side by side, by the actions' names on platform A.
  static func platforms(seed: UInt64) -> Chart {
    let shares = [Platform.a, .b].map { platform -> [Double] in
      var random = SeededRandom(seed: seed)
      let simulator = PlatformSimulator(platform: platform, users: 400, days: 7, anomalies: [])
      return SimulationSummary(simulator.simulate(using: &random), of: simulator).actionShares
    }
    let names = Platform.a.actions.map(\.rawValue) + [Action.live, .groupBuy].map(\.rawValue)
    return Chart(
      title: LocalizedText(
        en: "The action mix of the two presets, by the names on platform A",
        zh: "两个预设平台的行为构成（按平台 A 的名称）"),
      yLabel: LocalizedText(en: "% of the events", zh: "占事件的百分比"),
      content: .bars(
        categories: names.map { LocalizedText($0) },
        groups: zip(["A", "B"], shares).map { name, shares in
          .init(
            LocalizedText(name),
            values: (shares + [Double](repeating: 0, count: names.count - shares.count)).map { 100 * $0 })
        }))
  }

  /// Which kinds are at work on which day.
  static func calendar(_ log: SimulatedLog, _ simulator: PlatformSimulator) -> Chart? {
    var rows: [(name: LocalizedText, values: [Double])] = []
    for kind in AnomalyKind.allCases {
      for isCamouflaged in [false, true] {
        let chosen = log.anomalies.filter { $0.kind == kind && $0.isCamouflaged == isCamouflaged }
        if chosen.isEmpty { continue }
        let values = (0..<simulator.days).map { day -> Double in
          let (low, high) = (simulator.start + Double(day) * 86_400, simulator.start + Double(day + 1) * 86_400)
          return Double(chosen.count { $0.start < high && $0.end >= low })
        }
        rows.append((name(kind, isCamouflaged), values))
      }
    }
    guard !rows.isEmpty else { return nil }
    return Chart(
      title: LocalizedText(en: "Anomalies at work, day by day", zh: "每天正在发生的异常"),
      xLabel: LocalizedText(en: "day", zh: "天"),
      content: .heatmap(
        values: rows.map(\.values), rows: rows.map(\.name),
        columns: (1..<(simulator.days + 1)).map { LocalizedText("\($0)") }, showsValues: simulator.days <= 21))
  }

  /// A ring of coupon farmers with its devices, and some honest accounts with theirs.
  static func ring(_ log: SimulatedLog) -> Chart? {
    guard let ring = log.anomalies.first(where: { $0.kind == .couponAbuse && !$0.isCamouflaged }) else { return nil }
    let isInRing = log.isInRing
    let honest = log.accounts.indices.filter { !isInRing[$0] }.prefix(14).map { log.accounts[$0].name }
    let members = Set(ring.users)
    let shown = members.union(honest)
    let logins = log.logins.filter { shown.contains($0.user) }
    let users = ring.users + honest
    let devices = logins.map(\.device).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let nodes =
      users.map { Chart.Node(LocalizedText($0), group: members.contains($0) ? 1 : 0) }
      + devices.map { _ in Chart.Node(LocalizedText(""), group: 2) }
    let links = logins.compactMap { login -> Chart.Link? in
      guard let user = users.firstIndex(of: login.user), let device = devices.firstIndex(of: login.device)
      else { return nil }
      return Chart.Link(from: user, to: users.count + device)
    }
    return Chart(
      title: LocalizedText(
        en:
          "Coupon farmers share devices, honest accounts seldom do (unnamed: devices)",
        zh: "薅券账号共用设备，正常账号很少（无名节点是设备）"),
      content: .graph(nodes: nodes, links: links))
  }

  static func families(_ rows: [ModelFamilies.Row]) -> Chart {
    Chart(
      title: LocalizedText(
        en: "What each family of models sees: area under the ROC curve",
        zh: "各类模型能看见什么：ROC 曲线下面积"),
      xLabel: LocalizedText(en: "family of models", zh: "模型类别"),
      content: .heatmap(
        values: rows.map { row in row.areas.map { ($0 * 100).rounded() / 100 } },
        rows: rows.map { name($0.kind, $0.isCamouflaged) },
        columns: [
          LocalizedText(en: "one number", zh: "单个特征"), LocalizedText(en: "counts", zh: "计数"),
          LocalizedText(en: "order", zh: "顺序"), LocalizedText(en: "memory", zh: "记忆"),
          LocalizedText(en: "links", zh: "关联"),
        ], showsValues: true))
  }

  static func name(_ kind: AnomalyKind, _ isCamouflaged: Bool) -> LocalizedText {
    let plain = kind.title
    return isCamouflaged ? LocalizedText(en: plain.en + ", quiet", zh: plain.zh + "（伪装）") : plain
  }
}
