extension Chart {
  /// ROC curves with the diagonal of chance. The legend gives each curve's area by the trapezoidal rule.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - curves: a name, and the false-positive and true-positive rates at falling thresholds, of equal count.
  /// - Returns: a chart of lines on the unit square.
  public static func roc(
    title: LocalizedText = LocalizedText(en: "ROC curve", zh: "ROC 曲线"),
    curves: [(name: LocalizedText, fpr: [Double], tpr: [Double])]
  ) -> Chart {
    let series = curves.map { curve in
      let points = joined(curve.fpr, curve.tpr, of: "roc")
      let area = zip(points, points.dropFirst()).reduce(0) { $0 + ($1.1.x - $1.0.x) * ($1.0.y + $1.1.y) / 2 }
      let suffix = ", AUC " + Numbers.fixed(area, places: 3)
      return Series(LocalizedText(en: curve.name.en + suffix, zh: curve.name.zh + suffix), points: points)
    }
    return Chart(
      title: title, xLabel: LocalizedText(en: "false-positive rate", zh: "假正例率"),
      yLabel: LocalizedText(en: "true-positive rate", zh: "真正例率"),
      content: .lines(
        series, axes: .unitSquare, marks: [.diagonal(label: LocalizedText(en: "chance", zh: "随机猜测"))]))
  }

  /// Precision–recall curves.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - curves: a name, and recall and precision at each threshold, of equal count.
  ///   - baseRate: the share of positives, which is the precision of chance; drawn where given.
  /// - Returns: a chart of lines on the unit square.
  public static func precisionRecall(
    title: LocalizedText = LocalizedText(en: "Precision–recall curve", zh: "精确率–召回率曲线"),
    curves: [(name: LocalizedText, recall: [Double], precision: [Double])], baseRate: Double? = nil
  ) -> Chart {
    let chance = baseRate.map {
      Mark.horizontal(y: $0, label: LocalizedText(en: "chance: share of positives", zh: "随机猜测：正例占比"))
    }
    return Chart(
      title: title, xLabel: LocalizedText(en: "recall", zh: "召回率"),
      yLabel: LocalizedText(en: "precision", zh: "精确率"),
      content: .lines(
        curves.map { Series($0.name, points: joined($0.recall, $0.precision, of: "precisionRecall")) },
        axes: .unitSquare, marks: chance.map { [$0] } ?? []))
  }

  /// A confusion matrix.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - counts: `counts[t][p]` examples of true class `t` were predicted as `p`.
  ///   - classes: the name of each class.
  /// - Returns: a heatmap with the counts written in.
  public static func confusion(
    title: LocalizedText = LocalizedText(en: "Confusion matrix", zh: "混淆矩阵"), counts: [[Int]],
    classes: [LocalizedText]
  ) -> Chart {
    Chart(
      title: title, xLabel: LocalizedText(en: "predicted class", zh: "预测类别"),
      yLabel: LocalizedText(en: "true class", zh: "真实类别"),
      content: .heatmap(values: counts.map { $0.map(Double.init) }, rows: classes, columns: classes, showsValues: true))
  }

  /// What a training run measured, epoch by epoch.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - curves: a name, and one value an epoch, from the first.
  ///   - xLabel: what a step is; an epoch unless told.
  ///   - yLabel: what is measured; the loss unless told.
  ///   - logarithmic: whether the vertical axis is logarithmic.
  /// - Returns: a chart of lines.
  public static func history(
    title: LocalizedText = LocalizedText(en: "Training history", zh: "训练过程"),
    curves: [(name: LocalizedText, values: [Double])],
    xLabel: LocalizedText = LocalizedText(en: "epoch", zh: "轮次"),
    yLabel: LocalizedText = LocalizedText(en: "loss", zh: "损失"), logarithmic: Bool = false
  ) -> Chart {
    Chart(
      title: title, xLabel: xLabel, yLabel: yLabel,
      content: .lines(curves.map { Series($0.name, values: $0.values) }, axes: Axes(logarithmicY: logarithmic)))
  }

  /// How often values occur, in bins of equal width, as the share of each sample.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - xLabel: what the values are, with their unit.
  ///   - samples: a name, and the values; those that are not finite are left out and counted in the legend.
  ///   - bins: how many bins share the range of all samples.
  ///   - marks: labelled places, such as a threshold.
  /// - Returns: a chart of lines with the ground below them filled.
  public static func histogram(
    title: LocalizedText, xLabel: LocalizedText, samples: [(name: LocalizedText, values: [Double])], bins: Int = 24,
    marks: [Mark] = []
  ) -> Chart {
    precondition(bins > 0, "Chart.histogram: \(bins) bins")
    let drawable = samples.map { $0.values.filter { Scale.isDrawable($0, isLogarithmic: false) } }
    let low = drawable.joined().min() ?? 0
    let high = drawable.joined().max() ?? 0
    // Equal values stand in the middle of a range of their own size.
    let padding = low < high ? 0 : max(abs(low) / 2, 0.5)
    let (from, to) = (low - padding, high + padding)
    let series = zip(samples, drawable).map { sample, values -> Series in
      var counts = [Double](repeating: 0, count: bins)
      for value in values {
        // In halves, because the difference of two large values may overflow.
        let part = (value / 2 - from / 2) / (to / 2 - from / 2)
        counts[min(max(Int(part * Double(bins)), 0), bins - 1)] += 1
      }
      // Up, along and down each bin.
      let edges = (0...bins).map { from + (to / 2 - from / 2) * 2 * Double($0) / Double(bins) }
      var points = [Point(from, 0)]
      for (bin, count) in counts.enumerated() {
        let share = count / Double(max(values.count, 1))
        points += [Point(edges[bin], share), Point(edges[bin + 1], share)]
      }
      points.append(Point(to, 0))
      let lost = sample.values.count - values.count
      let name = LocalizedText(
        en: sample.name.en + (lost > 0 ? " (\(lost) not finite)" : ""),
        zh: sample.name.zh + (lost > 0 ? "（\(lost) 个非有限值）" : ""))
      guard !values.isEmpty else { return Series(name, points: []) }
      return Series(
        name, points: points, bands: [Band(low: points.map { _ in 0 }, high: points.map(\.y))])
    }
    return Chart(
      title: title, xLabel: xLabel, yLabel: LocalizedText(en: "share of the sample", zh: "样本占比"),
      content: .lines(series, marks: marks))
  }

  /// A box with whiskers for each sample.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - xLabel: what the values are, with their unit.
  ///   - samples: a name, and the values.
  /// - Returns: a chart of distributions.
  public static func boxes(
    title: LocalizedText, xLabel: LocalizedText, samples: [(name: LocalizedText, values: [Double])]
  ) -> Chart {
    Chart(
      title: title, xLabel: xLabel, content: .distributions(samples.map { Distribution($0.name, sample: $0.values) }))
  }

  /// How well predicted probabilities hold, in bins of equal width.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - models: a name, one probability a prediction, and whether each was a positive.
  ///   - bins: how many bins share the interval from 0 to 1.
  /// - Returns: a reliability diagram; the legend gives each expected calibration error.
  public static func calibration(
    title: LocalizedText = LocalizedText(en: "Reliability diagram", zh: "可靠性图"),
    models: [(name: LocalizedText, probabilities: [Double], labels: [Bool])], bins: Int = 10
  ) -> Chart {
    Chart(
      title: title,
      content: .calibration(
        models.map { Calibration($0.name, probabilities: $0.probabilities, labels: $0.labels, bins: bins) }))
  }

  /// What each position of a sequence attends to.
  ///
  /// - Parameters:
  ///   - title: what the chart shows.
  ///   - weights: `weights[q][k]`, from query `q` to key `k`; NaN where it is masked.
  ///   - queries: the name of each query, such as its event.
  ///   - keys: the name of each key.
  /// - Returns: a heatmap with the weights written in where they fit.
  public static func attention(
    title: LocalizedText = LocalizedText(en: "Attention", zh: "注意力"), weights: [[Double]], queries: [LocalizedText],
    keys: [LocalizedText]
  ) -> Chart {
    Chart(
      title: title, xLabel: LocalizedText(en: "attends to", zh: "被注意的位置"),
      yLabel: LocalizedText(en: "query", zh: "查询位置"),
      content: .heatmap(values: weights, rows: queries, columns: keys, showsValues: true))
  }

  /// Pictures in a grid.
  ///
  /// - Parameters:
  ///   - title: what the pictures are.
  ///   - pictures: the pictures, row by row.
  ///   - columns: how many stand in a row.
  /// - Returns: a chart of pictures.
  public static func pictures(title: LocalizedText, _ pictures: [Picture], columns: Int) -> Chart {
    Chart(title: title, content: .images(pictures, columns: columns))
  }

  private static func joined(_ xs: [Double], _ ys: [Double], of chart: String) -> [Point] {
    precondition(xs.count == ys.count, "Chart.\(chart): \(xs.count) horizontal but \(ys.count) vertical coordinates")
    return zip(xs, ys).map { Point($0, $1) }
  }
}
