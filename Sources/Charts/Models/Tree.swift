extension Chart {
  /// A node of a tree, such as a split of a decision tree.
  public struct TreeNode: Codable, Sendable, Hashable {
    /// What stands at the node: the question of a split, or the answer of a leaf.
    public var label: LocalizedText
    /// The index of the node above, which must come before this one; nil is a root.
    public var parent: Int?
    /// What stands at the branch from the node above, such as "yes".
    public var branch: LocalizedText
    /// Nodes of one group have one colour and sign; nil has none, as for splits.
    public var group: Int?

    /// A node of a tree.
    public init(
      _ label: LocalizedText, parent: Int? = nil, branch: LocalizedText = LocalizedText(""), group: Int? = nil
    ) {
      self.label = label
      self.parent = parent
      self.branch = branch
      self.group = group
    }
  }

  /// One step of hierarchical clustering.
  public struct Merge: Codable, Sendable, Hashable {
    /// One part: the index of a leaf, or the count of leaves and the index of an earlier merge, as in SciPy's linkage.
    public var first: Int
    /// The other part.
    public var second: Int
    /// The distance at which they join.
    public var height: Double

    /// One step of hierarchical clustering.
    public init(_ first: Int, _ second: Int, height: Double) {
      self.first = first
      self.second = second
      self.height = height
    }
  }
}
