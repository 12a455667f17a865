/// Curves over a common horizontal axis, or groups of points in the plane.
struct LineChart {
  let series: [Chart.Series]
  let axes: Chart.Axes
  let marks: [Chart.Mark]
  let labels: (x: String, y: String)
  let language: Language
  /// What a scatter chart has besides: the groups, which are the first of the series, and what lies behind them.
  var clouds: [Chart.Cloud] = []
  var field: Chart.Field?

  /// Where points lie in pixels.
  struct Plane {
    let scales: LineScales
    let frame: Box

    func x(_ value: Double) -> Double? { scales.x.position(value).map { frame.x + $0 * frame.width } }
    func y(_ value: Double) -> Double? { scales.y.position(value).map { frame.bottom - $0 * frame.height } }

    func pixel(_ point: Chart.Point) -> Pixel? {
      guard let x = x(point.x), let y = y(point.y) else { return nil }
      return Pixel(x: x, y: y)
    }
  }

  struct Pixel {
    var x: Double
    var y: Double
  }

  /// The pixels of a curve, cut at each point without a place. Of very many points, those that fall on one column of
  /// pixels are thinned to the first, the lowest, the highest and the last, which look the same.
  static func strokes(of series: Chart.Series, plane: Plane) -> [[Pixel]] {
    var strokes: [[Pixel]] = []
    var stroke: [Pixel] = []
    for point in series.points {
      if let pixel = plane.pixel(point) {
        stroke.append(pixel)
      } else if !stroke.isEmpty {
        strokes.append(stroke)
        stroke = []
      }
    }
    if !stroke.isEmpty { strokes.append(stroke) }
    return series.points.count > 3000 ? strokes.map(thinned) : strokes
  }

  private static func thinned(_ stroke: [Pixel]) -> [Pixel] {
    var result: [Pixel] = []
    var start = 0
    while start < stroke.count {
      let column = (stroke[start].x * 2).rounded()
      var (end, low, high) = (start, start, start)
      while end < stroke.count, (stroke[end].x * 2).rounded() == column {
        if stroke[end].y > stroke[low].y { low = end }
        if stroke[end].y < stroke[high].y { high = end }
        end += 1
      }
      var last = -1
      for index in [start, min(low, high), max(low, high), end - 1] where index > last {
        result.append(stroke[index])
        last = index
      }
      start = end
    }
    return result
  }

  /// Whether a curve bears signs: where it has company of its own style, from which colour alone would tell it apart.
  func bearsSigns(_ index: Int) -> Bool {
    series[index].style != .points && series.count { $0.style == series[index].style } > 1
  }

  /// The dashes of a series, which also tell apart curves whose colours repeat.
  static func dash(of series: Chart.Series, index: Int) -> String {
    let round = index / Palette.count
    if series.style == .dashed { return round == 0 ? "6 5" : "6 5 1.5 5" }
    return ["", "12 4", "1.5 4", "12 4 1.5 4"][round % 4]
  }

  static func strokeStyle(_ index: Int) -> String { "s\(index % Palette.count + 1)" }
  static func fillStyle(_ index: Int) -> String { "f\(index % Palette.count + 1)" }
}

extension Canvas {
  /// Draws curves with axes, legend and marks.
  ///
  /// - Returns: the lower edge.
  mutating func draw(_ chart: LineChart, from top: Double) -> Double {
    let scales = LineScales(series: chart.series, axes: chart.axes, marks: chart.marks)
    let entries = chart.legendEntries.filter { !$0.name.isEmpty }
    let isSquare = chart.axes.x == 0...1 && chart.axes.y == 0...1
    // Beside a square there is room for a legend.
    let isBeside = isSquare && entries.count <= 8
    var y = isBeside ? top : legend(entries, from: top)
    y = verticalAxisLabel(chart.labels.y, from: y)

    let yTicks = scales.y.ticks(6)
    let left = Canvas.room(for: yTicks)
    var frame = Box(x: left, y: y, width: Canvas.width - left - 24, height: isSquare ? 410 : 320)
    if isSquare { frame.width = 440 }
    if isBeside { legendColumn(entries, x: frame.right + 24, from: frame.y) }
    let xTicks = LineChart.fittingTicks(scales.x, width: frame.width)
    if !isSquare, let last = xTicks.last {
      let half = TextMeasure.pixels(size: 12).width(of: last.label) / 2
      frame.width = Canvas.width - left - max(24, half + 6)
    }
    let plane = LineChart.Plane(scales: scales, frame: frame)

    drawField(chart, plane: plane)
    drawIntervals(chart, plane: plane)
    verticalTicks(yTicks, frame: frame)
    for tick in xTicks {
      let x = frame.x + tick.position * frame.width
      line(x, frame.y, x, frame.bottom, style: "grid")
      text(tick.label, x: x, baseline: frame.bottom + 18, anchor: .middle, style: "muted", role: .xTick)
    }
    line(frame.x, frame.y, frame.x, frame.bottom, style: "axis")
    line(frame.x, frame.bottom, frame.right, frame.bottom, style: "axis")

    drawBoundary(chart, plane: plane)
    drawMarkLines(chart, plane: plane)
    drawBands(chart, plane: plane)
    let inked = drawCurves(chart, plane: plane)
    drawLabels(chart, plane: plane, inked: inked)
    return horizontalAxisLabel(chart.labels.x, middle: frame.x + frame.width / 2, from: frame.bottom + 24)
  }

  /// Draws the curves.
  ///
  /// - Returns: pixels along them, at most a few pixels apart, for labels to avoid.
  private mutating func drawCurves(_ chart: LineChart, plane: LineChart.Plane) -> [LineChart.Pixel] {
    // The clipping box is a little larger than the frame, so that lines along its edge keep their width.
    let frame = plane.frame
    let clip = Box(x: frame.x - 5, y: frame.y - 5, width: frame.width + 10, height: frame.height + 10)
    var inked: [LineChart.Pixel] = []
    // The first series is the one that matters: it is painted last.
    for (index, series) in chart.series.enumerated().reversed() {
      let strokes = LineChart.strokes(of: series, plane: plane)
      if series.style == .points {
        inked += drawDots(chart, index: index, pixels: strokes.joined().filter(frame.holds))
        continue
      }
      var commands = ""
      for stroke in strokes {
        for (offset, pixel) in stroke.enumerated() {
          commands += (offset == 0 ? "M" : "L") + px(pixel.x - clip.x) + " " + px(pixel.y - clip.y)
        }
        if stroke.count == 1, frame.holds(stroke[0]) {
          circle(stroke[0].x, stroke[0].y, radius: 3.5, style: LineChart.fillStyle(index))
        }
        inked += stroke.alongPath(in: frame)
      }
      path(
        commands, in: clip, style: "curve \(LineChart.strokeStyle(index))",
        dash: LineChart.dash(of: series, index: index))
      guard chart.bearsSigns(index) else { continue }
      // The signs of one curve begin where those of another do not.
      let pace = 110.0
      var next = frame.x + pace * (0.25 + 0.37 * Double(index)).truncatingRemainder(dividingBy: 1)
      var signs = ""
      // A line through two points has none in between to bear a sign.
      let bearers = series.points.count > 2 ? Array(strokes.joined()) : strokes.flatMap { $0.alongPath(in: frame) }
      for pixel in bearers where frame.holds(pixel) && pixel.x >= next {
        signs += Symbol.path(index, x: pixel.x, y: pixel.y, radius: 3.4)
        next = pixel.x + pace
      }
      shape(signs, style: "\(LineChart.fillStyle(index)) rim")
    }
    return inked
  }

  private mutating func drawIntervals(_ chart: LineChart, plane: LineChart.Plane) {
    for case .interval(let from, let to, let label) in chart.marks {
      guard let first = plane.x(min(from, to)), let last = plane.x(max(from, to)) else { continue }
      let left = max(first, plane.frame.x)
      let right = min(last, plane.frame.right)
      guard left <= right else { continue }
      let box = Box(x: left, y: plane.frame.y, width: max(right - left, 1.5), height: plane.frame.height)
      rectangle(box, style: "shade", tip: label[chart.language])
    }
  }

  private mutating func drawMarkLines(_ chart: LineChart, plane: LineChart.Plane) {
    let frame = plane.frame
    for mark in chart.marks {
      switch mark {
      case .vertical(let value, _):
        guard let x = plane.x(value), x >= frame.x - 0.5, x <= frame.right + 0.5 else { continue }
        line(x, frame.y, x, frame.bottom, style: "mark", dash: "4 3")
      case .horizontal(let value, _):
        guard let y = plane.y(value), y >= frame.y - 0.5, y <= frame.bottom + 0.5 else { continue }
        line(frame.x, y, frame.right, y, style: "mark", dash: "4 3")
      case .diagonal:
        guard let ends = plane.diagonal else { continue }
        line(ends.0.x, ends.0.y, ends.1.x, ends.1.y, style: "mark", dash: "4 3")
      case .interval: break
      }
    }
  }

  /// Writes that there are no data where there are none, and each mark's label near it, where it covers no other label and as little of the curves as can be; of marks
  /// with the same label, one.
  private mutating func drawLabels(_ chart: LineChart, plane: LineChart.Plane, inked: [LineChart.Pixel]) {
    let frame = plane.frame
    var placer = LabelPlacer(bounds: Box(x: frame.x, y: frame.y, width: frame.width, height: frame.height))
    if plane.scales.isEmpty {
      let note = emptyNote(in: frame, language: chart.language)
      placer.reserve(note)
    }
    var written = Set<String>()
    var lines: [Double] = []
    for case .vertical(let value, _) in chart.marks { lines += plane.x(value).map { [$0] } ?? [] }
    for mark in chart.marks {
      let label = TextMeasure.pixels(size: 12).clippedInside(mark.label[chart.language], to: frame.width * 0.6)
      guard !label.isEmpty, !written.contains(label) else { continue }
      let places = LineChart.places(for: mark, plane: plane)
      let boxes = places.map { PlacedText.box(of: label, x: $0.x, baseline: $0.y, size: 12, anchor: $0.anchor) }
      let chosen = placer.place(boxes) { box in
        let covered = inked.reduce(0) { $0 + (box.holds($1) ? 1 : 0) }
        // A label across the line of another mark would seem to be that one's.
        return covered + 100 * lines.count { $0 > box.x && $0 < box.right }
      }
      guard let chosen else { continue }
      written.insert(label)
      let place = places[chosen]
      text(label, x: place.x, baseline: place.y, anchor: place.anchor, style: "halo", role: .mark)
    }
    drawPointLabels(chart, plane: plane, placer: &placer, inked: inked)
  }
}

extension LineChart {
  /// As many ticks as have room for their labels.
  static func fittingTicks(_ scale: Scale, width: Double) -> [Scale.Tick] {
    let measure = TextMeasure.pixels(size: 12)
    var ticks: [Scale.Tick] = []
    for count in [10, 8, 6, 5, 4, 3, 2, 1] {
      ticks = scale.ticks(count)
      let fits = zip(ticks, ticks.dropFirst()).allSatisfy { first, second in
        let room = (measure.width(of: first.label) + measure.width(of: second.label)) / 2 + 14
        return (second.position - first.position) * width >= room
      }
      if fits { return ticks }
    }
    return Array(ticks.prefix(1))
  }

  var legendEntries: [Canvas.LegendEntry] {
    // One curve needs no legend where the axis already says what it is.
    if series.count == 1, series[0].name[language] == labels.y { return [] }
    return series.enumerated().map { index, series in
      let isPoints = series.style == .points
      return Canvas.LegendEntry(
        name: series.name[language], style: isPoints ? Self.fillStyle(index) : Self.strokeStyle(index),
        sign: isPoints
          ? .symbol(index)
          : .line(dash: Self.dash(of: series, index: index), symbol: bearsSigns(index) ? index : nil))
    }
  }

  typealias LabelPlace = (x: Double, y: Double, anchor: PlacedText.Anchor)

  /// Where a mark's label may stand, best first.
  static func places(
    for mark: Chart.Mark, plane: Plane
  ) -> [LabelPlace] {
    let frame = plane.frame
    let rows = (0..<12).map { frame.y + 14 + 17 * Double($0) }
    var places: [LabelPlace] = []
    switch mark {
    case .vertical(let value, _):
      guard let x = plane.x(value), x >= frame.x - 0.5, x <= frame.right + 0.5 else { return [] }
      for row in rows {
        places.append((x + 5, row, .start))
        places.append((x - 5, row, .end))
      }
    case .horizontal(let value, _):
      guard let y = plane.y(value), y >= frame.y - 0.5, y <= frame.bottom + 0.5 else { return [] }
      for right in stride(from: frame.right - 5, to: frame.x + 100, by: -60) {
        places.append((right, y - 5, .end))
        places.append((right, y + 14, .end))
      }
    case .interval(let from, let to, _):
      guard let first = plane.x(min(from, to)), let last = plane.x(max(from, to)) else { return [] }
      let (left, right) = (max(first, frame.x), min(last, frame.right))
      guard left <= right else { return [] }
      for row in rows {
        places.append(((left + right) / 2, row, .middle))
        places.append((left + 2, row, .start))
        places.append((right - 2, row, .end))
      }
    case .diagonal:
      guard let (start, end) = plane.diagonal else { return [] }
      for part in stride(from: 0.55, to: 0.9, by: 0.07) {
        let x = start.x + part * (end.x - start.x)
        let y = start.y + part * (end.y - start.y)
        places.append((x + 10, y + 14, .start))
        places.append((x - 10, y - 6, .end))
      }
    }
    return places
  }
}

extension LineChart.Plane {
  /// The ends of the line on which both coordinates are equal, within the frame.
  var diagonal: (LineChart.Pixel, LineChart.Pixel)? {
    let ends = { (scale: Scale) in
      scale.isLogarithmic ? (Scale.powerOfTen(scale.lower), Scale.powerOfTen(scale.upper)) : (scale.lower, scale.upper)
    }
    let (x, y) = (ends(scales.x), ends(scales.y))
    let (low, high) = (max(x.0, y.0), min(x.1, y.1))
    guard low < high, let start = pixel(Chart.Point(low, low)), let end = pixel(Chart.Point(high, high)) else {
      return nil
    }
    return (start, end)
  }
}

extension Chart.Mark {
  /// The label of any mark.
  var label: LocalizedText {
    switch self {
    case .vertical(_, let label), .horizontal(_, let label), .interval(_, _, let label), .diagonal(let label): label
    }
  }
}

extension Box {
  func holds(_ pixel: LineChart.Pixel) -> Bool {
    pixel.x >= x && pixel.x <= right && pixel.y >= y && pixel.y <= bottom
  }
}

extension [LineChart.Pixel] {
  /// The pixels and more between them, a few pixels apart, as far as they lie in a box.
  func alongPath(in box: Box) -> [LineChart.Pixel] {
    var result = filter(box.holds)
    for (first, second) in zip(self, dropFirst()) {
      let (dx, dy) = (second.x - first.x, second.y - first.y)
      let steps = Int(Swift.min(Swift.max(abs(dx), abs(dy)) / 6, 400))
      for step in 0..<Swift.max(steps, 1) where step > 0 {
        let part = Double(step) / Double(steps)
        let pixel = LineChart.Pixel(x: first.x + part * dx, y: first.y + part * dy)
        if box.holds(pixel) { result.append(pixel) }
      }
    }
    return result
  }
}
