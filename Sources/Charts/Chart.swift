/// A chart's data and labels, independent of how it is drawn.
public struct Chart: Codable, Sendable, Hashable {
  /// What the chart shows, and what to see in it.
  public var title: LocalizedText

  /// The label of the horizontal axis, with its unit.
  public var xLabel: LocalizedText

  /// The label of the vertical axis, with its unit.
  public var yLabel: LocalizedText

  /// The data, by kind of chart.
  public var content: Content

  /// A chart.
  public init(
    title: LocalizedText, xLabel: LocalizedText = LocalizedText(""), yLabel: LocalizedText = LocalizedText(""),
    content: Content
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.content = content
  }

  /// The kinds of chart and their data.
  public enum Content: Codable, Sendable, Hashable {
    /// Curves over a common horizontal axis, with optional marks; training histories, ROC and precision–recall curves.
    case lines([Series], axes: Axes = Axes(), marks: [Mark] = [])

    /// Groups of points in the plane, told apart by colour and shape, with an optional score behind them and curves,
    /// such as a boundary; embeddings in two dimensions.
    case scatter([Cloud], field: Field? = nil, curves: [Series] = [], axes: Axes = Axes())

    /// One bar a category and group, side by side or stacked.
    case bars(categories: [LocalizedText], groups: [BarGroup], isStacked: Bool = false)

    /// One row a name: an estimate with its interval, a box with whiskers, or dots. The axis is horizontal; of the
    /// marks, the vertical ones are drawn.
    case distributions([Distribution], marks: [Mark] = [])

    /// Reliability diagrams with the count of each bin.
    case calibration([Calibration])

    /// Rows over a common time: curves, marked intervals and events. `groups` names the colours of intervals and events.
    case strips([Strip], groups: [LocalizedText] = [])

    /// A matrix as colours, with the numbers written in when `showsValues`; a confusion matrix is one of counts. A
    /// diverging one has a middle colour at zero, for correlations and weights.
    case heatmap(
      values: [[Double]], rows: [LocalizedText], columns: [LocalizedText], showsValues: Bool, isDiverging: Bool = false)

    /// Cells with words, arrows and emphasis, such as a policy. `groups` names the colours of cells.
    case grid(cells: [[Cell]], rows: [LocalizedText], columns: [LocalizedText], groups: [LocalizedText] = [])

    /// Words, each on a ground as strong as its weight.
    case tokens([TokenRow])

    /// Small pictures in a grid.
    case images([Picture], columns: Int)

    /// Nodes and links, laid out by force from a fixed start. `groups` names the colours of nodes, in the order of
    /// their groups' numbers.
    case graph(nodes: [Node], links: [Link], groups: [LocalizedText] = [])

    /// The merges of hierarchical clustering; clusters below the height `cut` have one colour each.
    case dendrogram(leaves: [LocalizedText], merges: [Merge], cut: Double? = nil)

    /// A tree, drawn from left to right.
    case tree([TreeNode])
  }

  /// One curve.
  public struct Series: Codable, Sendable, Hashable {
    /// The name in the legend.
    public var name: LocalizedText
    /// The points, in the order in which they are joined; a non-finite point breaks the curve.
    public var points: [Point]
    /// How the curve is drawn.
    public var style: Style
    /// What surrounds the curve: none, a band of uncertainty, or several that hold each other. Unjoined points have
    /// error bars instead.
    public var bands: [Band]

    /// Ways to draw a curve.
    public enum Style: String, Codable, Sendable {
      /// A solid line.
      case solid
      /// A dashed line, for baselines and theory.
      case dashed
      /// Unjoined points.
      case points
    }

    /// A curve through points.
    public init(_ name: LocalizedText, points: [Point], style: Style = .solid, bands: [Band] = []) {
      self.name = name
      self.points = points
      self.style = style
      self.bands = bands
    }

    /// A curve through values at 1, 2, 3, …
    public init(_ name: LocalizedText, values: [Double], style: Style = .solid, bands: [Band] = []) {
      self.init(
        name, points: values.enumerated().map { Point(Double($0.offset + 1), $0.element) }, style: style, bands: bands)
    }
  }

  /// An interval about each of several values, such as a standard deviation or a forecast's 95 %.
  public struct Band: Codable, Sendable, Hashable {
    /// The lower ends.
    public var low: [Double]
    /// The upper ends.
    public var high: [Double]

    /// Intervals, one a value.
    public init(low: [Double], high: [Double]) {
      precondition(low.count == high.count, "Band: \(low.count) lower but \(high.count) upper ends")
      self.low = low
      self.high = high
    }
  }

  /// A point of a curve.
  public struct Point: Codable, Sendable, Hashable {
    /// The horizontal coordinate.
    public var x: Double
    /// The vertical coordinate.
    public var y: Double

    /// A point.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// Ranges and scales; nil fits the data.
  public struct Axes: Codable, Sendable, Hashable {
    /// The horizontal range.
    public var x: ClosedRange<Double>?
    /// The vertical range.
    public var y: ClosedRange<Double>?
    /// Whether the vertical axis is logarithmic.
    public var logarithmicY: Bool
    /// Whether the horizontal axis is logarithmic.
    public var logarithmicX: Bool

    /// Ranges and scales.
    public init(
      x: ClosedRange<Double>? = nil, y: ClosedRange<Double>? = nil, logarithmicX: Bool = false,
      logarithmicY: Bool = false
    ) {
      self.x = x
      self.y = y
      self.logarithmicX = logarithmicX
      self.logarithmicY = logarithmicY
    }

    /// Both axes from 0 to 1, as for ROC and precision–recall curves.
    public static let unitSquare = Axes(x: 0...1, y: 0...1)
  }

  /// A labelled place on a chart of lines.
  public enum Mark: Codable, Sendable, Hashable {
    /// A vertical line.
    case vertical(x: Double, label: LocalizedText)
    /// A horizontal line, such as a threshold.
    case horizontal(y: Double, label: LocalizedText)
    /// A shaded interval, such as an anomaly.
    case interval(from: Double, to: Double, label: LocalizedText)
    /// The diagonal of chance on a ROC chart.
    case diagonal(label: LocalizedText)
  }

  /// The bars of one colour.
  public struct BarGroup: Codable, Sendable, Hashable {
    /// The name in the legend.
    public var name: LocalizedText
    /// One height a category.
    public var values: [Double]
    /// Error bars about the heights, if any.
    public var errors: Band?

    /// A group of bars.
    public init(_ name: LocalizedText, values: [Double], errors: Band? = nil) {
      self.name = name
      self.values = values
      self.errors = errors
    }
  }

  /// A grey picture.
  public struct Picture: Codable, Sendable, Hashable {
    /// Pixels in a row.
    public var width: Int
    /// Rows.
    public var height: Int
    /// Brightness from 0 (black) to 1 (white), row by row.
    public var pixels: [Float]
    /// What stands below the picture.
    public var caption: LocalizedText

    /// A picture.
    public init(width: Int, height: Int, pixels: [Float], caption: LocalizedText = LocalizedText("")) {
      precondition(
        pixels.count == width * height,
        "Picture: \(width)×\(height) needs \(width * height) pixels, found \(pixels.count)")
      self.width = width
      self.height = height
      self.pixels = pixels
      self.caption = caption
    }
  }

  /// A node of a graph.
  public struct Node: Codable, Sendable, Hashable {
    /// What stands at the node.
    public var label: LocalizedText
    /// Nodes of one group have one colour.
    public var group: Int
    /// Whether the node is set off, such as one with a known label.
    public var isHighlighted: Bool

    /// A node.
    public init(_ label: LocalizedText, group: Int = 0, isHighlighted: Bool = false) {
      self.label = label
      self.group = group
      self.isHighlighted = isHighlighted
    }
  }

  /// A link between two nodes, by index.
  public struct Link: Codable, Sendable, Hashable {
    /// One end.
    public var from: Int
    /// The other end.
    public var to: Int

    /// A link.
    public init(from: Int, to: Int) {
      self.from = from
      self.to = to
    }
  }
}
