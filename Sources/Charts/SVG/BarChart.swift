/// One bar a category and group.
struct BarChart {
  let categories: [LocalizedText]
  let groups: [Chart.BarGroup]
  let labels: (x: String, y: String)
  let language: Language

  /// A bar's height, or nil where there is none.
  func height(group: Int, category: Int) -> Double? {
    let values = groups[group].values
    guard values.indices.contains(category), Scale.isDrawable(values[category], isLogarithmic: false) else {
      return nil
    }
    return values[category]
  }

  /// The heights that can be drawn.
  var heights: [Double] {
    groups.indices.flatMap { group in categories.indices.compactMap { height(group: group, category: $0) } }
  }

  /// The axis of heights, which always holds zero.
  var scale: Scale {
    Scale(fitting: heights.isEmpty ? [] : heights + [0], margin: .tick)
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
        LegendEntry(name: group.name[chart.language], style: LineChart.fillStyle(index), sign: .square)
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
    let groups = Double(max(chart.groups.count, 1))
    let barWidth = min(pitch * 0.8 / groups, 64)
    let zero = frame.bottom - (scale.position(0) ?? 0) * frame.height
    let values = chart.heights
    let valueTexts = Numbers.aligned(values)
    let size = 11.0
    let widest = valueTexts.map { TextMeasure.pixels(size: size).width(of: $0) }.max() ?? 0
    let showsValues = widest <= max(barWidth, groups == 1 ? pitch - 6 : 0)

    var next = 0
    for (groupIndex, group) in chart.groups.enumerated() {
      for (index, centre) in centres.enumerated() {
        guard let height = chart.height(group: groupIndex, category: index), let position = scale.position(height)
        else { continue }
        let valueText = valueTexts[next]
        next += 1
        let end = frame.bottom - position * frame.height
        let x = centre + (Double(groupIndex) - groups / 2) * barWidth
        let gap = min(1.5, barWidth * 0.1)
        let box = Box(x: x + gap, y: min(zero, end), width: barWidth - 2 * gap, height: max(abs(zero - end), 0.5))
        let tip = [names[index], group.name[chart.language]].filter { !$0.isEmpty }.joined(separator: ", ")
        rectangle(box, style: LineChart.fillStyle(groupIndex), tip: "\(tip): \(Numbers.compact(height))")
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
