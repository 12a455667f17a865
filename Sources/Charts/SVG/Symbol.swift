/// The outline of a small sign: the second channel, beside colour, that tells groups apart.
enum Symbol {
  /// How many shapes there are; after that they repeat. It shares no factor with the colours' count, so that 35 groups
  /// have a look of their own.
  static let count = 5

  /// A shape about a place: disc, square, triangle, diamond or cross.
  ///
  /// - Parameters:
  ///   - index: the group.
  ///   - x: the middle, in pixels.
  ///   - y: the middle, in pixels.
  ///   - radius: half the shape's width.
  /// - Returns: the commands of a closed path.
  static func path(_ index: Int, x: Double, y: Double, radius: Double) -> String {
    let corners: [(Double, Double)] =
      switch ((index % count) + count) % count {
      // A small disc needs fewer corners to look round.
      case 0: radius < 3 ? disc.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) : disc
      case 1: [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]
      case 2: [(0, -1.15), (1.1, 0.85), (-1.1, 0.85)]
      case 3: [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
      default: cross
      }
    return corners.enumerated().map { offset, corner in
      (offset == 0 ? "M" : "L") + px(x + corner.0 * radius) + " " + px(y + corner.1 * radius)
    }.joined() + "Z"
  }

  private static let disc: [(Double, Double)] = [
    (1, 0), (0.87, 0.5), (0.5, 0.87), (0, 1), (-0.5, 0.87), (-0.87, 0.5), (-1, 0), (-0.87, -0.5), (-0.5, -0.87),
    (0, -1), (0.5, -0.87), (0.87, -0.5),
  ]
  private static let cross: [(Double, Double)] = [
    (0, -0.64), (0.64, -1.28), (1.28, -0.64), (0.64, 0), (1.28, 0.64), (0.64, 1.28), (0, 0.64), (-0.64, 1.28),
    (-1.28, 0.64), (-0.64, 0), (-1.28, -0.64), (-0.64, -1.28),
  ]
}
