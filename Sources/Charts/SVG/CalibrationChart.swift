/// Reliability diagrams: the observed share of positives over the predicted one, and how many predictions there are.
struct CalibrationChart {
  let curves: [Chart.Calibration]
  let labels: (x: String, y: String)
  let language: Language

  /// The bins that have predictions and places.
  func bins(_ curve: Chart.Calibration) -> [Chart.Calibration.Bin] {
    curve.bins.filter {
      $0.count > 0 && Scale.isDrawable($0.predicted, isLogarithmic: false)
        && Scale.isDrawable($0.observed, isLogarithmic: false)
    }
  }

  /// The diagram as curves on the unit square, with the 95 % intervals that the counts leave (Wilson, "Probable
  /// inference, the law of succession, and statistical inference", 1927).
  var diagram: LineChart {
    let series = curves.map { curve in
      let bins = bins(curve)
      let ends = bins.map { CalibrationChart.wilson($0.observed, count: $0.count) }
      let suffix = "ECE " + Numbers.fixed(curve.expectedError, places: 3)
      let name = LocalizedText(
        en: curve.name.en.isEmpty ? suffix : curve.name.en + ", " + suffix,
        zh: curve.name.zh.isEmpty ? suffix : curve.name.zh + "，" + suffix)
      return Chart.Series(
        name, points: bins.map { Chart.Point($0.predicted, $0.observed) },
        bands: [Chart.Band(low: ends.map(\.low), high: ends.map(\.high))])
    }
    return LineChart(
      series: series, axes: .unitSquare,
      marks: [.diagonal(label: LocalizedText(en: "perfectly calibrated", zh: "完全校准"))],
      labels: (
        labels.x.isEmpty ? LocalizedText(en: "predicted probability", zh: "预测概率")[language] : labels.x,
        labels.y.isEmpty ? LocalizedText(en: "observed share of positives", zh: "实际正例占比")[language] : labels.y
      ), language: language)
  }

  /// The interval in which the true share lies with 95 %.
  static func wilson(_ share: Double, count: Int) -> (low: Double, high: Double) {
    let (n, z) = (Double(count), 1.96)
    let share = min(max(share, 0), 1)
    let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    return (max(middle - half, 0), min(middle + half, 1))
  }
}

extension CalibrationChart: Figure {
  var notes: [String] {
    Phrase.skipped(curves.reduce(0) { $0 + $1.bins.count { $0.count > 0 } - bins($1).count }, language)
  }

  var summary: String {
    let parts = curves.map { curve in
      let pairs = bins(curve).prefix(20).map { "\(Numbers.compact($0.predicted))→\(Numbers.compact($0.observed))" }
      let error = Numbers.fixed(curve.expectedError, places: 3)
      return "\(curve.name[language]), ECE \(error): " + pairs.joined(separator: ", ")
    }
    return LocalizedText(
      en: "Reliability diagram. \(Phrase.list(parts, language)).", zh: "可靠性图。\(Phrase.list(parts, language))。")[
        language]
  }

  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    let diagram = diagram
    var y = canvas.draw(diagram, from: top) + 8
    let counts = curves.flatMap { bins($0).map { Double($0.count) } }
    guard let most = counts.max() else { return y }
    // The counts stand below the square, on its axis.
    let scales = LineScales(series: diagram.series, axes: diagram.axes, marks: [])
    let left = Canvas.room(for: scales.y.ticks(6))
    canvas.text(
      LocalizedText(en: "predictions in each bin", zh: "每个区间的预测数")[language], x: 16, baseline: y + 12, style: "muted",
      role: .label, limit: Canvas.width - 32)
    y += 22
    let frame = Box(x: left, y: y, width: 440, height: 64)
    let width = min(18, max(2, 300 / Double(counts.count)))
    for (index, curve) in curves.enumerated() {
      for bin in bins(curve) {
        guard let position = scales.x.position(bin.predicted), position >= 0, position <= 1 else { continue }
        let shift = (Double(index) - Double(curves.count) / 2) * width
        let height = max(Double(bin.count) / most * frame.height, 0.8)
        canvas.rectangle(
          Box(
            x: frame.x + position * frame.width + shift, y: frame.bottom - height, width: max(width - 1, 1),
            height: height), style: LineChart.fillStyle(index),
          tip: "\(curve.name[language]), \(Numbers.compact(bin.predicted)): \(bin.count)")
      }
    }
    canvas.line(frame.x, frame.bottom, frame.right, frame.bottom, style: "axis")
    canvas.text(
      Numbers.compact(most), x: frame.x - 8, baseline: frame.y + 9, size: 11, anchor: .end, style: "muted",
      role: .yTick, limit: left - 12)
    return frame.bottom + 6
  }

  func lines(width: Int, color: Bool) -> [Line] {
    var lines = diagram.lines(width: width, color: color)
    for (index, curve) in curves.enumerated() {
      var line = Line(LocalizedText(en: "predictions: ", zh: "预测数：")[language], .faint)
      line.add(Sparkline.text(bins(curve).map { Double($0.count) }), .series(index))
      line.add(" " + curve.name[language])
      lines.append(line)
    }
    return lines
  }
}
