/// Two nodes of a graph that belong together; the order means nothing.
public struct Edge: Sendable, Hashable, Comparable {
  /// One node, the smaller number.
  public let a: Int
  /// The other node.
  public let b: Int

  /// An edge between two nodes, in either order.
  public init(_ a: Int, _ b: Int) {
    self.a = min(a, b)
    self.b = max(a, b)
  }

  /// By the smaller node, then by the other.
  public static func < (left: Edge, right: Edge) -> Bool { (left.a, left.b) < (right.a, right.b) }
}
