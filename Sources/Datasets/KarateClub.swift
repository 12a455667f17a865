import Behavior

/// The 34 members of a karate club, who met whom outside it, and on which side each was when the club split.
///
/// W. W. Zachary, "An information flow model for conflict and fission in small groups", Journal of Anthropological
/// Research 33 (1977), 452–473.
public struct KarateClub: Sendable, Hashable {
  /// The 78 pairs who met; members are numbered from 0.
  public let edges: [Edge]
  /// In how many settings each pair met.
  public let weights: [Int]
  /// 0 for the instructor's side (member 0), 1 for the president's (member 33).
  public let factions: [Int]
}

extension Datasets {
  /// Zachary's karate club.
  ///
  /// - Throws: `DatasetError` if the files are missing or damaged.
  public static func karateClub() throws -> KarateClub {
    let factions = try CSVTable(contentsOf: Resources.url("karate/factions.csv")).integers("faction")
    let table = try CSVTable(contentsOf: Resources.url("karate/edges.csv"))
    let ends = zip(try table.integers("a"), try table.integers("b"))
    return KarateClub(edges: ends.map { Edge($0, $1) }, weights: try table.integers("weight"), factions: factions)
  }
}
