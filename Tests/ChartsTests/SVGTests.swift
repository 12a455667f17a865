import Foundation
import Testing

@testable import Charts

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a parser finds in a document.
private final class Elements: NSObject, XMLParserDelegate {
  var names: [String: Int] = [:]
  var attributes: [(element: String, name: String, value: String)] = []
  var text = ""

  init?(parsing document: String) {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    if !parser.parse() { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    names[name, default: 0] += 1
    self.attributes += attributes.map { (name, $0.key, $0.value) }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

func hasNoNumberLikeNaN(_ svg: String) throws -> Bool {
  let elements = try #require(Elements(parsing: svg))
  let numeric: Set = [
    "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "d", "transform", "viewBox",
  ]
  let values = elements.attributes.filter { numeric.contains($0.name) }.map { attribute in
    attribute.value.replacingOccurrences(of: "rotate", with: "")
  }
  let areNumbers = values.allSatisfy { value in value.allSatisfy { "0123456789.- MLZ()".contains($0) } }
  return areNumbers && !elements.text.contains("nan") && !elements.text.contains("inf")
}

@Test("every chart is well-formed SVG with numbers only where numbers belong", arguments: Language.allCases)
func wellFormed(language: Language) throws {
  for chart in Samples.ordinary + Samples.hostile {
    for svg in [chart.svg(language: language), chart.embeddedSVG(language: language)] {
      #expect(try hasNoNumberLikeNaN(svg), "\(chart.title.en)")
    }
  }
}

@Test("the test of overlap knows slanted texts that pass each other from those that cross")
func overlapIsJudged() {
  let text = { (x: Double, angle: Double) in
    PlacedText(text: "a long label", role: .xTick, x: x, baseline: 100, size: 12, anchor: .end, angle: angle)
  }
  #expect(overlap(text(100, 0), text(110, 0)))
  #expect(!overlap(text(100, -45), text(122, -45)))
  #expect(overlap(text(100, -45), text(105, -45)))
}

@Test("all texts lie inside the picture and none covers another", arguments: Language.allCases)
func textsHaveRoom(language: Language) {
  for chart in Samples.ordinary + Samples.hostile + [Samples.crowded, Samples.far] {
    for isEmbedded in [false, true] {
      expectRoomForTexts(of: chart, language: language, isEmbedded: isEmbedded)
    }
  }
}

@Test("every axis of an ordinary chart has at least two ticks")
func ticksAreThere() {
  for chart in Samples.ordinary {
    guard case .lines = chart.content else { continue }
    let texts = chart.drawing(language: .english, isEmbedded: false).canvas.texts
    #expect(texts.count { $0.role == .xTick } >= 2, "\(chart.title.en)")
    #expect(texts.count { $0.role == .yTick } >= 2, "\(chart.title.en)")
  }
}

@Test("a confusion matrix shows every count, in ink that is readable on its cell")
func confusionShowsCounts() throws {
  let drawing = Samples.confusion.drawing(language: .english, isEmbedded: false)
  let values = drawing.canvas.texts.filter { $0.role == .value }.map(\.text)
  #expect(values == ["982", "11", "0", "3", "8", "145", "12", "0", "1", "14", "88", "7", "0", "0", "9", "41"])
  for step in 0...100 {
    let colour = Palette.sequential(Double(step) / 100)
    #expect(contrast(colour, Palette.wantsBlackInk(on: colour) ? (0, 0, 0) : (255, 255, 255)) >= 4.5)
  }
}

/// The contrast of two colours by WCAG 2.
private func contrast(_ a: (red: Int, green: Int, blue: Int), _ b: (red: Int, green: Int, blue: Int)) -> Double {
  func luminance(_ colour: (red: Int, green: Int, blue: Int)) -> Double {
    let parts = [colour.red, colour.green, colour.blue].map { value -> Double in
      let part = Double(value) / 255
      return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
  let (light, dark) = (max(luminance(a), luminance(b)), min(luminance(a), luminance(b)))
  return (light + 0.05) / (dark + 0.05)
}

@Test("the same chart gives the same bytes")
func sameBytes() throws {
  for chart in Samples.ordinary + Samples.hostile {
    #expect(chart.svg(language: .chinese) == chart.svg(language: .chinese))
  }
  // A copy that went through a file draws the same.
  let copy = try JSONDecoder().decode(Chart.self, from: JSONEncoder().encode(Samples.largeGraph))
  #expect(copy.svg(language: .english) == Samples.largeGraph.svg(language: .english))
}

@Test("a non-finite point breaks its curve")
func gapsBreakCurves() {
  let chart = Chart(
    title: LocalizedText("gap"), content: .lines([.init(LocalizedText("y"), values: [1, 2, .nan, 3, 4])]))
  let path = chart.svg(language: .english).split(separator: "\n").first { $0.contains("<path") } ?? ""
  #expect(path.count { $0 == "M" } == 2)
  #expect(path.count { $0 == "L" } == 2)
}

@Test("a curve of very many points stays small and keeps its peak")
func longCurvesAreThinned() {
  var values = Samples.noise(200_000)
  values[123_456] = 40
  let chart = Chart(title: LocalizedText("long"), content: .lines([.init(LocalizedText("y"), values: values)]))
  #expect(chart.svg(language: .english).utf8.count < 100_000)
  let scales = LineScales(series: [.init(LocalizedText("y"), values: values)], axes: .init(), marks: [])
  let plane = LineChart.Plane(scales: scales, frame: Box(x: 0, y: 0, width: 600, height: 300))
  let strokes = LineChart.strokes(of: .init(LocalizedText("y"), values: values), plane: plane)
  #expect(strokes.joined().map(\.y).min() == plane.y(40))
}

@Test("linked nodes lie closer to each other than strangers, and no two at one place")
func layoutShowsGroups() {
  var links: [Chart.Link] = [.init(from: 0, to: 6)]
  for group in [0, 6] {
    for a in 0..<6 { for b in 0..<a { links.append(.init(from: group + a, to: group + b)) } }
  }
  let places = ForceLayout.places(count: 12, links: links)
  var (within, between): ([Double], [Double]) = ([], [])
  for a in 0..<12 {
    for b in 0..<a {
      let (dx, dy) = (places[a].x - places[b].x, places[a].y - places[b].y)
      if a / 6 == b / 6 { within.append(dx * dx + dy * dy) } else { between.append(dx * dx + dy * dy) }
    }
  }
  let means = [within, between].map { $0.reduce(0, +) / Double($0.count) }
  #expect(means[0] < 0.5 * means[1])
  #expect((within + between).allSatisfy { $0 > 1e-4 })
  #expect(places.allSatisfy { (0...1).contains($0.x) && (0...1).contains($0.y) })
}

@Test("a small PNG has the bytes that the standard gives it")
func pngBytes() {
  // A 2 × 1 picture of black and white; the bytes were put together with zlib's checksums.
  let png = PNG.grey([0, 255], width: 2)
  #expect(
    PNG.base64(png)
      == "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAADklEQVR4AQEDAPz/AAD/AQIBALcBLvcAAAAASUVORK5CYII=")
}

@Test(
  "base64 pads as RFC 4648 says",
  arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
func base64(text: String, code: String) {
  #expect(PNG.base64(Array(text.utf8)) == code)
}

@Test("the constructors name axes in both languages and compute the area under a ROC curve")
func metricCharts() {
  let roc = Chart.roc(curves: [(LocalizedText("perfect"), [0, 0, 1], [0, 1, 1])])
  guard case .lines(let series, let axes, let marks) = roc.content else {
    Issue.record("a ROC chart is one of lines")
    return
  }
  #expect(series[0].name.zh == "perfect, AUC 1.000")
  #expect(axes == .unitSquare)
  #expect(marks.count == 1)
  for chart in [roc, Samples.precisionRecall, Samples.confusion, Samples.history] {
    #expect(chart.xLabel.en != chart.xLabel.zh && chart.yLabel.en != chart.yLabel.zh)
  }
}
