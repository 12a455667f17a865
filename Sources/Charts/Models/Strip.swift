extension Chart {
  /// One row of a strip chart: a curve with a scale of its own, marked intervals, events, or any of these.
  public struct Strip: Codable, Sendable, Hashable {
    /// What stands at the row's left.
    public var name: LocalizedText
    /// The curve, in the order in which its points are joined; a non-finite point breaks it.
    public var points: [Point]
    /// Marked stretches, such as an attack or a state.
    public var intervals: [Interval]
    /// Marked moments, such as an alarm.
    public var events: [Event]
    /// A dashed line across the curve, if any.
    public var threshold: Double?

    /// A row of a strip chart.
    public init(
      _ name: LocalizedText, points: [Point] = [], intervals: [Interval] = [], events: [Event] = [],
      threshold: Double? = nil
    ) {
      self.name = name
      self.points = points
      self.intervals = intervals
      self.events = events
      self.threshold = threshold
    }

    /// A row with a curve through values at 1, 2, 3, …
    public init(
      _ name: LocalizedText, values: [Double], intervals: [Interval] = [], events: [Event] = [],
      threshold: Double? = nil
    ) {
      self.init(
        name, points: values.enumerated().map { Point(Double($0.offset + 1), $0.element) }, intervals: intervals,
        events: events, threshold: threshold)
    }
  }

  /// A marked stretch of time.
  public struct Interval: Codable, Sendable, Hashable {
    /// The beginning.
    public var from: Double
    /// The end.
    public var to: Double
    /// What stands in it where it fits, and is shown to the pointer.
    public var label: LocalizedText
    /// Intervals of one group have one colour and sign.
    public var group: Int

    /// A marked stretch of time.
    public init(from: Double, to: Double, label: LocalizedText = LocalizedText(""), group: Int = 0) {
      self.from = from
      self.to = to
      self.label = label
      self.group = group
    }
  }

  /// A marked moment.
  public struct Event: Codable, Sendable, Hashable {
    /// When it is.
    public var x: Double
    /// What stands at it where there is room, and is shown to the pointer.
    public var label: LocalizedText
    /// Events of one group have one colour and sign.
    public var group: Int

    /// A marked moment.
    public init(at x: Double, label: LocalizedText = LocalizedText(""), group: Int = 0) {
      self.x = x
      self.label = label
      self.group = group
    }
  }
}
