import Foundation

/// Places for the nodes of a graph: linked nodes attract, all nodes repel each other.
///
/// Fruchterman and Reingold, "Graph drawing by force-directed placement", doi:10.1002/spe.4380211102, with a pull to
/// the middle that holds unlinked parts together. It starts from a spiral instead of random places, so one graph
/// always looks the same.
enum ForceLayout {
  /// - Parameters:
  ///   - count: the number of nodes.
  ///   - links: pairs of nodes; those beyond the count and from a node to itself are left out.
  /// - Returns: one place a node, in the square from 0 to 1. It takes O(nodes² · rounds).
  static func places(count: Int, links: [Chart.Link]) -> [(x: Double, y: Double)] {
    guard count > 1 else { return Array(repeating: (0.5, 0.5), count: count) }
    let links = links.filter { $0.joinsTwo(of: count) }
    // Sunflower spiral: even density, and no two nodes at one place.
    let radii: [Double] = (0..<count).map { (Double($0) + 0.5).squareRoot() }
    let angles: [Double] = (0..<count).map { 2.399963 * Double($0) }
    var x: [Double] = zip(radii, angles).map { $0 * cos($1) }
    var y: [Double] = zip(radii, angles).map { $0 * sin($1) }
    // The ideal length of a link is 1, so the square of the drawing has a side of √count.
    let side = Double(count).squareRoot()
    let rounds = min(max(16_000_000 / (count * count), 10), 400)
    var dx = [Double](repeating: 0, count: count)
    var dy = dx
    for round in 0..<rounds {
      let heat = 0.2 * side * (1 - Double(round) / Double(rounds))
      for i in 0..<count {
        dx[i] = -x[i]
        dy[i] = -y[i]
      }
      for i in 0..<count {
        for j in i + 1..<max(count, i + 1) {
          let (ux, uy) = (x[i] - x[j], y[i] - y[j])
          let force = 1 / max(ux * ux + uy * uy, 1e-4)
          dx[i] += ux * force
          dy[i] += uy * force
          dx[j] -= ux * force
          dy[j] -= uy * force
        }
      }
      for link in links {
        let (ux, uy) = (x[link.from] - x[link.to], y[link.from] - y[link.to])
        let length = (ux * ux + uy * uy).squareRoot()
        dx[link.from] -= ux * length
        dy[link.from] -= uy * length
        dx[link.to] += ux * length
        dy[link.to] += uy * length
      }
      for i in 0..<count {
        let length = max((dx[i] * dx[i] + dy[i] * dy[i]).squareRoot(), 1e-9)
        x[i] += dx[i] / length * min(length, heat)
        y[i] += dy[i] / length * min(length, heat)
      }
    }
    return zip(normalised(x), normalised(y)).map { ($0, $1) }
  }

  private static func normalised(_ values: [Double]) -> [Double] {
    guard let low = values.min(), let high = values.max(), high - low > 1e-9 else { return values.map { _ in 0.5 } }
    return values.map { ($0 - low) / (high - low) }
  }
}

extension Chart.Link {
  /// Whether the link joins two different nodes among the first `count`.
  func joinsTwo(of count: Int) -> Bool {
    from != to && from >= 0 && to >= 0 && from < count && to < count
  }
}
