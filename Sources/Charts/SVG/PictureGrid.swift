/// Small grey pictures in a grid.
struct PictureGrid {
  let pictures: [Chart.Picture]
  let columns: Int
  let language: Language

  /// The pictures that are shown; more would make a page that nobody looks through.
  var shown: ArraySlice<Chart.Picture> { pictures.prefix(400) }
}

extension PictureGrid: Figure {
  func draw(on canvas: inout Canvas, from top: Double) -> Double { canvas.draw(self, from: top) }

  var notes: [String] {
    let lost = shown.reduce(0) { $0 + $1.pixels.count { !$0.isFinite } }
    return Phrase.cut(to: shown.count, of: pictures.count, LocalizedText(en: "pictures", zh: "张图片"), language)
      + Phrase.skipped(lost, language)
  }

  var summary: String {
    let captions = pictures.map { $0.caption[language] }.filter { !$0.isEmpty }
    return LocalizedText(
      en: "\(pictures.count) pictures. \(Phrase.list(captions, language))",
      zh: "\(pictures.count) 张图片。\(Phrase.list(captions, language))")[language]
  }
}

extension Canvas {
  /// Draws pictures, enlarged with crisp pixels, and their captions.
  ///
  /// - Returns: the lower edge.
  mutating func draw(_ grid: PictureGrid, from top: Double) -> Double {
    guard !grid.pictures.isEmpty else {
      let frame = Box(x: 16, y: top, width: Canvas.width - 32, height: 80)
      emptyNote(in: frame, language: grid.language)
      return frame.bottom
    }
    let columns = min(max(grid.columns, 1), grid.pictures.count, 64)
    let pitch = min((Canvas.width - 32) / Double(columns), 160)
    let gap = min(12, pitch * 0.12)
    let side = pitch - gap
    let measure = TextMeasure.pixels(size: 12)
    var y = top
    for start in stride(from: 0, to: grid.shown.count, by: columns) {
      let row = grid.shown[start..<min(start + columns, grid.shown.count)]
      let scales = row.map { side / Double(max($0.width, $0.height, 1)) }
      let height = zip(row, scales).map { Double($0.height) * $1 }.max() ?? 0
      var lines = 0
      for (column, (picture, scale)) in zip(row, scales).enumerated() {
        let x = 16 + Double(column) * pitch
        let (width, tall) = (Double(picture.width) * scale, Double(picture.height) * scale)
        let box = Box(x: x + (side - width) / 2, y: y + height - tall, width: width, height: tall)
        if picture.width > 0 && picture.height > 0 {
          image(PNG.grey(picture.shades, width: picture.width), in: box)
        }
        rectangle(box.grown(by: 0.5), style: "axis")
        // A caption of up to three lines, the last cut with an ellipsis.
        let caption = picture.caption[grid.language]
        guard side >= 24, !caption.isEmpty else { continue }
        var wrapped = measure.wrapped(caption, to: side)
        if wrapped.count > 3 { wrapped = wrapped.prefix(2) + [wrapped.dropFirst(2).joined(separator: " ")] }
        for (line, text) in wrapped.enumerated() {
          self.text(
            text, x: x + side / 2, baseline: y + height + 15 + 15 * Double(line), anchor: .middle, role: .caption,
            limit: side)
        }
        lines = max(lines, wrapped.count)
      }
      y += height + gap + (lines > 0 ? 15 * Double(lines) + 6 : 0)
    }
    return y
  }
}

extension Chart.Picture {
  /// The pixels from 0, black, to 255, white; what is no number is black.
  var shades: [UInt8] {
    pixels.map { $0.isNaN ? 0 : UInt8((min(max($0, 0), 1) * 255).rounded()) }
  }
}

extension Box {
  fileprivate func grown(by margin: Double) -> Box {
    Box(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
  }
}
