import Foundation
import Testing

@testable import Charts

/// The corners of a text, in order around it.
private func corners(_ text: PlacedText) -> [(x: Double, y: Double)] {
  let box = PlacedText.box(of: text.text, x: text.x, baseline: text.baseline, size: text.size, anchor: text.anchor)
  let (sine, cosine) = (sin(text.angle * .pi / 180), cos(text.angle * .pi / 180))
  return [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)].map { corner in
    let (dx, dy) = (corner.0 - text.x, corner.1 - text.baseline)
    return (text.x + dx * cosine - dy * sine, text.baseline + dx * sine + dy * cosine)
  }
}

/// Whether two texts share a point: no line parallel to a side of either lies between them.
func overlap(_ first: PlacedText, _ second: PlacedText) -> Bool {
  let (a, b) = (corners(first), corners(second))
  for text in [first, second] {
    for angle in [text.angle, text.angle + 90] {
      let (x, y) = (cos(angle * .pi / 180), sin(angle * .pi / 180))
      let (p, q) = (a.map { $0.x * x + $0.y * y }, b.map { $0.x * x + $0.y * y })
      guard let pLow = p.min(), let pHigh = p.max(), let qLow = q.min(), let qHigh = q.max() else { return false }
      if pHigh <= qLow + 0.01 || qHigh <= pLow + 0.01 { return false }
    }
  }
  return true
}

/// Expects that all texts lie inside the picture and none covers another.
func expectRoomForTexts(
  of chart: Chart, language: Language, isEmbedded: Bool, _ about: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let drawing = chart.drawing(language: language, isEmbedded: isEmbedded)
  // From the top down, so that only neighbours are compared.
  let texts = drawing.canvas.texts.map { text -> (text: PlacedText, top: Double, bottom: Double) in
    let ys = corners(text).map(\.y)
    return (text, ys.min() ?? 0, ys.max() ?? 0)
  }.sorted { $0.top < $1.top }
  for (index, first) in texts.enumerated() {
    let isInside = corners(first.text).allSatisfy {
      $0.x >= 0 && $0.x <= Canvas.width && $0.y >= 0 && $0.y <= drawing.height
    }
    if !isInside {
      Issue.record(
        "\(about) \(chart.title.en): “\(first.text.text)” of \(first.text.role) sticks out",
        sourceLocation: sourceLocation)
    }
    for second in texts[(index + 1)...] {
      if second.top >= first.bottom { break }
      guard overlap(first.text, second.text) else { continue }
      Issue.record(
        """
        \(about) \(chart.title.en): “\(first.text.text)” (\(first.text.role)) covers \
        “\(second.text.text)” (\(second.text.role))
        """, sourceLocation: sourceLocation)
    }
  }
}
