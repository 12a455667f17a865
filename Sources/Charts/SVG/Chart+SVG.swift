extension Chart {
  /// The chart as one SVG document that needs nothing else: it has both themes, follows the reader's choice of light or
  /// dark, and scales to the width it is given. The same chart gives the same bytes.
  ///
  /// - Parameter language: the language of title and labels.
  /// - Returns: the text of an `svg` element.
  public func svg(language: Language) -> String {
    svg(language: language, isEmbedded: false)
  }

  /// The chart for a page that has the style sheet and shows the title itself.
  func embeddedSVG(language: Language) -> String {
    svg(language: language, isEmbedded: true)
  }

  private func svg(language: Language, isEmbedded: Bool) -> String {
    let drawing = drawing(language: language, isEmbedded: isEmbedded)
    let figure = figure(language)
    let words = ([figure.summary] + figure.notes).joined(separator: language == .english ? " " : "")
    return drawing.canvas.document(
      height: drawing.height, label: title[language], description: words, isEmbedded: isEmbedded)
  }

  /// What the SVG shows, before it becomes text.
  func drawing(language: Language, isEmbedded: Bool) -> (canvas: Canvas, height: Double) {
    var canvas = Canvas()
    var top = 10.0
    if !isEmbedded && !title[language].isEmpty {
      for line in TextMeasure.pixels(size: 16).wrapped(title[language], to: Canvas.width - 32).prefix(5) {
        canvas.text(
          line, x: 16, baseline: top + 16, size: 16, style: "strong", role: .title, limit: Canvas.width - 32)
        top += 22
      }
      top += 8
    }
    let figure = figure(language)
    var bottom = figure.draw(on: &canvas, from: top)
    for note in figure.notes {
      for line in TextMeasure.pixels(size: 11).wrapped(note, to: Canvas.width - 32) {
        canvas.text(line, x: 16, baseline: bottom + 16, size: 11, style: "muted", role: .note)
        bottom += 16
      }
    }
    return (canvas, bottom + 10)
  }
}

/// The parts that several kinds of chart share.
extension Canvas {
  /// One entry of a legend.
  struct LegendEntry {
    let name: String
    /// The class of the sign: `s1` of a line, `f2` of the others.
    let style: String
    let sign: Sign
    /// A line, with the sign that it bears; a sign alone; a square of colour, with the sign that stands in it.
    enum Sign { case line(dash: String, symbol: Int?), symbol(Int), square(symbol: Int?) }
  }

  /// Draws a legend in as many rows as it needs.
  ///
  /// - Returns: the lower edge.
  mutating func legend(_ entries: [LegendEntry], from top: Double) -> Double {
    let entries = entries.filter { !$0.name.isEmpty }
    guard !entries.isEmpty else { return top }
    let measure = TextMeasure.pixels(size: 12)
    var x = 16.0
    var y = top
    for entry in entries {
      let name = measure.clippedInside(entry.name, to: 330)
      let width = 28 + measure.width(of: name)
      if x > 16 && x + width > Canvas.width - 16 {
        x = 16
        y += 20
      }
      legendSign(entry, x: x, y: y)
      text(entry.name, x: x + 28, baseline: y + 12, role: .legend, limit: 330)
      x += width + 20
    }
    return y + 26
  }

  /// Draws a legend below one another, each name on up to three lines.
  mutating func legendColumn(_ entries: [LegendEntry], x: Double, from top: Double) {
    var y = top
    let limit = Canvas.width - 12 - x - 28
    for entry in entries {
      legendSign(entry, x: x, y: y)
      let lines = TextMeasure.pixels(size: 12).wrapped(entry.name, to: limit)
      for (index, line) in lines.prefix(3).enumerated() {
        let isCut = index == 2 && lines.count > 3
        text(isCut ? line + " …" : line, x: x + 28, baseline: y + 12, role: .legend, limit: limit)
        y += 16
      }
      y += 6
    }
  }

  private mutating func legendSign(_ entry: LegendEntry, x: Double, y: Double) {
    switch entry.sign {
    case .line(let dash, let symbol):
      line(x, y + 8, x + 22, y + 8, style: "curve \(entry.style)", dash: dash)
      if let symbol {
        shape(
          Symbol.path(symbol, x: x + 11, y: y + 8, radius: 3.4), style: "\(LineChart.fillStyle(symbol)) rim")
      }
    case .symbol(let symbol):
      shape(Symbol.path(symbol, x: x + 11, y: y + 8, radius: 4.2), style: "\(entry.style) rim")
    case .square(let symbol):
      rectangle(Box(x: x + 4, y: y + 1, width: 14, height: 14), style: entry.style)
      if let symbol { shape(Symbol.path(symbol, x: x + 11, y: y + 8, radius: 3.4), style: "paper") }
    }
  }

  /// Draws the label of the vertical axis, upright and above it, where Chinese and English read alike.
  ///
  /// - Returns: the lower edge.
  mutating func verticalAxisLabel(_ label: String, from top: Double) -> Double {
    guard !label.isEmpty else { return top + 6 }
    text(label, x: 16, baseline: top + 12, style: "muted", role: .label, limit: Canvas.width - 32)
    return top + 24
  }

  /// Draws the label of the horizontal axis below it.
  ///
  /// - Returns: the lower edge.
  mutating func horizontalAxisLabel(_ label: String, middle: Double, from top: Double) -> Double {
    guard !label.isEmpty else { return top }
    let width = min(TextMeasure.pixels(size: 12).width(of: label), Canvas.width - 32)
    let x = min(max(middle, 16 + width / 2), Canvas.width - 16 - width / 2)
    text(
      label, x: x, baseline: top + 14, anchor: .middle, style: "muted", role: .label, limit: Canvas.width - 32)
    return top + 20
  }

  /// Draws the ticks of the vertical axis with lines across the frame.
  mutating func verticalTicks(_ ticks: [Scale.Tick], frame: Box) {
    for tick in ticks {
      let y = frame.bottom - tick.position * frame.height
      line(frame.x, y, frame.right, y, style: "grid")
      text(tick.label, x: frame.x - 8, baseline: y + 4, anchor: .end, style: "muted", role: .yTick)
    }
  }

  /// The room that the ticks of a vertical axis need at its left.
  static func room(for ticks: [Scale.Tick]) -> Double {
    let measure = TextMeasure.pixels(size: 12)
    return 16 + (ticks.map { measure.width(of: $0.label) }.max() ?? 0) + 8
  }

  /// Draws the names of categories below an axis: level where all fit, else slanted, and only every so many where even
  /// that would crowd them.
  ///
  /// - Parameters:
  ///   - names: one name a category.
  ///   - centres: where each stands.
  ///   - pitch: the distance from one to the next.
  ///   - top: the edge below which they stand.
  /// - Returns: the lower edge.
  mutating func categoryLabels(_ names: [String], centres: [Double], pitch: Double, from top: Double) -> Double {
    guard names.contains(where: { !$0.isEmpty }) else { return top + 4 }
    let measure = TextMeasure.pixels(size: 12)
    let widths = names.map { measure.width(of: $0) }
    let isLevel = zip(widths, centres).allSatisfy { width, centre in
      // A single name may be wider than its column.
      (width <= pitch - 8 || names.count == 1) && centre - width / 2 >= 4
        && centre + width / 2 <= Canvas.width - 4
    }
    if isLevel {
      for (name, centre) in zip(names, centres) {
        text(name, x: centre, baseline: top + 16, anchor: .middle, style: "muted", role: .xTick)
      }
      return top + 22
    }
    // At 45°, lines of text are `pitch / √2` apart and reach `width / √2` to the left and downwards.
    let slope = 0.5.squareRoot()
    let stride = max(1, Int((15 / slope / pitch).rounded(.up)))
    var reach = 0.0
    for index in Swift.stride(from: 0, to: min(names.count, centres.count), by: stride) {
      let x = centres[index] + 4
      let limit = min(130, (x - 14) / slope)
      text(
        names[index], x: x, baseline: top + 14, anchor: .end, angle: -45, style: "muted", role: .xTick, limit: limit)
      reach = max(reach, min(widths[index], limit) * slope)
    }
    return top + 14 + reach + 10
  }

  /// Writes in the middle of a frame that there are no data.
  ///
  /// - Returns: the box of the words.
  @discardableResult
  mutating func emptyNote(in frame: Box, language: Language) -> Box {
    let (x, baseline) = (frame.x + frame.width / 2, frame.y + frame.height / 2 + 4)
    text(Phrase.noData[language], x: x, baseline: baseline, anchor: .middle, style: "muted", role: .label)
    return PlacedText.box(of: Phrase.noData[language], x: x, baseline: baseline, size: 12, anchor: .middle)
  }
}
