/// Rows of estimates, boxes or dots over a horizontal axis.
struct DistributionChart {
  let rows: [Chart.Distribution]
  let marks: [Chart.Mark]
  let labels: (x: String, y: String)
  let language: Language

  /// The rows that are shown.
  var shown: ArraySlice<Chart.Distribution> { rows.prefix(60) }

  /// The vertical marks, the only ones that make sense here.
  var references: [(x: Double, label: String)] {
    marks.compactMap { mark in
      guard case .vertical(let x, let label) = mark, Scale.isDrawable(x, isLogarithmic: false) else { return nil }
      return (x, label[language])
    }
  }

  /// All numbers of a row.
  static func values(_ row: Chart.Distribution) -> [Double] {
    [row.middle].compactMap { $0 } + [row.whiskers, row.box].compactMap { $0 }.flatMap { $0.low + $0.high } + row.points
  }

  /// The common horizontal axis.
  var scale: Scale {
    Scale(fitting: shown.flatMap(DistributionChart.values) + references.map(\.x), margin: .slight)
  }

  var isEmpty: Bool {
    !shown.contains { DistributionChart.values($0).contains { Scale.isDrawable($0, isLogarithmic: false) } }
  }

  /// The ends of an interval, if both can be drawn.
  static func ends(_ band: Chart.Band?) -> (low: Double, high: Double)? {
    guard let low = band?.low.first, let high = band?.high.first, Scale.isDrawable(low, isLogarithmic: false),
      Scale.isDrawable(high, isLogarithmic: false)
    else { return nil }
    return (min(low, high), max(low, high))
  }

  /// The row's numbers in words: `0.87 [0.81, 0.92]`.
  static func text(_ row: Chart.Distribution) -> String {
    var parts = row.middle.map { [$0] } ?? []
    if let ends = ends(row.box) ?? ends(row.whiskers) { parts += [ends.low, ends.high] }
    let texts = Numbers.aligned(parts)
    switch (row.middle != nil, parts.count) {
    case (true, 1): return texts[0]
    case (true, 3): return "\(texts[0]) [\(texts[1]), \(texts[2])]"
    case (false, 2): return "[\(texts[0]), \(texts[1])]"
    default: return ""
    }
  }
}

extension DistributionChart: Figure {
  var notes: [String] {
    let lost = shown.reduce(0) { $0 + Self.values($1).count { !Scale.isDrawable($0, isLogarithmic: false) } }
    return Phrase.cut(to: shown.count, of: rows.count, LocalizedText(en: "rows", zh: "行"), language)
      + Phrase.skipped(lost, language)
  }

  var summary: String {
    let parts = rows.map { row in
      let text = Self.text(row)
      return row.name[language] + " " + (text.isEmpty ? Phrase.range(row.points, language) : text)
    }
    return LocalizedText(
      en: "Intervals. \(Phrase.list(parts, language, limit: 12)).",
      zh: "区间图。\(Phrase.list(parts, language, limit: 12))。")[
        language]
  }

  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    var y = canvas.verticalAxisLabel(labels.y, from: top)
    guard !isEmpty else {
      canvas.emptyNote(in: Box(x: 16, y: y, width: Canvas.width - 32, height: 80), language: language)
      return y + 80
    }
    let measure = TextMeasure.pixels(size: 12)
    let small = TextMeasure.pixels(size: 11)
    let room = min(shown.map { measure.width(of: $0.name[language]) }.max() ?? 0, 200)
    let texts = shown.map(Self.text)
    let textRoom = min(texts.map { small.width(of: $0) }.max() ?? 0, 170)
    let left = 16 + room + 12
    let references = references
    if references.contains(where: { !$0.label.isEmpty }) { y += 18 }
    let pitch = shown.count > 30 ? 20.0 : 28.0
    let right = Canvas.width - 16 - max(textRoom + 10, 8)
    let frame = Box(x: left, y: y, width: right - left, height: pitch * Double(shown.count) + 4)
    let scale = scale
    let at = { (value: Double) in scale.position(value).map { frame.x + $0 * frame.width } }

    for tick in LineChart.fittingTicks(scale, width: frame.width) {
      let x = frame.x + tick.position * frame.width
      canvas.line(x, frame.y, x, frame.bottom, style: "grid")
      let half = measure.width(of: tick.label) / 2
      canvas.text(
        tick.label, x: min(x, Canvas.width - 4 - half), baseline: frame.bottom + 18, anchor: .middle, style: "muted",
        role: .xTick)
    }
    canvas.line(frame.x, frame.bottom, frame.right, frame.bottom, style: "axis")
    var placer = LabelPlacer(bounds: Box(x: frame.x, y: y - 18, width: Canvas.width - 8 - frame.x, height: 18))
    for reference in references {
      guard let x = at(reference.x) else { continue }
      canvas.line(x, frame.y - 2, x, frame.bottom, style: "mark", dash: "4 3")
      let label = measure.clippedInside(reference.label, to: frame.width * 0.6)
      let places = [(x, PlacedText.Anchor.middle), (x, .start), (x, .end)]
      let boxes = places.map { PlacedText.box(of: label, x: $0.0, baseline: y - 5, size: 12, anchor: $0.1) }
      guard !label.isEmpty, let chosen = placer.place(boxes) else { continue }
      canvas.text(label, x: x, baseline: y - 5, anchor: places[chosen].1, role: .mark)
    }
    for (index, row) in shown.enumerated() {
      let middle = frame.y + 2 + (Double(index) + 0.5) * pitch
      canvas.draw(row, at: middle, height: pitch * 0.5, name: row.name[language], position: at)
      canvas.text(
        row.name[language], x: left - 12, baseline: middle + 4, anchor: .end, style: "muted", role: .yTick, limit: room)
      canvas.text(
        texts[index], x: frame.right + 10, baseline: middle + 4, size: 11, role: .value, limit: textRoom + 0.1)
    }
    return canvas.horizontalAxisLabel(labels.x, middle: frame.x + frame.width / 2, from: frame.bottom + 24)
  }
}

extension Canvas {
  /// Draws one row: whiskers, box, middle and points.
  fileprivate mutating func draw(
    _ row: Chart.Distribution, at y: Double, height: Double, name: String, position: (Double) -> Double?
  ) {
    let ends = DistributionChart.ends(row.whiskers).flatMap { ends -> (Double, Double)? in
      guard let low = position(ends.low), let high = position(ends.high) else { return nil }
      return (low, high)
    }
    if let (low, high) = ends {
      line(low, y, high, y, style: "whisker s1")
      for x in [low, high] { line(x, y - height * 0.3, x, y + height * 0.3, style: "whisker s1") }
    }
    var hasBox = false
    if let ends = DistributionChart.ends(row.box), let low = position(ends.low), let high = position(ends.high) {
      let box = Box(x: low, y: y - height / 2, width: max(high - low, 1), height: height)
      rectangle(box, style: "paper")
      rectangle(box, style: "box f1 s1", tip: name + ": " + DistributionChart.text(row))
      hasBox = true
    }
    if let middle = row.middle.flatMap(position) {
      if hasBox {
        line(middle, y - height / 2, middle, y + height / 2, style: "ring")
      } else {
        shape(
          Symbol.path(0, x: middle, y: y, radius: 4.5), style: "f1 rim", tip: name + ": " + DistributionChart.text(row))
      }
    }
    var taken = Set<Int>()
    let dots = row.points.compactMap(position).filter { taken.insert(Int($0)).inserted }
    shape(dots.map { Symbol.path(3, x: $0, y: y, radius: 2.6) }.joined(), style: "f2 rim")
  }
}
