import Foundation

@testable import Charts

/// Charts and reports that the tests draw.
enum Samples {
  static func both(_ en: String, _ zh: String) -> LocalizedText { LocalizedText(en: en, zh: zh) }

  /// A small generator, so that samples look like data.
  static func noise(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 31) - 0.5
    }
  }

  /// Ordinary charts, one or more of each kind.
  static var ordinary: [Chart] {
    [roc, precisionRecall, history, logarithmic, anomalies, scatter, bars, signedBars, manyBars, confusion, wide]
      + [correlations, pictures, graph, largeGraph] + newer
  }

  static var roc: Chart {
    let steps = (0...20).map { Double($0) / 20 }
    return .roc(curves: [
      (both("isolation forest", "孤立森林"), steps, steps.map { pow($0, 0.25) }),
      (both("always the majority", "总猜多数类"), [0, 1], [0, 1]),
      (both("three-sigma rule on the session length", "会话长度的三倍标准差规则"), steps, steps.map { pow($0, 0.6) }),
    ])
  }

  static var precisionRecall: Chart {
    let steps = (0...20).map { Double($0) / 20 }
    return .precisionRecall(
      curves: [(both("autoencoder", "自编码器"), steps, steps.map { 1 - 0.7 * $0 * $0 })], baseRate: 0.12)
  }

  static var history: Chart {
    let loss = noise(40).enumerated().map { 2 * exp(-Double($0.offset) / 9) + 0.2 + 0.08 * $0.element }
    let held = noise(40, seed: 3).enumerated().map { 2 * exp(-Double($0.offset) / 9) + 0.35 + 0.12 * $0.element }
    return .history(
      title: both(
        "Loss of a stacked LSTM: training falls on while the held-out loss stays", "堆叠 LSTM 的损失：训练损失继续下降，验证损失不再下降"),
      curves: [(both("training", "训练"), loss), (both("held out", "验证"), held)])
  }

  static var logarithmic: Chart {
    let points = (0...30).map { Chart.Point(pow(10, Double($0) / 10), 3e-6 * pow(10, Double($0) / 6)) }
    return Chart(
      title: both("Time of attention grows with the square of the length", "注意力的时间随长度的平方增长"),
      xLabel: both("sequence length", "序列长度"), yLabel: both("seconds", "秒"),
      content: .lines(
        [
          .init(both("measured", "实测"), points: points, style: .points),
          .init(both("theory", "理论"), points: points, style: .dashed),
        ], axes: .init(logarithmicX: true, logarithmicY: true)))
  }

  static var anomalies: Chart {
    let values = noise(400).enumerated().map { 10 + 4 * $0.element + ((180...205).contains($0.offset) ? 9 : 0) }
    return Chart(
      title: both("Events per minute, with the labelled attack", "每分钟事件数，以及标注的攻击"),
      xLabel: both("minute", "分钟"), yLabel: both("events per minute", "每分钟事件数"),
      content: .lines(
        [.init(both("events per minute", "每分钟事件数"), values: values)],
        marks: [
          .interval(from: 180, to: 206, label: both("attack", "攻击")),
          .horizontal(y: 16, label: both("threshold 3σ", "三倍标准差阈值")),
          .vertical(x: 300, label: both("model updated", "模型更新")),
          .vertical(x: 304, label: both("cache cleared", "清空缓存")),
        ]))
  }

  static var scatter: Chart {
    let series = (0..<9).map { group in
      let (xs, ys) = (noise(40, seed: UInt64(group * 2 + 1)), noise(40, seed: UInt64(group * 2 + 2)))
      return Chart.Series(
        both("cluster \(group + 1)", "第 \(group + 1) 簇"),
        points: zip(xs, ys).map { Chart.Point($0 + Double(group % 3), $1 + Double(group / 3)) }, style: .points)
    }
    return Chart(title: both("Nine clusters of sessions", "九簇会话"), content: .lines(series))
  }

  static var bars: Chart {
    Chart(
      title: both("F1 of three detectors on three kinds of anomaly", "三种检测器在三类异常上的 F1"), yLabel: both("F1", "F1"),
      content: .bars(
        categories: [both("bot traffic", "机器人流量"), both("account takeover", "账号盗用"), both("coupon abuse", "薅羊毛")],
        groups: [
          .init(both("rule", "规则"), values: [0.61, 0.22, 0.4]),
          .init(both("isolation forest", "孤立森林"), values: [0.78, 0.44, 0.515]),
          .init(both("autoencoder", "自编码器"), values: [0.83, 0.67, 0.702]),
        ]))
  }

  static var signedBars: Chart {
    Chart(
      title: both("Weights of a linear model", "线性模型的权重"), xLabel: both("feature", "特征"), yLabel: both("weight", "权重"),
      content: .bars(
        categories: ["duration", "clicks", "night", "countries", "cart", "age"].map { LocalizedText($0) },
        groups: [.init(both("weight", "权重"), values: [0.4, -0.31, 1.2, 0.9, -0.75, .nan])]))
  }

  static var manyBars: Chart {
    Chart(
      title: both("Permutation importance, all features", "全部特征的置换重要性"),
      content: .bars(
        categories: (0..<40).map { both("a rather long feature name \($0)", "相当长的特征名称第 \($0) 号") },
        groups: [.init(both("importance", "重要性"), values: noise(40).map { $0 + 0.4 })]))
  }

  static var confusion: Chart {
    .confusion(
      counts: [[982, 11, 0, 3], [8, 145, 12, 0], [1, 14, 88, 7], [0, 0, 9, 41]],
      classes: [both("normal", "正常"), both("bot", "机器人"), both("takeover", "盗号"), both("coupon abuse", "薅羊毛")])
  }

  static var wide: Chart {
    Chart(
      title: both("Attention of eight heads over sixty events", "八个注意力头在六十个事件上的权重"), xLabel: both("event", "事件"),
      yLabel: both("head", "头"),
      content: .heatmap(
        values: (0..<8).map { noise(60, seed: UInt64($0 + 1)).map { ($0 + 0.5) * ($0 + 0.5) } },
        rows: (0..<8).map { both("head \($0 + 1)", "第 \($0 + 1) 头") },
        columns: (0..<60).map { both("view product \($0)", "浏览商品 \($0)") }, showsValues: true))
  }

  static var correlations: Chart {
    let rows = (0..<60).map { row in
      noise(60, seed: UInt64(row + 1)).enumerated().map { $0.offset == row ? 1 : $0.element }
    }
    return Chart(
      title: both("Correlations of sixty features", "六十个特征的相关系数"),
      content: .heatmap(values: rows, rows: [], columns: [], showsValues: false))
  }

  static var pictures: Chart {
    let pictures = (0..<8).map { digit in
      let pixels = (0..<784).map { index -> Float in
        let (x, y) = (Double(index % 28) - 13.5, Double(index / 28) - 13.5)
        let distance = (x * x + y * y).squareRoot() - 4 - Double(digit) * 0.8
        return Float(exp(-distance * distance / 4))
      }
      return Chart.Picture(
        width: 28, height: 28, pixels: pixels,
        caption: both("class \(digit), predicted \(digit % 5)", "类别 \(digit)，预测为 \(digit % 5)"))
    }
    return .pictures(title: both("Reconstructions of rings", "圆环的重建"), pictures, columns: 4)
  }

  static var graph: Chart {
    let links = [
      (0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (4, 5), (5, 3), (5, 6), (6, 7), (7, 8), (8, 6), (8, 0), (9, 9), (0, 99),
    ]
    return Chart(
      title: both("Accounts that share a device", "共用设备的账号"),
      content: .graph(
        nodes: (0..<10).map {
          .init(both("account \($0)", "账号 \($0)"), group: $0 / 3, isHighlighted: $0 == 0 || $0 == 5)
        }, links: links.map { .init(from: $0.0, to: $0.1) }))
  }

  static var largeGraph: Chart {
    let picks = noise(400, seed: 9)
    let links = (0..<200).map { index in
      let group = index % 4
      return Chart.Link(
        from: Int((picks[2 * index] + 0.5) * 29) * 4 + group,
        to: Int((picks[2 * index + 1] + 0.5) * 29) * 4 + (index % 17 == 0 ? (group + 1) % 4 : group))
    }
    return Chart(
      title: both("Communities among 120 users", "120 名用户中的社区"),
      content: .graph(
        nodes: (0..<120).map { .init(both("user \($0)", "用户 \($0)"), group: $0 % 4, isHighlighted: $0 == 7) },
        links: links))
  }

  /// A chart with more, longer labels than it has room for.
  static var crowded: Chart {
    let name = { (index: Int) in
      both("a very long name that nobody can read in a legend, number \(index)", "一个谁也读不完的非常非常非常长的名称，编号第 \(index) 号")
    }
    return Chart(
      title: both(String(repeating: "A title of many words. ", count: 20), String(repeating: "很多字的标题。", count: 40)),
      xLabel: name(1), yLabel: name(2),
      content: .lines(
        (0..<12).map { .init(name($0), points: [.init(0, 0), .init(1e-7, Double($0) * 123_456_789)]) },
        axes: .init(x: 0...1e-7),
        marks: (0..<30).map { .vertical(x: Double($0) * 1e-9, label: name($0)) }
          + (0..<30).map { .horizontal(y: Double($0), label: name(100 + $0)) }))
  }

  /// A chart whose ticks have long labels, because it lies far from zero.
  static var far: Chart {
    Chart(
      title: both("Microseconds since the start", "自开始以来的微秒数"),
      content: .lines([
        .init(both("count", "计数"), points: (0...10).map { .init(12_345_678 + Double($0) / 10, -1e9 - Double($0)) })
      ]))
  }

  /// Charts whose data are missing, constant, not finite or larger than a double's range allows to subtract.
  static var hostile: [Chart] {
    let evil: [Double] = [.nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, 0, 1, -0.0]
    let title = both("<b>&\"'\u{1B}[31m</b>", "标题 </svg> ]]> &amp;")
    let lists: [[Double]] = [
      [], [5], [3, 3, 3], [.nan], [.nan, .nan], [1, .nan, 3], evil, [.leastNonzeroMagnitude, .leastNormalMagnitude],
      [1e299, -1e299],
      [1_000_000, 1_000_000.001], [1e15, 1e15 + 2], [-1, -2, -3], [0, 0],
    ]
    var charts: [Chart] = []
    for values in lists {
      for (logX, logY) in [(false, false), (true, true)] {
        charts.append(
          Chart(
            title: title, xLabel: title, yLabel: title,
            content: .lines(
              [.init(title, values: values), .init(title, points: values.map { .init($0, $0) }, style: .points)],
              axes: .init(logarithmicX: logX, logarithmicY: logY),
              marks: evil.flatMap {
                [
                  .vertical(x: $0, label: title), .horizontal(y: $0, label: title),
                  .interval(from: $0, to: 2, label: title), .diagonal(label: title),
                ]
              })))
        charts.append(
          Chart(
            title: title,
            content: .lines(
              [.init(title, values: values)],
              axes: .init(x: 0...0, y: -1...Double.leastNonzeroMagnitude, logarithmicY: logY))))
      }
      charts.append(
        Chart(
          title: title, yLabel: title,
          content: .bars(
            categories: values.map { _ in title } + [title],
            groups: [.init(title, values: values), .init(title, values: [])])))
      charts.append(
        Chart(
          title: title,
          content: .heatmap(values: [values, [], [1]], rows: [title], columns: [title, title], showsValues: true)))
      charts.append(Chart(title: title, content: .heatmap(values: [values], rows: [], columns: [], showsValues: false)))
    }
    charts += [
      Chart(title: title, content: .lines([])), Chart(title: title, content: .bars(categories: [], groups: [])),
      Chart(title: title, content: .heatmap(values: [], rows: [], columns: [], showsValues: true)),
      Chart(title: title, content: .images([], columns: 0)),
      Chart(
        title: title,
        content: .images(
          [
            .init(width: 0, height: 0, pixels: [], caption: title),
            .init(width: 2, height: 1, pixels: [.nan, .infinity], caption: title),
            .init(width: 1, height: 40, pixels: [Float](repeating: -3, count: 40)),
          ], columns: -2)),
      Chart(title: title, content: .graph(nodes: [], links: [.init(from: 0, to: 1)])),
      Chart(title: title, content: .graph(nodes: [.init(title)], links: [])),
      Chart(
        title: title,
        content: .graph(nodes: [.init(title), .init(title, group: -7)], links: [.init(from: -1, to: .max)])),
    ]
    return charts
  }

  static var table: Table {
    Table(
      caption: both("Detectors on the same held-out week", "同一留出周上的检测器"),
      columns: [both("detector", "检测器"), LocalizedText("AUC"), both("time", "时间"), both("what it sees", "它看到什么")],
      rows: [
        [
          both("three-sigma rule", "三倍标准差规则"), LocalizedText("0.71"), LocalizedText("0.2 ms"), both("one column", "一列"),
        ],
        [
          both("isolation forest", "孤立森林"), LocalizedText("0.874"), LocalizedText("31 ms"),
          both("all columns, without order", "所有列，但不看顺序"),
        ],
        [
          both("LSTM autoencoder", "LSTM 自编码器"), LocalizedText("0.952"), LocalizedText("1210 ms"),
          both("the order of events in a session, & <how long> each of them took", "会话中事件的先后顺序，以及每个事件的<时长>"),
        ],
      ], highlightedRow: 2)
  }

  static var report: Report {
    var blocks: [Report.Block] = [
      .text(
        both(
          "The reference is trained on four weeks of simulated shop sessions & judged on the fifth. A detector that always answers “normal” is right 98 % of the time, which is why accuracy says nothing here.",
          "参考实现用四周的模拟电商会话训练，并在第五周上评测。永远回答“正常”的检测器也有 98% 的准确率，所以准确率在这里说明不了任何问题。")),
      .heading(both("Result", "结果")), .table(table),
      .code("let scores = try detector.score(sessions)  // [N]\nif scores[0] < 0.5 && !isKnown { alert() }"),
      .heading(both("Charts", "图表")),
    ]
    blocks += ordinary.map { .chart($0) }
    return Report(title: both("Which detector finds the attack?", "哪个检测器发现了攻击？"), blocks: blocks)
  }
}
