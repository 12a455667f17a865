extension Chart {
  /// One row of a chart of distributions: a middle, an interval about it, perhaps a box, perhaps single points.
  public struct Distribution: Codable, Sendable, Hashable {
    /// What stands at the row's left.
    public var name: LocalizedText
    /// The mean, the median or the estimate, if any.
    public var middle: Double?
    /// The ends of the thin line: a confidence interval, or the whiskers of a box.
    public var whiskers: Band?
    /// The ends of the box, as a rule the quartiles.
    public var box: Band?
    /// Single values: outliers, or all of a dot plot.
    public var points: [Double]

    /// A row of a chart of distributions.
    ///
    /// - Parameters:
    ///   - name: what stands at its left.
    ///   - middle: the mean, the median or the estimate.
    ///   - low: the lower end of the interval.
    ///   - high: the upper end of the interval; only with `low`.
    ///   - points: single values.
    public init(
      _ name: LocalizedText, middle: Double? = nil, low: Double? = nil, high: Double? = nil, points: [Double] = []
    ) {
      self.name = name
      self.middle = middle
      if let low, let high { whiskers = Band(low: [low], high: [high]) }
      self.points = points
    }

    /// The box of a sample: median, quartiles by linear interpolation, whiskers to the last value within 1.5 box
    /// lengths, and what lies beyond as points (Tukey, "Exploratory Data Analysis", 1977).
    ///
    /// - Parameters:
    ///   - name: what stands at its left.
    ///   - sample: the values; those that are not finite become points, which the chart leaves out and counts.
    public init(_ name: LocalizedText, sample: [Double]) {
      let sorted = sample.filter(\.isFinite).sorted()
      let strange = sample.filter { !$0.isFinite }
      self.init(name, points: strange)
      guard !sorted.isEmpty else { return }
      let quantile = { (part: Double) -> Double in
        let place = part * Double(sorted.count - 1)
        let index = Int(place)
        let next = sorted[min(index + 1, sorted.count - 1)]
        // Weighted, because the difference of two large values may overflow.
        return sorted[index] * (1 - (place - Double(index))) + next * (place - Double(index))
      }
      let (first, third) = (quantile(0.25), quantile(0.75))
      let reach = 1.5 * (third / 2 - first / 2) * 2
      let inside = sorted.filter { $0 >= first - reach && $0 <= third + reach }
      middle = quantile(0.5)
      box = Band(low: [first], high: [third])
      whiskers = Band(low: [min(inside.first ?? first, first)], high: [max(inside.last ?? third, third)])
      points += sorted.filter { $0 < first - reach || $0 > third + reach }
    }
  }

  /// How well the probabilities of one model hold.
  public struct Calibration: Codable, Sendable, Hashable {
    /// The name in the legend.
    public var name: LocalizedText
    /// The bins, from low probabilities to high ones.
    public var bins: [Bin]

    /// The predictions of about one probability.
    public struct Bin: Codable, Sendable, Hashable {
      /// Their mean predicted probability.
      public var predicted: Double
      /// The share of positives among them.
      public var observed: Double
      /// How many there are.
      public var count: Int

      /// A bin.
      public init(predicted: Double, observed: Double, count: Int) {
        self.predicted = predicted
        self.observed = observed
        self.count = count
      }
    }

    /// The bins of one model; those without predictions are not drawn.
    public init(_ name: LocalizedText, bins: [Bin]) {
      self.name = name
      self.bins = bins
    }

    /// Predictions in bins of equal width.
    ///
    /// - Parameters:
    ///   - name: the name in the legend.
    ///   - probabilities: one a prediction; what is not from 0 to 1 is left out.
    ///   - labels: whether each was a positive, of equal count.
    ///   - bins: how many bins share the interval from 0 to 1.
    public init(_ name: LocalizedText, probabilities: [Double], labels: [Bool], bins: Int = 10) {
      precondition(
        probabilities.count == labels.count,
        "Calibration: \(probabilities.count) probabilities but \(labels.count) labels")
      precondition(bins > 0, "Calibration: \(bins) bins")
      var sums = [Double](repeating: 0, count: bins)
      var positives = [Int](repeating: 0, count: bins)
      var counts = positives
      for (probability, label) in zip(probabilities, labels) where probability >= 0 && probability <= 1 {
        let bin = min(Int(probability * Double(bins)), bins - 1)
        sums[bin] += probability
        counts[bin] += 1
        if label { positives[bin] += 1 }
      }
      self.init(
        name,
        bins: counts.indices.filter { counts[$0] > 0 }.map {
          Bin(
            predicted: sums[$0] / Double(counts[$0]), observed: Double(positives[$0]) / Double(counts[$0]),
            count: counts[$0])
        })
    }

    /// The expected calibration error: the mean gap between predicted and observed, weighted by the bins' counts
    /// (Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", 2015).
    public var expectedError: Double {
      let total = bins.reduce(0) { $0 + max($1.count, 0) }
      guard total > 0 else { return 0 }
      return bins.filter { $0.count > 0 }
        .reduce(0) { $0 + abs($1.predicted - $1.observed) * Double($1.count) / Double(total) }
    }
  }
}
