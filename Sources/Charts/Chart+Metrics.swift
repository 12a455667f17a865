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
