/// One node of a binary decision tree: a row goes left where x[feature] ≤ threshold, else right.
///
/// A leaf has the threshold +∞ and itself as its left child, so that a walk may take more steps than the tree is deep.
struct TreeNode: Sendable, Equatable {
  var threshold: Double
  var feature: Int32
  var left: Int32  // the right child is the next one

  static func leaf(at index: Int) -> TreeNode {
    TreeNode(threshold: .infinity, feature: 0, left: Int32(truncatingIfNeeded: index))
  }

  func isLeaf(at index: Int) -> Bool { Int(left) == index }

  /// The leaf that a row ends in after `depth` steps.
  ///
  /// There is no branch to mispredict: the processor walks several rows at once.
  @inline(__always)
  static func walk(_ nodes: UnsafePointer<TreeNode>, _ row: UnsafePointer<Double>, depth: Int) -> Int {
    var index = 0
    for _ in 0..<depth {
      let node = nodes[index]
      index = Int(node.left) + (row[Int(node.feature)] > node.threshold ? 1 : 0)
    }
    return index
  }
}
