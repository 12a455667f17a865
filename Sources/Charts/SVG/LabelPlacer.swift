/// Finds places for labels so that none covers another.
struct LabelPlacer {
  /// Where labels may stand.
  let bounds: Box

  /// What is taken already.
  private(set) var taken: [Box] = []

  init(bounds: Box) {
    self.bounds = bounds
  }

  /// Keeps a place free of labels.
  mutating func reserve(_ box: Box) {
    taken.append(box)
  }

  /// Takes the best free candidate: the one with the least cost, and the first of equals.
  ///
  /// - Returns: the candidate's index, or nil where none is free.
  mutating func place(_ candidates: [Box], cost: (Box) -> Int = { _ in 0 }) -> Int? {
    var best: (index: Int, cost: Int)?
    for (index, box) in candidates.enumerated() {
      guard bounds.contains(box), !taken.contains(where: box.overlaps) else { continue }
      let cost = cost(box)
      if best.map({ cost < $0.cost }) ?? true { best = (index, cost) }
      if cost == 0 { break }
    }
    if let best { taken.append(candidates[best.index]) }
    return best?.index
  }

  /// The eight places about a dot, best first.
  static func around(x: Double, y: Double, reach: Double) -> [(x: Double, y: Double, anchor: PlacedText.Anchor)] {
    [
      (x + reach, y + 4, .start), (x - reach, y + 4, .end), (x, y - reach - 2, .middle), (x, y + reach + 10, .middle),
      (x + reach, y - reach + 2, .start), (x + reach, y + reach + 6, .start), (x - reach, y - reach + 2, .end),
      (x - reach, y + reach + 6, .end),
    ]
  }
}
