/// One chart in one language, ready for each of its forms.
protocol Figure {
  /// Draws the chart below an edge.
  ///
  /// - Returns: the chart's lower edge.
  func draw(on canvas: inout Canvas, from top: Double) -> Double

  /// The chart for a terminal.
  func lines(width: Int, color: Bool) -> [Line]

  /// The chart in words, for readers who hear it: its kind, its size, its extremes.
  var summary: String { get }

  /// What the picture leaves out, one sentence each.
  var notes: [String] { get }
}

extension Chart {
  /// The chart's data with the words of one language.
  func figure(_ language: Language) -> any Figure {
    let labels = (x: xLabel[language], y: yLabel[language])
    switch content {
    case .lines(let series, let axes, let marks):
      return LineChart(series: series, axes: axes, marks: marks, labels: labels, language: language)
    case .scatter(let clouds, let field, let curves, let axes):
      return LineChart(clouds: clouds, field: field, curves: curves, axes: axes, labels: labels, language: language)
    case .bars(let categories, let groups, let isStacked):
      return BarChart(
        categories: categories, groups: groups, isStacked: isStacked, labels: labels, language: language)
    case .distributions(let rows, let marks):
      return DistributionChart(rows: rows, marks: marks, labels: labels, language: language)
    case .calibration(let curves):
      return CalibrationChart(curves: curves, labels: labels, language: language)
    case .strips(let strips, let groups):
      return StripChart(strips: strips, groups: groups.map { $0[language] }, labels: labels, language: language)
    case .heatmap(let values, let rows, let columns, let showsValues, let isDiverging):
      return Heatmap(
        values: values, rows: rows.map { $0[language] }, columns: columns.map { $0[language] },
        showsValues: showsValues, isDiverging: isDiverging, labels: labels, language: language)
    case .grid(let cells, let rows, let columns, let groups):
      return CellGrid(
        cells: cells, rows: rows.map { $0[language] }, columns: columns.map { $0[language] },
        groups: groups.map { $0[language] }, labels: labels, language: language)
    case .tokens(let rows):
      return TokenChart(rows: rows, language: language)
    case .images(let pictures, let columns):
      return PictureGrid(pictures: pictures, columns: columns, language: language)
    case .graph(let nodes, let links, let groups):
      return GraphChart(nodes: nodes, links: links, groupNames: groups.map { $0[language] }, language: language)
    case .dendrogram(let leaves, let merges, let cut):
      return Dendrogram(
        leaves: leaves.map { $0[language] }, merges: merges, cut: cut, labels: labels, language: language)
    case .tree(let nodes):
      return TreeChart(nodes: nodes, language: language)
    }
  }
}

/// The sentences that charts of several kinds say.
enum Phrase {
  /// What a chart says where it has no data.
  static let noData = LocalizedText(en: "no data", zh: "没有数据")

  /// The values that have no place, or nothing where there are none.
  static func skipped(_ count: Int, _ language: Language, isLogarithmic: Bool = false) -> [String] {
    guard count > 0 else { return [] }
    let reason =
      isLogarithmic
      ? LocalizedText(en: "not finite, or not above zero on a logarithmic axis", zh: "非有限值，或在对数轴上不大于零")
      : LocalizedText(en: "not finite", zh: "非有限值")
    return [
      LocalizedText(
        en: "\(count) \(count == 1 ? "value is" : "values are") left out: \(reason.en).",
        zh: "略去 \(count) 个数值：\(reason.zh)。")[language]
    ]
  }

  /// That a long list is cut, or nothing where it is not.
  static func cut(to shown: Int, of total: Int, _ things: LocalizedText, _ language: Language) -> [String] {
    guard shown < total else { return [] }
    return [
      LocalizedText(
        en: "The first \(shown) of \(total) \(things.en) are shown.", zh: "共 \(total) \(things.zh)，只显示前 \(shown) 项。")[
          language]
    ]
  }

  /// From where to where values reach.
  static func range(_ values: [Double], _ language: Language) -> String {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return noData[language] }
    let (from, to) = (Numbers.compact(low), Numbers.compact(high))
    return LocalizedText(en: "\(from) to \(to)", zh: "\(from) 到 \(to)")[language]
  }

  /// Parts of a summary, the first few of many.
  static func list(_ parts: [String], _ language: Language, limit: Int = 8) -> String {
    let rest = parts.count - limit
    let tail = rest > 0 ? [LocalizedText(en: "and \(rest) more", zh: "另有 \(rest) 项")[language]] : []
    return (parts.prefix(limit) + tail).joined(separator: LocalizedText(en: "; ", zh: "；")[language])
  }
}
