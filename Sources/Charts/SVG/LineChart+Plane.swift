import Foundation

// What a chart of lines or points shows beside its curves: bands, dots, a field with its boundary, ellipses.

extension LineChart {
  /// A scatter chart: the groups of points first, then the curves.
  init(
    clouds: [Chart.Cloud], field: Chart.Field?, curves: [Chart.Series], axes: Chart.Axes,
    labels: (x: String, y: String), language: Language
  ) {
    var axes = axes
    if let field {
      axes.x = axes.x ?? field.x
      axes.y = axes.y ?? field.y
    }
    let groups = clouds.map { Chart.Series($0.name, points: $0.points, style: .points) }
    self.init(
      series: groups + curves, axes: axes, marks: [], labels: labels, language: language, clouds: clouds, field: field)
  }

  /// The ends of a band, cut where one has no place, and thinned to what a column of pixels can show.
  static func stretches(
    of band: Chart.Band, along points: [Chart.Point], plane: Plane
  ) -> [[(x: Double, low: Double, high: Double)]] {
    var stretches: [[(x: Double, low: Double, high: Double)]] = []
    var stretch: [(x: Double, low: Double, high: Double)] = []
    for (point, ends) in zip(points, zip(band.low, band.high)) {
      if let x = plane.x(point.x), let low = plane.y(ends.0), let high = plane.y(ends.1) {
        if let last = stretch.last, points.count > 1500, abs(last.x - x) < 1 {
          stretch[stretch.count - 1] = (last.x, max(last.low, low), min(last.high, high))
        } else {
          stretch.append((x, low, high))
        }
      } else if !stretch.isEmpty {
        stretches.append(stretch)
        stretch = []
      }
    }
    return stretch.isEmpty ? stretches : stretches + [stretch]
  }

  /// A field's values with at most so many rows and columns, and the lowest and highest; nil where it has none.
  static func sampled(
    _ field: Chart.Field, limit: Int
  ) -> (values: [[Double]], low: Double, high: Double)? {
    let step = { (count: Int) in max(1, (count + limit - 1) / limit) }
    let rows = stride(from: 0, to: field.values.count, by: step(field.values.count)).map { row in
      let values = field.values[row]
      return stride(from: 0, to: values.count, by: step(values.count)).map { values[$0] }
    }
    let finite = rows.joined().filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return nil }
    return (rows, low, high)
  }

  /// Which of the levels 0 … 5 a value has.
  static func level(_ value: Double, low: Double, high: Double) -> Int {
    // In halves, because the difference of two large values may overflow.
    guard value.isFinite, high / 2 > low / 2 else { return 0 }
    return min(max(Int((value / 2 - low / 2) / (high / 2 - low / 2) * 6), 0), 5)
  }
}

extension Canvas {
  /// Draws dots of one shape, and error bars where the series has bands.
  ///
  /// - Returns: the dots' places, for labels to avoid.
  mutating func drawDots(_ chart: LineChart, index: Int, pixels: [LineChart.Pixel]) -> [LineChart.Pixel] {
    let radius = pixels.count <= 200 ? 4.0 : pixels.count <= 2000 ? 3.2 : 2.2
    // Of dots that cover each other one is enough, so that the picture stays small however many there are.
    let cell = pixels.count <= 2000 ? 1.0 : 5.0
    var taken = Set<Int>()
    let places = pixels.filter { taken.insert(Int($0.x / cell) * 10_000 + Int($0.y / cell)).inserted }
    var commands = ""
    for place in places { commands += Symbol.path(index, x: place.x, y: place.y, radius: radius) }
    shape(commands, style: "\(LineChart.fillStyle(index)) rim")
    return places
  }

  /// Draws the bands about curves, and the error bars of points.
  mutating func drawBands(_ chart: LineChart, plane: LineChart.Plane) {
    let clip = Box(
      x: plane.frame.x - 5, y: plane.frame.y - 5, width: plane.frame.width + 10, height: plane.frame.height + 10)
    let at = { (x: Double, y: Double) in px(x - clip.x) + " " + px(y - clip.y) }
    for (index, series) in chart.series.enumerated().reversed() {
      for band in series.bands {
        var (commands, whiskers) = ("", "")
        for stretch in LineChart.stretches(of: band, along: series.points, plane: plane) {
          if series.style == .points || stretch.count == 1 {
            for end in stretch {
              whiskers += "M" + at(end.x, end.low) + "L" + at(end.x, end.high)
              for y in [end.low, end.high] { whiskers += "M" + at(end.x - 3, y) + "L" + at(end.x + 3, y) }
            }
            continue
          }
          for (offset, end) in stretch.enumerated() { commands += (offset == 0 ? "M" : "L") + at(end.x, end.high) }
          for end in stretch.reversed() { commands += "L" + at(end.x, end.low) }
          commands += "Z"
        }
        path(whiskers, in: clip, style: "whisker \(LineChart.strokeStyle(index))")
        path(commands, in: clip, style: "band \(LineChart.fillStyle(index))")
      }
    }
  }

  /// Draws the field behind a scatter chart in six greys, neighbours of one grey as one rectangle.
  mutating func drawField(_ chart: LineChart, plane: LineChart.Plane) {
    guard let field = chart.field, let sampled = LineChart.sampled(field, limit: 64),
      let left = plane.x(field.x.lowerBound), let right = plane.x(field.x.upperBound),
      let bottom = plane.y(field.y.lowerBound), let top = plane.y(field.y.upperBound), right > left, bottom > top
    else { return }
    let frame = plane.frame
    let height = (bottom - top) / Double(sampled.values.count)
    for (row, values) in sampled.values.enumerated() {
      let width = (right - left) / Double(max(values.count, 1))
      let levels = values.map { LineChart.level($0, low: sampled.low, high: sampled.high) }
      var start = 0
      while start < levels.count {
        var end = start + 1
        while end < levels.count, levels[end] == levels[start] { end += 1 }
        let (x, y) = (max(left + Double(start) * width, frame.x), bottom - Double(row + 1) * height)
        let box = Box(
          x: x, y: max(y, frame.y), width: min(left + Double(end) * width, frame.right) - x,
          height: min(y + height, frame.bottom) - max(y, frame.y))
        if levels[start] > 0, box.width > 0, box.height > 0 { rectangle(box, style: "l\(levels[start])") }
        start = end
      }
    }
  }

  /// Draws the line on which a field has its boundary value (marching squares).
  mutating func drawBoundary(_ chart: LineChart, plane: LineChart.Plane) {
    guard let field = chart.field, let boundary = field.boundary,
      let sampled = LineChart.sampled(field, limit: 64), sampled.values.count > 1,
      let left = plane.x(field.x.lowerBound), let right = plane.x(field.x.upperBound),
      let bottom = plane.y(field.y.lowerBound), let top = plane.y(field.y.upperBound)
    else { return }
    let values = sampled.values
    let columns = values.map(\.count).min() ?? 0
    guard columns > 1 else { return }
    let clip = plane.frame
    let (width, height) = ((right - left) / Double(columns), (bottom - top) / Double(values.count))
    var commands = ""
    for row in 0..<values.count - 1 {
      for column in 0..<columns - 1 {
        // The corners around the square, each with its value; the boundary crosses a side between two of them.
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map { ($0.0, $0.1, values[row + $0.1][column + $0.0]) }
        guard corners.allSatisfy({ $0.2.isFinite }) else { continue }
        var crossings: [String] = []
        for side in 0..<4 {
          let (a, b) = (corners[side], corners[(side + 1) % 4])
          guard (a.2 < boundary) != (b.2 < boundary) else { continue }
          let part = (boundary / 2 - a.2 / 2) / (b.2 / 2 - a.2 / 2)
          let x = Double(column + a.0) + 0.5 + part * Double(b.0 - a.0)
          let y = Double(row + a.1) + 0.5 + part * Double(b.1 - a.1)
          crossings.append(px(left + x * width - clip.x) + " " + px(bottom - y * height - clip.y))
        }
        for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
          commands += "M" + crossings[pair] + "L" + crossings[pair + 1]
        }
      }
    }
    path(commands, in: clip, style: "boundary")
  }

  /// Draws the ellipses of groups, and what stands at single points where it covers neither a label nor a dot.
  mutating func drawPointLabels(
    _ chart: LineChart, plane: LineChart.Plane, placer: inout LabelPlacer, inked: [LineChart.Pixel]
  ) {
    let clip = plane.frame
    for (index, cloud) in chart.clouds.enumerated() where cloud.hasEllipse {
      let commands = LineChart.ellipse(cloud.points).enumerated().map { offset, point in
        plane.pixel(point).map {
          (offset == 0 ? "M" : "L") + px($0.x - clip.x) + " " + px($0.y - clip.y)
        } ?? ""
      }
      path(
        commands.joined(), in: clip, style: "whisker \(LineChart.strokeStyle(index))",
        dash: LineChart.dash(of: chart.series[index], index: index))
    }
    let labelled = chart.clouds.flatMap { zip($0.points, $0.labels).map { ($0, $1[chart.language]) } }
    guard !labelled.isEmpty else { return }
    if inked.count <= 500 {
      for pixel in inked { placer.reserve(Box(x: pixel.x - 4, y: pixel.y - 4, width: 8, height: 8)) }
    }
    for (point, full) in labelled.prefix(200) {
      guard let place = plane.pixel(point), clip.holds(place) else { continue }
      let label = TextMeasure.pixels(size: 12).clipped(full, to: 160)
      guard !label.isEmpty else { continue }
      // An unseen disc over the dot shows its whole name to the pointer.
      circle(place.x, place.y, radius: 6, style: "unseen", tip: full)
      let around = LabelPlacer.around(x: place.x, y: place.y, reach: 6)
      let boxes = around.map { PlacedText.box(of: label, x: $0.x, baseline: $0.y, size: 12, anchor: $0.anchor) }
      guard let chosen = placer.place(boxes) else { continue }
      text(
        label, x: around[chosen].x, baseline: around[chosen].y, anchor: around[chosen].anchor, style: "halo",
        role: .node)
    }
  }
}

extension LineChart {
  /// The ellipse of two standard deviations about the mean, closed, or nothing for fewer than three points.
  static func ellipse(_ points: [Chart.Point]) -> [Chart.Point] {
    let points = points.filter {
      Scale.isDrawable($0.x, isLogarithmic: false) && Scale.isDrawable($0.y, isLogarithmic: false)
    }
    guard points.count > 2 else { return [] }
    let count = Double(points.count)
    let x = points.reduce(0) { $0 + $1.x / count }
    let y = points.reduce(0) { $0 + $1.y / count }
    // The lower triangle whose product with its transpose is the covariance takes the circle to the ellipse.
    let xx = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) / count }
    let xy = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) / count }
    let yy = points.reduce(0) { $0 + ($1.y - y) * ($1.y - y) / count }
    guard xx > 0, xx.isFinite, xy.isFinite, yy.isFinite else { return [] }
    let (a, b) = (xx.squareRoot(), xy / xx.squareRoot())
    let c = max(yy - b * b, 0).squareRoot()
    return (0...48).map { step in
      let angle = Double(step) / 24 * .pi
      return Chart.Point(x + 2 * a * cos(angle), y + 2 * (b * cos(angle) + c * sin(angle)))
    }
  }
}

extension LineChart: Figure {
  func draw(on canvas: inout Canvas, from top: Double) -> Double { canvas.draw(self, from: top) }

  private var isLogarithmic: Bool { axes.logarithmicX || axes.logarithmicY }

  var notes: [String] {
    let lost = series.reduce(0) { count, series in
      count
        + series.points.count {
          !Scale.isDrawable($0.x, isLogarithmic: axes.logarithmicX)
            || !Scale.isDrawable($0.y, isLogarithmic: axes.logarithmicY)
        }
    }
    return Phrase.skipped(lost, language, isLogarithmic: isLogarithmic)
  }

  var summary: String {
    let kind =
      clouds.isEmpty ? LocalizedText(en: "Line chart", zh: "折线图") : LocalizedText(en: "Scatter chart", zh: "散点图")
    let parts = series.map { series in
      let (x, y) = (Phrase.range(series.points.map(\.x), language), Phrase.range(series.points.map(\.y), language))
      return LocalizedText(
        en: "\(series.name.en): \(series.points.count) points, horizontally \(x), vertically \(y)",
        zh: "\(series.name.zh)：\(series.points.count) 个点，横轴 \(x)，纵轴 \(y)")[language]
    }
    let marks = marks.map { $0.label[language] }.filter { !$0.isEmpty }
    let all = Phrase.list(parts, language) + (marks.isEmpty ? "" : "; " + Phrase.list(marks, language))
    return LocalizedText(en: "\(kind.en). \(all).", zh: "\(kind.zh)。\(all)。")[language]
  }
}
