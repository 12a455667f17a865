/// Rows over a common time.
struct StripChart {
  let strips: [Chart.Strip]
  let groups: [String]
  let labels: (x: String, y: String)
  let language: Language

  /// How many intervals a row has at most; more would cover each other.
  static let spanLimit = 300

  /// The rows that are shown.
  var shown: ArraySlice<Chart.Strip> { strips.prefix(40) }

  /// The common horizontal axis.
  var scale: Scale {
    let strips = shown
    let points = strips.flatMap { $0.points.filter(StripChart.isDrawable).map(\.x) }
    let ends = strips.flatMap { $0.intervals.flatMap { [$0.from, $0.to] } }
    let events = strips.flatMap { $0.events.map(\.x) }
    return Scale(fitting: points + ends + events, margin: events.isEmpty ? .none : .slight)
  }

  /// Whether there is anything to draw.
  var isEmpty: Bool {
    shown.allSatisfy { strip in
      !strip.points.contains(where: StripChart.isDrawable) && StripChart.drawable(strip.intervals).isEmpty
        && !strip.events.contains { Scale.isDrawable($0.x, isLogarithmic: false) }
    }
  }

  static func isDrawable(_ point: Chart.Point) -> Bool {
    Scale.isDrawable(point.x, isLogarithmic: false) && Scale.isDrawable(point.y, isLogarithmic: false)
  }

  static func drawable(_ intervals: [Chart.Interval]) -> [Chart.Interval] {
    intervals.filter {
      Scale.isDrawable($0.from, isLogarithmic: false) && Scale.isDrawable($0.to, isLogarithmic: false)
    }
  }

  /// The place of a row's curve in a frame; its vertical scale is its own.
  func plane(of strip: Chart.Strip, scale: Scale, frame: Box) -> LineChart.Plane {
    LineChart.Plane(
      scales: LineScales(
        series: [Chart.Series(strip.name, points: strip.points)], axes: Chart.Axes(x: scale.lower...scale.upper),
        marks: strip.threshold.map { [.horizontal(y: $0, label: LocalizedText(""))] } ?? []), frame: frame)
  }

  /// The number of a group's colour.
  static func colour(_ group: Int) -> Int { (group % 35 + 35) % 35 }

  /// The intervals of a row in pixels, those that touch within one group as one, from left to right.
  func spans(
    of strip: Chart.Strip, at position: (Double) -> Double?
  ) -> [(left: Double, right: Double, label: String, group: Int)] {
    var spans: [(left: Double, right: Double, label: String, group: Int)] = []
    for interval in StripChart.drawable(strip.intervals).sorted(by: { min($0.from, $0.to) < min($1.from, $1.to) }) {
      guard let left = position(min(interval.from, interval.to)), let right = position(max(interval.from, interval.to))
      else { continue }
      let label = interval.label[language]
      if let last = spans.last, last.group == interval.group, left - last.right < 0.5,
        last.label == label || right - left < 1
      {
        spans[spans.count - 1].right = max(last.right, right)
      } else {
        spans.append((left, right, label, interval.group))
      }
    }
    return spans
  }
}

extension StripChart: Figure {
  var notes: [String] {
    let scale = scale
    let lost = shown.reduce(0) { count, strip in
      count + strip.points.count { !StripChart.isDrawable($0) } + strip.intervals.count
        - StripChart.drawable(strip.intervals).count
        + strip.events.count { !Scale.isDrawable($0.x, isLogarithmic: false) }
    }
    let most = shown.map { spans(of: $0) { scale.position($0).map { $0 * 600 } }.count }.max() ?? 0
    return Phrase.cut(to: shown.count, of: strips.count, LocalizedText(en: "rows", zh: "行"), language)
      + Phrase.cut(
        to: min(most, StripChart.spanLimit), of: most, LocalizedText(en: "intervals of a row", zh: "段区间（每行）"), language)
      + Phrase.skipped(lost, language)
  }

  var summary: String {
    let parts = strips.map { strip in
      let values = strip.points.map(\.y)
      let curve = values.isEmpty ? "" : Phrase.range(values, language) + ", "
      return LocalizedText(
        en: "\(strip.name.en): \(curve)\(strip.intervals.count) intervals, \(strip.events.count) events",
        zh: "\(strip.name.zh)：\(curve)\(strip.intervals.count) 段区间，\(strip.events.count) 个事件")[language]
    }
    return LocalizedText(
      en: "Strip chart. \(Phrase.list(parts, language)).", zh: "时间条带图。\(Phrase.list(parts, language))。")[language]
  }

  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    let entries = groups.enumerated().map { index, name in
      Canvas.LegendEntry(name: name, style: LineChart.fillStyle(index), sign: .symbol(index))
    }
    var y = canvas.verticalAxisLabel(labels.y, from: canvas.legend(entries, from: top))
    let scale = scale
    guard !isEmpty else {
      canvas.emptyNote(in: Box(x: 16, y: y, width: Canvas.width - 32, height: 80), language: language)
      return y + 80
    }
    let measure = TextMeasure.pixels(size: 12)
    let room = min(shown.map { measure.width(of: $0.name[language]) }.max() ?? 0, 170)
    let left = 16 + room + 10
    let planes = shown.map { plane(of: $0, scale: scale, frame: Box(x: 0, y: 0, width: 1, height: 1)) }
    let ends = zip(shown, planes).map { strip, plane in
      plane.scales.isEmpty ? [] : [plane.scales.y.lower, plane.scales.y.upper].map(Numbers.compact)
    }
    let widest = ends.joined().map { TextMeasure.pixels(size: 10).width(of: $0) }.max() ?? 0
    let frame = Box(x: left, y: y, width: Canvas.width - 16 - left - max(widest + 6, 8), height: 0)

    for (strip, ends) in zip(shown, ends) {
      let box = Box(x: frame.x, y: y, width: frame.width, height: ends.isEmpty ? 24 : 58)
      canvas.draw(strip, of: self, plane: plane(of: strip, scale: scale, frame: box))
      canvas.text(
        strip.name[language], x: left - 10, baseline: y + box.height / 2 + 4, anchor: .end, style: "muted",
        role: .yTick, limit: room)
      for (end, baseline) in zip(ends, [box.bottom, box.y + 9]) {
        canvas.text(end, x: box.right + 6, baseline: baseline, size: 10, style: "muted", role: .yTick)
      }
      y += box.height + 12
    }
    y -= 6
    canvas.line(frame.x, y, frame.right, y, style: "axis")
    let ticks = LineChart.fittingTicks(scale, width: frame.width)
    for tick in ticks {
      let x = frame.x + tick.position * frame.width
      canvas.line(x, y, x, y + 4, style: "axis")
      let half = measure.width(of: tick.label) / 2
      canvas.text(
        tick.label, x: min(x, Canvas.width - 4 - half), baseline: y + 18, anchor: .middle, style: "muted",
        role: .xTick)
    }
    return canvas.horizontalAxisLabel(labels.x, middle: frame.x + frame.width / 2, from: y + 24)
  }
}

extension Canvas {
  /// Draws one row: intervals behind, the curve, events before, and the labels that have room.
  fileprivate mutating func draw(_ strip: Chart.Strip, of chart: StripChart, plane: LineChart.Plane) {
    let box = plane.frame
    rectangle(box, style: "l1")
    var placer = LabelPlacer(bounds: box)
    let spans = chart.spans(of: strip, at: plane.x).prefix(StripChart.spanLimit)
    for span in spans {
      let colour = StripChart.colour(span.group)
      let area = Box(x: span.left, y: box.y, width: max(span.right - span.left, 1.5), height: box.height)
      let group = chart.groups.indices.contains(span.group) ? chart.groups[span.group] : ""
      let tip = [span.label, group].filter { !$0.isEmpty }.joined(separator: ", ")
      rectangle(area, style: "soft \(LineChart.fillStyle(colour))", tip: tip)
      line(area.x, area.y, area.x, area.bottom, style: LineChart.strokeStyle(colour))
    }
    if let threshold = strip.threshold.flatMap(plane.y) {
      line(box.x, threshold, box.right, threshold, style: "mark", dash: "4 3")
    }
    var inked: [LineChart.Pixel] = []
    if !strip.points.isEmpty {
      var commands = ""
      for stroke in LineChart.strokes(of: Chart.Series(strip.name, points: strip.points), plane: plane) {
        if stroke.count == 1 { circle(stroke[0].x, stroke[0].y, radius: 2.5, style: "f1") }
        for (offset, pixel) in stroke.enumerated() {
          commands += (offset == 0 ? "M" : "L") + px(pixel.x - box.x) + " " + px(pixel.y - box.y)
        }
        inked += stroke.alongPath(in: box)
      }
      path(commands, in: box, style: "branch s1")
    }
    for x in strip.events.compactMap({ plane.x($0.x) }) {
      placer.reserve(Box(x: x - 5, y: box.bottom - 11, width: 10, height: 11))
    }
    drawLabels(spans, box: box, inked: inked, placer: &placer)
    draw(strip.events, in: chart, plane: plane, placer: &placer)
  }

  /// Draws each interval's sign, and its label where that fits, at the top or the bottom: where they cover less of the
  /// curve.
  private mutating func drawLabels(
    _ spans: ArraySlice<(left: Double, right: Double, label: String, group: Int)>, box: Box, inked: [LineChart.Pixel],
    placer: inout LabelPlacer
  ) {
    let measure = TextMeasure.pixels(size: 11)
    for span in spans where span.right - span.left >= 14 {
      let width = measure.width(of: span.label)
      let isNamed = !span.label.isEmpty && width <= span.right - span.left - 18
      let tops = box.height < 30 ? [box.y + 6] : [box.y + 4, box.bottom - 16]
      let boxes = tops.map { Box(x: span.left + 2, y: $0, width: isNamed ? width + 14 : 12, height: 13) }
      let chosen = placer.place(boxes) { box in inked.count { box.holds($0) } }
      guard let chosen else { continue }
      let (colour, y) = (StripChart.colour(span.group), tops[chosen])
      shape(
        Symbol.path(colour, x: span.left + 8, y: y + 6, radius: 3.6), style: "\(LineChart.fillStyle(colour)) rim")
      guard isNamed else { continue }
      text(span.label, x: span.left + 15, baseline: y + 10, size: 11, style: "halo", role: .mark)
    }
  }

  private mutating func draw(
    _ events: [Chart.Event], in chart: StripChart, plane: LineChart.Plane, placer: inout LabelPlacer
  ) {
    let box = plane.frame
    let measure = TextMeasure.pixels(size: 11)
    var taken = Set<[Int]>()
    // Of signs that cover each other one is enough.
    let isCrowded = events.count > 200
    let step = isCrowded ? 5.0 : 1.0
    var crowd: [Int: (wires: String, signs: String)] = [:]
    var labelled: [(x: Double, label: String)] = []
    for event in events {
      guard let x = plane.x(event.x) else { continue }
      let colour = StripChart.colour(event.group)
      guard taken.insert([Int(x / step), colour]).inserted else { continue }
      if isCrowded {
        crowd[colour, default: ("", "")].wires += "M" + px(x) + " " + px(box.y) + "L" + px(x) + " " + px(box.bottom)
        crowd[colour]?.signs += Symbol.path(colour, x: x, y: box.bottom - 6, radius: 2.9)
        continue
      }
      line(x, box.y, x, box.bottom, style: LineChart.strokeStyle(colour))
      let group = chart.groups.indices.contains(event.group) ? chart.groups[event.group] : ""
      let tip = [event.label[chart.language], group].filter { !$0.isEmpty }.joined(separator: ", ")
      shape(
        Symbol.path(colour, x: x, y: box.bottom - 6, radius: 4), style: "\(LineChart.fillStyle(colour)) rim", tip: tip)
      if !event.label[chart.language].isEmpty { labelled.append((x, event.label[chart.language])) }
    }
    for (colour, paths) in crowd.sorted(by: { $0.key < $1.key }) {
      shape(paths.wires, style: LineChart.strokeStyle(colour))
      shape(paths.signs, style: "\(LineChart.fillStyle(colour)) rim")
    }
    for (x, full) in labelled.prefix(100) {
      let label = measure.clippedInside(full, to: 150)
      let rows = stride(from: box.bottom - 3, to: box.y + 9, by: -13)
      let places = rows.flatMap { [(x + 8, $0, PlacedText.Anchor.start), (x - 8, $0, PlacedText.Anchor.end)] }
      let boxes = places.map { PlacedText.box(of: label, x: $0.0, baseline: $0.1, size: 11, anchor: $0.2) }
      guard let chosen = placer.place(boxes) else { continue }
      let place = places[chosen]
      text(label, x: place.0, baseline: place.1, size: 11, anchor: place.2, style: "halo", role: .mark)
    }
  }
}
