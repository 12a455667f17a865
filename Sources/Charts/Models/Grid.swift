extension Chart {
  /// A cell of a grid, such as a state of a policy.
  public struct Cell: Codable, Sendable, Hashable {
    /// What stands in the cell.
    public var text: LocalizedText
    /// Where an arrow in the cell points, if there is one.
    public var arrow: Arrow?
    /// Cells of one group have one colour; nil has none.
    public var group: Int?
    /// Whether the cell is set off by a frame.
    public var isHighlighted: Bool

    /// The directions of an arrow.
    public enum Arrow: String, Codable, Sendable, CaseIterable {
      /// To the row above.
      case up
      /// To the row below.
      case down
      /// To the column before.
      case left
      /// To the column after.
      case right

      /// The arrow as a character.
      public var sign: String {
        switch self {
        case .up: "↑"
        case .down: "↓"
        case .left: "←"
        case .right: "→"
        }
      }
    }

    /// A cell.
    public init(
      _ text: LocalizedText = LocalizedText(""), arrow: Arrow? = nil, group: Int? = nil, isHighlighted: Bool = false
    ) {
      self.text = text
      self.arrow = arrow
      self.group = group
      self.isHighlighted = isHighlighted
    }
  }

  /// One line of words with a weight each, such as what a model attends to.
  public struct TokenRow: Codable, Sendable, Hashable {
    /// What stands before the words, such as the query.
    public var name: LocalizedText
    /// The words.
    public var tokens: [Token]

    /// A line of words.
    public init(_ name: LocalizedText = LocalizedText(""), tokens: [Token]) {
      self.name = name
      self.tokens = tokens
    }
  }

  /// A word and its weight.
  public struct Token: Codable, Sendable, Hashable {
    /// The word.
    public var text: LocalizedText
    /// Its weight; the largest of all the chart's weights has the full colour, zero and less none.
    public var weight: Double

    /// A word and its weight.
    public init(_ text: LocalizedText, weight: Double) {
      self.text = text
      self.weight = weight
    }
  }
}
