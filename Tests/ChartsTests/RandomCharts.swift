import Foundation

@testable import Charts

/// Charts of every kind from a seed, with data and labels of every kind.
struct RandomCharts {
  /// What the numbers are like.
  enum Data: String, CaseIterable {
    case ordinary, constant, negative, huge, tiny, broken
  }

  /// What the labels are like.
  enum Labels: String, CaseIterable {
    case short, long, empty
  }

  var state: UInt64
  let data: Data
  let labels: Labels
  /// How many points, rows or nodes there are.
  let count: Int

  init(seed: UInt64, data: Data, labels: Labels, count: Int) {
    state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    self.data = data
    self.labels = labels
    self.count = count
  }

  /// A number from 0 to 1.
  mutating func part() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 33) / Double(1 << 31)
  }

  mutating func index(below limit: Int) -> Int { min(Int(part() * Double(limit)), max(limit - 1, 0)) }

  mutating func value() -> Double {
    let part = part()
    switch data {
    case .ordinary: return 10 * part - 3
    case .constant: return 7.25
    case .negative: return -1000 * part - 1
    case .huge: return (part - 0.5) * 3e299
    case .tiny: return part * 1e-12
    case .broken: return part < 0.2 ? [.nan, .infinity, -.infinity, 1e308, -1e308][Int(part * 25)] : 5 * part
    }
  }

  mutating func values(_ count: Int) -> [Double] {
    var values: [Double] = []
    for _ in 0..<count { values.append(value()) }
    return values
  }

  mutating func points(_ count: Int) -> [Chart.Point] {
    zip(values(count), values(count)).map { Chart.Point($0, $1) }
  }

  mutating func label(_ number: Int) -> LocalizedText {
    switch labels {
    case .empty: return LocalizedText("")
    case .short: return LocalizedText(en: "item \(number)", zh: "第 \(number) 项")
    case .long:
      let words = ["session", "ofAVeryLongIdentifierWithoutAnySpaceInIt", "W", "coupon & <abuse>", "mmmmm", "i"]
      let zh = ["会话", "非常长而且完全没有空格的一个名称", "盗号", "薅羊毛（优惠券）", "，", "的"]
      var (english, chinese) = ("\(number)", "\(number)")
      for _ in 0..<3 + index(below: 8) {
        english += " " + words[index(below: words.count)]
        chinese += zh[index(below: zh.count)]
      }
      return LocalizedText(en: english, zh: chinese)
    }
  }

  mutating func labels(_ count: Int) -> [LocalizedText] {
    var result: [LocalizedText] = []
    for number in 0..<count { result.append(label(number)) }
    return result
  }

  /// One chart of each kind.
  mutating func all() -> [Chart] {
    let contents = [
      lines(), scatter(), bars(), distributions(), calibration(), strips(), heatmap(), grid(), tokens(), images(),
      graph(), dendrogram(), tree(),
    ]
    var charts = contents.map { content in
      let kind = String("\(content)".prefix { $0 != "(" })
      return Chart(title: LocalizedText(en: kind, zh: kind), xLabel: label(1), yLabel: label(2), content: content)
    }
    charts.append(
      .histogram(title: LocalizedText("histogram"), xLabel: label(1), samples: [(label(2), values(count))]))
    charts.append(
      .boxes(title: LocalizedText("boxes"), xLabel: label(1), samples: [(label(2), values(count)), (label(3), [])]))
    return charts
  }

  private mutating func lines() -> Chart.Content {
    let series = (0..<3).map { number -> Chart.Series in
      let values = values(count)
      return Chart.Series(
        label(number), values: values, style: [.solid, .dashed, .points][index(below: 3)],
        bands: [Chart.Band(low: values.map { $0 - 1 }, high: values.map { $0 + 1 })])
    }
    return .lines(
      series, axes: Chart.Axes(logarithmicY: part() < 0.3),
      marks: [
        .vertical(x: value(), label: label(7)), .horizontal(y: value(), label: label(8)),
        .interval(from: value(), to: value(), label: label(9)),
      ])
  }

  private mutating func scatter() -> Chart.Content {
    let share = count / 2
    let first = points(share)
    let second = points(count - share)
    var field: [[Double]] = []
    for _ in 0..<9 { field.append(values(11)) }
    return .scatter(
      [
        .init(label(0), points: first, labels: labels(share), hasEllipse: true),
        .init(label(1), points: second, hasEllipse: true),
      ], field: part() < 0.5 ? nil : .init(values: field, x: -3...7, y: -3...7, boundary: value()))
  }

  private mutating func bars() -> Chart.Content {
    let values = values(count)
    return .bars(
      categories: labels(count),
      groups: [
        .init(label(0), values: values, errors: .init(low: values.map { $0 - 1 }, high: values.map { $0 + 1 })),
        .init(label(1), values: self.values(count)),
      ], isStacked: part() < 0.5)
  }

  private mutating func distributions() -> Chart.Content {
    var rows: [Chart.Distribution] = []
    for number in 0..<count {
      rows.append(
        part() < 0.5
          ? .init(label(number), middle: value(), low: value(), high: value())
          : .init(label(number), sample: values(index(below: 9))))
    }
    return .distributions(
      rows, marks: [.vertical(x: value(), label: label(1)), .vertical(x: value(), label: label(2))])
  }

  private mutating func calibration() -> Chart.Content {
    let probabilities = values(count).map { $0 / 7 }
    var truths: [Bool] = []
    for _ in 0..<count { truths.append(part() < 0.5) }
    let bins = (0..<min(count, 50)).map { _ in
      Chart.Calibration.Bin(predicted: part(), observed: value(), count: index(below: 1000))
    }
    return .calibration([
      .init(label(0), probabilities: probabilities, labels: truths), .init(label(1), bins: bins),
    ])
  }

  private mutating func strips() -> Chart.Content {
    var strips: [Chart.Strip] = []
    let rows = count > 100 ? 3 : min(count, 6)
    for row in 0..<rows {
      let share = count / rows
      var intervals: [Chart.Interval] = []
      var events: [Chart.Event] = []
      for number in 0..<share {
        let from = value()
        intervals.append(.init(from: from, to: from + part(), label: label(number), group: index(below: 9) - 1))
        events.append(.init(at: value(), label: label(number), group: index(below: 9) - 1))
      }
      strips.append(
        .init(
          label(row), points: part() < 0.6 ? points(share) : [], intervals: intervals, events: events,
          threshold: value()))
    }
    if count == 50 { strips += (0..<50).map { .init(label($0), values: [1, 2]) } }
    return .strips(strips, groups: labels(3))
  }

  private mutating func heatmap() -> Chart.Content {
    let side = Int(Double(count).squareRoot())
    var rows: [[Double]] = []
    for _ in 0..<side { rows.append(values(side)) }
    return .heatmap(
      values: rows, rows: labels(side), columns: labels(side), showsValues: true, isDiverging: part() < 0.5)
  }

  private mutating func grid() -> Chart.Content {
    let side = Int(Double(count).squareRoot())
    var rows: [[Chart.Cell]] = []
    for _ in 0..<side {
      var row: [Chart.Cell] = []
      for number in 0..<index(below: side) + 1 {
        row.append(
          .init(
            label(number), arrow: part() < 0.4 ? Chart.Cell.Arrow.allCases[index(below: 4)] : nil,
            group: part() < 0.5 ? index(below: 12) - 1 : nil, isHighlighted: part() < 0.1))
      }
      rows.append(row)
    }
    return .grid(cells: rows, rows: labels(side), columns: labels(side), groups: labels(4))
  }

  private mutating func tokens() -> Chart.Content {
    var tokens: [Chart.Token] = []
    for number in 0..<count { tokens.append(.init(label(number), weight: value())) }
    return .tokens([.init(label(0), tokens: tokens), .init(label(1), tokens: Array(tokens.prefix(9)))])
  }

  private mutating func images() -> Chart.Content {
    var pictures: [Chart.Picture] = []
    for number in 0..<count {
      pictures.append(.init(width: 2, height: 2, pixels: values(4).map { Float($0) }, caption: label(number)))
    }
    return .images(pictures, columns: index(below: 12) + 1)
  }

  private mutating func graph() -> Chart.Content {
    var links: [Chart.Link] = []
    for _ in 0..<count { links.append(.init(from: index(below: count), to: index(below: count + 1))) }
    let nodes = labels(count).map { Chart.Node($0, group: index(below: 9) - 1, isHighlighted: part() < 0.05) }
    return .graph(nodes: nodes, links: links, groups: labels(3))
  }

  private mutating func dendrogram() -> Chart.Content {
    // Some merges make no sense: their parts may be gone, the same, or yet to come.
    var open = Array(0..<count)
    var merges: [Chart.Merge] = []
    while open.count > 1 {
      let first = open.remove(at: index(below: min(open.count, 40)))
      let second = open.remove(at: index(below: min(open.count, 40)))
      open.append(count + merges.count)
      merges.append(.init(first, second, height: value()))
    }
    merges += [.init(-1, 0, height: 1), .init(0, 0, height: 1), .init(.max, 1, height: 1)]
    return .dendrogram(leaves: labels(count), merges: merges, cut: part() < 0.3 ? nil : value())
  }

  private mutating func tree() -> Chart.Content {
    let isChain = part() < 0.3
    var nodes: [Chart.TreeNode] = []
    for number in 0..<count {
      let parent = isChain ? number - 1 : index(below: number + 1) - (part() < 0.05 ? 0 : 1)
      nodes.append(
        .init(
          label(number), parent: parent, branch: label(number), group: part() < 0.5 ? index(below: 9) - 1 : nil))
    }
    return .tree(nodes)
  }
}
