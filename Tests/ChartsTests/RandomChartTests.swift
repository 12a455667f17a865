import Testing

@testable import Charts

@Test(
  "labels of random charts of every kind lie inside the picture, and none covers another",
  arguments: RandomCharts.Data.allCases, RandomCharts.Labels.allCases)
func randomChartsHaveRoom(data: RandomCharts.Data, labels: RandomCharts.Labels) throws {
  for (seed, count) in [0, 1, 2, 9, 14, 50].enumerated() {
    var random = RandomCharts(seed: UInt64(seed) + 11, data: data, labels: labels, count: count)
    for chart in random.all() {
      let about = "\(count) of \(data), \(labels):"
      // Both languages over the sizes, to spare time.
      let language: Language = seed % 2 == 0 ? .chinese : .english
      expectRoomForTexts(of: chart, language: language, isEmbedded: language == .english, about)
      #expect(try hasNoNumberLikeNaN(chart.svg(language: .english)), "\(about) \(chart.title.en)")
      for width in [9, 60] {
        let lines = chart.text(language: .chinese, width: width, color: false).split(separator: "\n")
        let widest = lines.map { displayWidth(of: String($0)) }.max() ?? 0
        #expect(widest <= width, "\(about) \(chart.title.en) in \(width) columns")
      }
    }
  }
}

@Test(
  "ten thousand points make a picture of bounded size, whose labels still have room",
  arguments: [RandomCharts.Data.ordinary, .broken])
func manyPointsStaySmall(data: RandomCharts.Data) {
  var random = RandomCharts(seed: 5, data: data, labels: .short, count: 10_000)
  for chart in random.all() {
    let size = chart.svg(language: .english).utf8.count
    #expect(size < 700_000, "\(chart.title.en): \(size) bytes")
    expectRoomForTexts(of: chart, language: .chinese, isEmbedded: false, "10,000")
    let lines = chart.text(language: .english, width: 80, color: false).split(separator: "\n").count
    #expect(lines < 500, "\(chart.title.en): \(lines) lines")
  }
}
