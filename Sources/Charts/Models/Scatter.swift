extension Chart {
  /// The points of one group, such as the embeddings of one class.
  public struct Cloud: Codable, Sendable, Hashable {
    /// The name in the legend.
    public var name: LocalizedText
    /// Where the points lie; one that is not finite is left out.
    public var points: [Point]
    /// What stands at each point, if anything: one label a point, or none at all.
    public var labels: [LocalizedText]
    /// Whether the ellipse of two standard deviations is drawn around the points.
    public var hasEllipse: Bool

    /// A group of points.
    public init(_ name: LocalizedText, points: [Point], labels: [LocalizedText] = [], hasEllipse: Bool = false) {
      precondition(
        labels.isEmpty || labels.count == points.count, "Cloud: \(points.count) points but \(labels.count) labels")
      self.name = name
      self.points = points
      self.labels = labels
      self.hasEllipse = hasEllipse
    }
  }

  /// A quantity over the plane behind a scatter chart, such as a classifier's score.
  public struct Field: Codable, Sendable, Hashable {
    /// The values on an even grid, from the lowest row up, each row from left to right.
    public var values: [[Double]]
    /// The horizontal range that the grid covers.
    public var x: ClosedRange<Double>
    /// The vertical range that the grid covers.
    public var y: ClosedRange<Double>
    /// The value at which a boundary is drawn, if any: 0.5 for a probability.
    public var boundary: Double?

    /// A quantity over the plane.
    public init(values: [[Double]], x: ClosedRange<Double>, y: ClosedRange<Double>, boundary: Double? = nil) {
      self.values = values
      self.x = x
      self.y = y
      self.boundary = boundary
    }
  }
}
