/// One bar a category and group, side by side or stacked.
struct BarChart {
  let categories: [LocalizedText]
  let groups: [Chart.BarGroup]
  let isStacked: Bool
  let labels: (x: String, y: String)
  let language: Language
  /// How many neighbours share a bar, which then shows the one farthest from zero.
  let step: Int
  private let categoryCount: Int

  init(
    categories: [LocalizedText], groups: [Chart.BarGroup], isStacked: Bool = false, labels: (x: String, y: String),
    language: Language
  ) {
    // More bars than pixels could not be told apart.
    let step = max(1, (categories.count * max(isStacked ? 1 : groups.count, 1) + 599) / 600)
    self.step = step
    categoryCount = categories.count
    self.isStacked = isStacked
    self.labels = labels
    self.language = language
    guard step > 1 else {
      self.categories = categories
      self.groups = groups
      return
    }
    let starts = stride(from: 0, to: categories.count, by: step)
    self.categories = starts.map { categories[$0] }
    self.groups = groups.map { group in
      let picks = starts.map { start in
        (start..<min(start + step, group.values.count, categories.count)).max { first, second in
          let sizes = [group.values[first], group.values[second]].map { $0.isFinite ? abs($0) : -1 }
          return sizes[0] < sizes[1]
        }
      }
      return Chart.BarGroup(group.name, values: picks.map { $0.map { group.values[$0] } ?? .nan })
    }
  }

  /// A bar's height, or nil where there is none.
  func height(group: Int, category: Int) -> Double? {
    let values = groups[group].values
    guard values.indices.contains(category), Scale.isDrawable(values[category], isLogarithmic: false) else {
      return nil
    }
    return values[category]
  }

  /// The ends of a bar's error bar, if it has one.
  func error(group: Int, category: Int) -> (low: Double, high: Double)? {
    guard !isStacked, let errors = groups[group].errors, errors.low.indices.contains(category),
      [errors.low[category], errors.high[category]].allSatisfy({ Scale.isDrawable($0, isLogarithmic: false) })
    else { return nil }
    return (errors.low[category], errors.high[category])
  }

  /// The heights that can be drawn.
  var heights: [Double] {
    groups.indices.flatMap { group in categories.indices.compactMap { height(group: group, category: $0) } }
  }

  /// Where a stacked bar begins: the sum of those of its sign below it.
  func base(group: Int, category: Int) -> Double {
    guard isStacked, let own = height(group: group, category: category) else { return 0 }
    return (0..<group).reduce(0) { sum, below in
      let height = height(group: below, category: category) ?? 0
      return (height < 0) == (own < 0) ? sum + height : sum
    }
  }

  /// The axis of heights, which always holds zero.
  var scale: Scale {
    guard !heights.isEmpty else { return Scale(fitting: [], margin: .tick) }
    var ends = [0.0]
    for group in groups.indices {
      for category in categories.indices {
        guard let height = height(group: group, category: category) else { continue }
        ends.append(base(group: group, category: category) + height)
        if let error = error(group: group, category: category) { ends += [error.low, error.high] }
      }
    }
    return Scale(fitting: ends, margin: .tick)
  }
}

extension BarChart: Figure {
  func draw(on canvas: inout Canvas, from top: Double) -> Double { canvas.draw(self, from: top) }

  var notes: [String] {
    let lost = groups.reduce(0) { count, group in
      count + group.values.prefix(categories.count).count { !Scale.isDrawable($0, isLogarithmic: false) }
    }
    let merged =
      step > 1
      ? [
        LocalizedText(
          en: "Each bar shows the one of \(step) neighbours that is farthest from zero; there are \(categoryCount).",
          zh: "每个条形代表相邻 \(step) 项中离零最远的一项；共 \(categoryCount) 项。")[language]
      ] : []
    return merged + Phrase.skipped(lost, language)
  }

  var summary: String {
    let parts = groups.indices.map { group in
      let values = categories.indices.prefix(12).map { category in
        "\(categories[category][language]) \(Numbers.compact(height(group: group, category: category) ?? .nan))"
      }
      let more = categories.count > 12 ? ", …" : ""
      let name = groups[group].name[language]
      return (name.isEmpty ? "" : name + ": ") + values.joined(separator: ", ") + more
    }
    let kind =
      isStacked ? LocalizedText(en: "Stacked bar chart", zh: "堆叠条形图") : LocalizedText(en: "Bar chart", zh: "条形图")
    return LocalizedText(
      en: "\(kind.en). \(Phrase.list(parts, language)).", zh: "\(kind.zh)。\(Phrase.list(parts, language))。")[language]
  }
}

extension Canvas {
  /// Draws bars with axes and legend.
  ///
  /// - Returns: the lower edge.
  mutating func draw(_ chart: BarChart, from top: Double) -> Double {
    let scale = chart.scale
    let entries =
      chart.groups.count < 2
      ? []
      : chart.groups.enumerated().map { index, group in
        LegendEntry(
          name: group.name[chart.language], style: LineChart.fillStyle(index),
          sign: .square(symbol: chart.isStacked ? index : nil))
      }
    var y = legend(entries, from: top)
    y = verticalAxisLabel(chart.labels.y, from: y) + 10
    let yTicks = scale.ticks(6)
    let left = Canvas.room(for: yTicks)
    let frame = Box(x: left, y: y, width: Canvas.width - left - 24, height: 300)
    verticalTicks(yTicks, frame: frame)

    let pitch = frame.width / Double(max(chart.categories.count, 1))
    let names = chart.categories.map { $0[chart.language] }
    let centres = names.indices.map { frame.x + (Double($0) + 0.5) * pitch }
    let groups = Double(chart.isStacked ? 1 : max(chart.groups.count, 1))
    let barWidth = min(pitch * 0.8 / groups, 64)
    let zero = frame.bottom - (scale.position(0) ?? 0) * frame.height
    let values = chart.heights
    let valueTexts = Numbers.aligned(values)
    let size = 11.0
    let widest = valueTexts.map { TextMeasure.pixels(size: size).width(of: $0) }.max() ?? 0
    let showsValues =
      !chart.isStacked && chart.groups.allSatisfy { $0.errors == nil }
      && widest <= max(barWidth, groups == 1 ? pitch - 6 : 0)

    var next = 0
    for (groupIndex, group) in chart.groups.enumerated() {
      for (index, centre) in centres.enumerated() {
        guard let height = chart.height(group: groupIndex, category: index), let position = scale.position(height)
        else { continue }
        let valueText = valueTexts[next]
        next += 1
        let base = chart.base(group: groupIndex, category: index)
        let start = frame.bottom - (scale.position(base) ?? 0) * frame.height
        let end =
          chart.isStacked
          ? frame.bottom - (scale.position(base + height) ?? 0) * frame.height
          : frame.bottom - position * frame.height
        let x = centre + (chart.isStacked ? -0.5 : Double(groupIndex) - groups / 2) * barWidth
        let gap = min(1.5, barWidth * 0.1)
        let box = Box(x: x + gap, y: min(start, end), width: barWidth - 2 * gap, height: max(abs(start - end), 0.5))
        let tip = [names[index], group.name[chart.language]].filter { !$0.isEmpty }.joined(separator: ", ")
        rectangle(box, style: LineChart.fillStyle(groupIndex), tip: "\(tip): \(Numbers.compact(height))")
        if chart.isStacked, box.height >= 12, box.width >= 12 {
          // The sign tells the parts apart where colour does not.
          shape(
            Symbol.path(groupIndex, x: box.x + box.width / 2, y: box.y + box.height / 2, radius: 3.4), style: "paper")
        }
        if let error = chart.error(group: groupIndex, category: index),
          let low = scale.position(error.low), let high = scale.position(error.high)
        {
          let (middle, cap) = (x + barWidth / 2, min(4, barWidth / 3))
          let ends = [low, high].map { frame.bottom - $0 * frame.height }
          line(middle, ends[0], middle, ends[1], style: "ring")
          for end in ends { line(middle - cap, end, middle + cap, end, style: "ring") }
        }
        if showsValues {
          let baseline = height < 0 ? end + size + 2 : end - 4
          text(
            valueText, x: x + barWidth / 2, baseline: baseline, size: size, anchor: .middle, style: "halo",
            role: .value)
        }
      }
    }
    line(frame.x, frame.y, frame.x, frame.bottom, style: "axis")
    line(frame.x, zero, frame.right, zero, style: "axis")
    if values.isEmpty { emptyNote(in: frame, language: chart.language) }
    // Values below the lowest bars may reach below the frame.
    let hasNegative = showsValues && values.contains { $0 < 0 }
    y = categoryLabels(names, centres: centres, pitch: pitch, from: frame.bottom + (hasNegative ? 14 : 2))
    return horizontalAxisLabel(chart.labels.x, middle: frame.x + frame.width / 2, from: y)
  }
}
