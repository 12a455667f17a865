import Foundation

@testable import Charts

/// One sample of each picture that the exercises' demos name.
extension Samples {
  static var newer: [Chart] {
    [strips, surprise, embedding, decision, histogram, boxes, intervals, calibration, fan, errorBars, stacked]
      + [seeds, diverging, attention, policy, walk, tokens, dendrogram, largeDendrogram, tree, communities, manyCurves]
  }

  /// Nearly normal numbers: sums of uniform ones.
  static func normal(_ count: Int, seed: UInt64, mean: Double = 0, deviation: Double = 1) -> [Double] {
    let uniform = noise(4 * count, seed: seed)
    return (0..<count).map { mean + deviation * 1.73 * uniform[4 * $0..<4 * $0 + 4].reduce(0, +) }
  }

  static func cloud(_ count: Int, seed: UInt64, x: Double, y: Double) -> [Chart.Point] {
    zip(normal(count, seed: seed, mean: x), normal(count, seed: seed + 99, mean: y, deviation: 0.7)).map {
      .init($0 + 0.5 * $1, $1)
    }
  }

  static var strips: Chart {
    let base = normal(200, seed: 4, mean: 2, deviation: 0.4)
    let score = base.enumerated().map { $0.element + ((80..<110).contains($0.offset) ? 3 : 0) }
    let attack = Chart.Interval(from: 80, to: 110, label: both("takeover", "盗号"), group: 1)
    return Chart(
      title: both("What three detectors see of one session", "三个检测器在同一会话里看到了什么"), xLabel: both("event", "事件"),
      content: .strips(
        [
          .init(
            both("surprise", "意外程度"), values: score, intervals: [attack],
            events: [.init(at: 88, label: both("alarm", "报警"), group: 2)], threshold: 4),
          .init(
            both("distance to the profile", "与画像的距离"), values: normal(200, seed: 8), intervals: [attack]),
          .init(
            both("true state", "真实状态"),
            intervals: [
              .init(from: 1, to: 80, label: both("normal", "正常")), attack,
              .init(from: 110, to: 150, label: both("normal", "正常")),
              .init(from: 150, to: 154, label: both("heartbeat", "心跳"), group: 2),
              .init(from: 154, to: 200, label: both("normal", "正常")),
            ]),
          .init(
            both("alarms of the three-sigma rule", "三倍标准差规则的报警"),
            events: [12, 81, 83, 84, 90, 91, 178].map { .init(at: $0, group: 2) }),
        ], groups: [both("normal", "正常"), both("takeover", "盗号"), both("alarm", "报警")]))
  }

  static var surprise: Chart {
    let names = ["login", "view", "view", "search", "view", "cart", "coupon", "pay"]
    return Chart(
      title: both("One session as a strip", "一个会话的条带"), xLabel: both("second", "秒"),
      content: .strips([
        .init(
          both("events", "事件"),
          events: names.enumerated().map {
            .init(at: Double($0.offset * $0.offset), label: LocalizedText($0.element), group: $0.offset % 3)
          })
      ]))
  }

  static var embedding: Chart {
    let names = ["login", "view", "search", "cart", "coupon", "pay", "refund", "logout"]
    let zh = ["登录", "浏览", "搜索", "加购", "领券", "付款", "退款", "登出"]
    let places = zip(noise(8, seed: 21), noise(8, seed: 22)).map { Chart.Point(4 * $0, 3 * $1) }
    return Chart(
      title: both("Event embeddings in two dimensions", "二维事件嵌入"), xLabel: both("first component", "第一主成分"),
      yLabel: both("second component", "第二主成分"),
      content: .scatter([
        .init(
          both("before the purchase", "购买前"), points: Array(places.prefix(4)),
          labels: zip(names, zh).prefix(4).map { both($0, $1) }),
        .init(
          both("after it", "购买后"), points: Array(places.suffix(4)),
          labels: zip(names, zh).suffix(4).map { both($0, $1) }),
      ]))
  }

  static var decision: Chart {
    let field = (0..<30).map { row in
      (0..<40).map { column -> Double in
        let (x, y) = (Double(column), Double(row))
        let logit: Double = x / 5 - 5 + 0.8 * sin(y / 4) + y / 15
        return 1 / (1 + exp(-logit))
      }
    }
    return Chart(
      title: both("Score of a classifier and the two groups", "分类器的得分与两组样本"), xLabel: both("dwell time", "停留时间"),
      yLabel: both("price spread", "价格离散度"),
      content: .scatter(
        [
          .init(both("human", "真人"), points: cloud(150, seed: 31, x: -1.6, y: 0), hasEllipse: true),
          .init(both("bot", "机器人"), points: cloud(150, seed: 32, x: 1.8, y: 0.4), hasEllipse: true),
          .init(both("coupon abuse", "薅羊毛"), points: cloud(60, seed: 33, x: 0, y: -1.6)),
        ], field: .init(values: field, x: -4...4, y: -3...3, boundary: 0.5)))
  }

  static var histogram: Chart {
    .histogram(
      title: both("Scores of normal and attacked sessions", "正常会话与受攻击会话的得分"), xLabel: both("anomaly score", "异常得分"),
      samples: [
        (both("normal", "正常"), normal(900, seed: 5, mean: 0.35, deviation: 0.1)),
        (both("attacked", "受攻击"), normal(120, seed: 6, mean: 0.62, deviation: 0.12) + [.nan]),
      ], marks: [.vertical(x: 0.5, label: both("threshold", "阈值"))])
  }

  static var boxes: Chart {
    .boxes(
      title: both("Session length by persona", "各用户画像的会话长度"), xLabel: both("events in a session", "会话事件数"),
      samples: [
        (both("window shopper", "只逛不买"), normal(80, seed: 7, mean: 12, deviation: 4)),
        (both("bargain hunter", "比价者"), normal(80, seed: 8, mean: 20, deviation: 6)),
        (both("loyal buyer", "忠实买家"), normal(80, seed: 9, mean: 9, deviation: 2)),
        (both("bot", "机器人"), normal(80, seed: 10, mean: 33, deviation: 1) + [8, 52]),
      ])
  }

  static var intervals: Chart {
    Chart(
      title: both("Estimated value of five policies, with 95 % intervals", "五个策略的估计价值及 95% 区间"),
      xLabel: both("value of a session in yuan", "每会话价值（元）"),
      content: .distributions(
        [
          .init(both("logged policy", "日志策略"), middle: 2.1, low: 2.0, high: 2.2),
          .init(both("greedy", "贪心"), middle: 2.6, low: 2.1, high: 3.2),
          .init(both("always a coupon of 15 %", "总发八五折券"), middle: 1.2, low: 0.9, high: 1.6),
          .init(both("doubly robust", "双重稳健"), middle: 2.9, low: 2.6, high: 3.1),
          .init(both("five seeds of DQN", "DQN 的五个种子"), points: [2.2, 2.7, 2.8, 2.9, 3.3]),
        ], marks: [.vertical(x: 2.8, label: both("true value of the best", "最优策略的真实价值"))]))
  }

  static var calibration: Chart {
    let probabilities = noise(3000, seed: 12).map { pow($0 + 0.5, 1.5) }
    let draws = noise(3000, seed: 13).map { $0 + 0.5 }
    let labels = zip(probabilities, draws).map { $1 < $0 * $0 }
    return .calibration(models: [
      (both("raw score", "原始得分"), probabilities, labels),
      (both("isotonic regression", "保序回归"), probabilities.map { $0 * $0 }, labels),
    ])
  }

  static var fan: Chart {
    let steps = (0..<36).map(Double.init)
    let season = { (month: Double) -> Chart.Point in
      let swing = 18 * sin(month / 6 * Double.pi)
      return Chart.Point(month, 100 + 2 * month + swing)
    }
    let past = steps.map(season)
    let future = (35..<60).map { season(Double($0)) }
    let band = { (width: Double) -> Chart.Band in
      let halves = future.map { width * ($0.x - 35).squareRoot() }
      return Chart.Band(low: zip(future, halves).map { $0.y - $1 }, high: zip(future, halves).map { $0.y + $1 })
    }
    return Chart(
      title: both("Passengers: a forecast with 80 % and 95 % bands", "航空旅客：预测及 80% 与 95% 区间"),
      xLabel: both("month", "月"), yLabel: both("thousand passengers", "千人次"),
      content: .lines([
        .init(both("seen", "观测"), points: past),
        .init(both("forecast", "预测"), points: future, style: .dashed, bands: [band(10), band(6)]),
      ]))
  }

  static var errorBars: Chart {
    let rates = [0.05, 0.1, 0.2, 0.4, 0.8]
    let values = [0.93, 0.9, 0.86, 0.74, 0.52]
    return Chart(
      title: both("AUC over the share of missing events, five seeds each", "AUC 随缺失比例的变化，各五个种子"),
      xLabel: both("share of missing events", "事件缺失比例"), yLabel: LocalizedText("AUC"),
      content: .lines([
        .init(
          both("forward fill", "前向填充"), points: zip(rates, values).map { .init($0, $1) }, style: .points,
          bands: [.init(low: values.map { $0 - 0.04 }, high: values.map { $0 + 0.03 })]),
        .init(
          both("mask and delay", "掩码加时延"), points: zip(rates, values).map { .init($0, $1 + 0.05) }, style: .points,
          bands: [.init(low: values.map { $0 + 0.03 }, high: values.map { $0 + 0.08 })]),
      ]))
  }

  static var stacked: Chart {
    Chart(
      title: both("Error of polynomials in its parts", "多项式误差的分解"), xLabel: both("degree", "次数"),
      yLabel: both("squared error", "平方误差"),
      content: .bars(
        categories: (1...8).map { LocalizedText("\($0)") },
        groups: [
          .init(both("bias²", "偏差²"), values: (1...8).map { 1 / Double($0 * $0) }),
          .init(both("variance", "方差"), values: (1...8).map { 0.015 * Double($0 * $0) }),
          .init(both("noise", "噪声"), values: [Double](repeating: 0.2, count: 8)),
        ], isStacked: true))
  }

  static var seeds: Chart {
    Chart(
      title: both("Test accuracy with the spread of ten seeds", "测试准确率及十个种子的波动"), yLabel: both("accuracy", "准确率"),
      content: .bars(
        categories: [both("pixels", "像素"), both("transfer", "迁移"), both("transfer + graph", "迁移加图")],
        groups: [
          .init(
            both("one label", "每类一个标签"), values: [0.41, 0.68, 0.77],
            errors: .init(low: [0.37, 0.6, 0.73], high: [0.45, 0.75, 0.8])),
          .init(
            both("five labels", "每类五个标签"), values: [0.73, 0.86, 0.89],
            errors: .init(low: [0.7, 0.84, 0.88], high: [0.76, 0.88, 0.9])),
        ]))
  }

  static var diverging: Chart {
    let names = ["views", "carts", "pays", "dwell", "night", "price"]
    let zh = ["浏览", "加购", "付款", "停留", "夜间", "价格"]
    var values = [[Double]](repeating: [Double](repeating: 1, count: 6), count: 6)
    for row in 0..<6 {
      for column in 0..<row {
        values[row][column] = 0.9 * sin(Double(row * column + row + column))
        values[column][row] = values[row][column]
      }
    }
    let features = zip(names, zh).map { both($0, $1) }
    return Chart(
      title: both("Correlations of six features", "六个特征的相关系数"),
      content: .heatmap(
        values: values, rows: features, columns: features, showsValues: true, isDiverging: true))
  }

  static var attention: Chart {
    let names = ["login", "search", "view", "view", "cart", "coupon", "pay"]
    let zh = ["登录", "搜索", "浏览", "浏览", "加购", "领券", "付款"]
    let events = zip(names, zh).map { both($0, $1) }
    let weights = (0..<7).map { query -> [Double] in
      let scores = (0..<7).map { key -> Double in exp(sin(Double(3 * query + key))) }
      let sum = scores.prefix(query + 1).reduce(0, +)
      return (0..<7).map { $0 <= query ? scores[$0] / sum : .nan }
    }
    return .attention(
      title: both("Causal attention of one head", "一个头的因果注意力"), weights: weights, queries: events, keys: events)
  }

  static var policy: Chart {
    let actions = [
      both("nothing", "不动作"), both("recommend", "推荐"), both("5 % coupon", "九五折券"), both("15 % coupon", "八五折券"),
    ]
    return Chart(
      title: both("What the learned policy does", "学到的策略怎么做"), xLabel: both("step of the session", "会话步骤"),
      yLabel: both("interest and price sensitivity", "兴趣与价格敏感度"),
      content: .grid(
        cells: (0..<6).map { row in
          (0..<6).map { column in
            let action = (row * column + row) / 2 % 4
            return .init(actions[action], group: action, isHighlighted: row == 2 && column == 3)
          }
        },
        rows: ["low, not", "low, very", "medium, not", "medium, very", "high, not", "high, very"].enumerated().map {
          both(
            $0.element + " sensitive",
            ["低，不敏感", "低，敏感", "中，不敏感", "中，敏感", "高，不敏感", "高，敏感"][$0.offset])
        }, columns: (0..<6).map { LocalizedText("\($0)") }, groups: actions))
  }

  static var walk: Chart {
    Chart(
      title: both("Greedy walk through eight times eight pages", "八乘八页面上的贪心路径"),
      content: .grid(
        cells: (0..<8).map { row in
          (0..<8).map { column in
            if row == 7 && column == 7 { return .init(both("pay", "付款"), group: 1, isHighlighted: true) }
            if (row * 8 + column) % 11 == 5 { return .init(group: 0) }
            return .init(arrow: row == 7 || (column < 7 && (row + column) % 2 == 0) ? .right : .down)
          }
        }, rows: [], columns: [], groups: [both("dead end", "死路"), both("goal", "目标")]))
  }

  static var tokens: Chart {
    let words = ["the", "delivery", "is", "slow", "but", "the", "sound", "is", "brilliant", "and", "cheap"]
    let zh = ["配送", "太", "慢", "，", "但是", "音质", "非常", "出色", "而且", "便宜", "。"]
    return Chart(
      title: both("What the model attends to, asked about two aspects", "针对两个方面提问时模型注意什么"),
      content: .tokens([
        .init(
          both("asked about: delivery", "问：配送"),
          tokens: zip(words, zh).enumerated().map {
            .init(both($0.element.0, $0.element.1), weight: exp(-abs(Double($0.offset) - 2.5)))
          }),
        .init(
          both("asked about: sound", "问：音质"),
          tokens: zip(words, zh).enumerated().map {
            .init(both($0.element.0, $0.element.1), weight: exp(-abs(Double($0.offset) - 7) / 1.5))
          }),
      ]))
  }

  static var dendrogram: Chart {
    let names = ["login", "view", "search", "cart", "coupon", "pay", "refund", "logout"]
    let zh = ["登录", "浏览", "搜索", "加购", "领券", "付款", "退款", "登出"]
    return Chart(
      title: both("Events that occur in the same sessions", "出现在相同会话里的事件"),
      content: .dendrogram(
        leaves: zip(names, zh).map { both($0, $1) },
        merges: [
          .init(1, 2, height: 0.2), .init(0, 7, height: 0.3), .init(3, 5, height: 0.35), .init(10, 4, height: 0.5),
          .init(8, 11, height: 0.8), .init(9, 6, height: 1.1), .init(12, 13, height: 1.4),
        ], cut: 0.7))
  }

  /// A chain and pairs of 300 leaves.
  static var largeDendrogram: Chart {
    let heights = noise(299, seed: 40).map { $0 + 0.5 }.sorted()
    return Chart(
      title: both("Three hundred users by their daily rhythm", "三百名用户按作息聚类"),
      content: .dendrogram(
        leaves: (0..<300).map { both("user \($0)", "用户 \($0)") },
        merges: (0..<299).map { .init(2 * $0, 2 * $0 + 1, height: heights[$0]) }, cut: 0.93))
  }

  static var tree: Chart {
    let yes = both("yes", "是")
    let no = both("no", "否")
    return Chart(
      title: both("A decision tree for bots", "识别机器人的决策树"),
      content: .tree([
        .init(both("seconds between events ≤ 1.2?", "事件间隔 ≤ 1.2 秒？")),
        .init(both("distinct items ≤ 3?", "不同商品数 ≤ 3？"), parent: 0, branch: yes),
        .init(both("night share ≤ 0.8?", "夜间占比 ≤ 0.8？"), parent: 0, branch: no),
        .init(both("brushing, 41 of 44", "刷单，44 中 41"), parent: 1, branch: yes, group: 1),
        .init(both("bot, 130 of 131", "机器人，131 中 130"), parent: 1, branch: no, group: 2),
        .init(both("human, 802 of 820", "真人，820 中 802"), parent: 2, branch: yes, group: 0),
        .init(both("coupon used?", "用了券？"), parent: 2, branch: no),
        .init(both("coupon abuse, 12 of 19", "薅羊毛，19 中 12"), parent: 6, branch: yes, group: 3),
        .init(both("human, 55 of 61", "真人，61 中 55"), parent: 6, branch: no, group: 0),
      ]))
  }

  static var communities: Chart {
    guard case .graph(let nodes, let links, _) = largeGraph.content else { return largeGraph }
    return Chart(
      title: both("Accounts and the rings that were found", "账号与发现的团伙"),
      content: .graph(
        nodes: nodes, links: links,
        groups: [both("honest", "正常"), both("ring A", "团伙 A"), both("ring B", "团伙 B"), both("ring C", "团伙 C")]))
  }

  static var manyCurves: Chart {
    .history(
      title: both("Held-out loss of eight regularisers", "八种正则化的验证损失"),
      curves: (0..<8).map { index in
        let values = (0..<30).map { epoch -> Double in
          let fall = exp(-Double(epoch) / Double(3 + index))
          return 1 + Double(index) * 0.1 + fall
        }
        return (both("regulariser \(index)", "正则化 \(index)"), values)
      })
  }
}
