import Behavior
import Foundation
import Tensors

/// Which anomalies of a log which kind of model can see.
///
/// Five families look at the same sessions, each as simply as it can be: one number of a session at a time, all counts of
/// actions together, the order of neighbouring actions, the rules that reach across a session, and the links between
/// accounts. Models are fitted on half of the honest sessions; the area under the ROC curve is that of an anomaly's
/// sessions against the other half. Camouflaged ones are compared with the honest sessions that they are drawn from: a
/// forged review with reviewing customers, a quiet takeover with honest changes of device.
///
///     for row in ModelFamilies.rows(log) { print(row.kind, row.areas[.order]) }
public enum ModelFamilies {
  /// A way of looking at a session.
  public enum Family: String, CaseIterable, Sendable {
    /// The one number of `SessionFeatures` that shows the anomaly best, by its distance from the honest mean.
    case feature
    /// The counts of all actions: the Mahalanobis distance of their logarithms.
    case counts
    /// What follows what: the mean surprise of a first-order Markov chain.
    case order
    /// What reaches across a session: heartbeats on a channel, purchases on a device, that nothing announced.
    case memory
    /// What others do: accounts on a device, and how many deal with an item on the same day.
    case links
  }

  /// One kind of anomaly.
  public struct Row: Sendable, Hashable {
    /// The kind.
    public let kind: AnomalyKind
    /// Whether it is the camouflaged variant.
    public let isCamouflaged: Bool
    /// How many of its sessions there are; for churn, users.
    public let count: Int
    /// The area under the ROC curve of each family, in the order of `Family.allCases`.
    public let areas: [Double]
    /// The name of the one number that shows it best.
    public let feature: String

    /// The area of one family.
    public subscript(family: Family) -> Double { areas[Family.allCases.firstIndex(of: family) ?? 0] }
  }

  /// The table of a log, in the order of `AnomalyKind.allCases`, the camouflaged variant after the open one; churn,
  /// which no session shows, is not in it.
  public static func rows(_ log: SimulatedLog) -> [Row] {
    let sessions = log.flaggedSessions().filter { $0.session.events.count > 1 }
    let honest = sessions.filter { $0.causes.allSatisfy { $0 < 0 } }.map(\.session)
    guard honest.count > 20 else { return [] }
    let step = 2 * max(1, honest.count / 40_000)  // enough for two places
    let training = stride(from: 0, to: honest.count, by: step).map { honest[$0] }
    let normal = stride(from: 1, to: honest.count, by: step).map { honest[$0] }
    let scorers = [CountModel(training).score, OrderModel(training).score, unannounced, LinkModel(log).score]
    let moments = FeatureMoments(training)
    var rows: [Row] = []
    for kind in AnomalyKind.allCases {
      for isCamouflaged in [false, true] {
        let chosen = sessions.filter { entry in
          guard let cause = entry.causes.first(where: { $0 >= 0 }) else { return false }
          let anomaly = log.anomalies[Int(cause)]
          return anomaly.kind == kind && anomaly.isCamouflaged == isCamouflaged
        }.map(\.session)
        if chosen.isEmpty { continue }
        let peers = normal.filter { !isCamouflaged || couldHide(kind, behind: $0) }
        if peers.isEmpty { continue }
        let peerDistances = peers.map(moments.distances)
        let distances = chosen.map(moments.distances)
        let single = SessionFeatures.names.indices.map { column in
          areaUnderROC(negatives: peerDistances.map { $0[column] }, positives: distances.map { $0[column] })
        }
        let best = single.indices.max { single[$0] < single[$1] } ?? 0
        let areas = scorers.map { score in
          areaUnderROC(negatives: peers.map(score), positives: chosen.map(score))
        }
        rows.append(
          Row(
            kind: kind, isCamouflaged: isCamouflaged, count: chosen.count, areas: [single[best]] + areas,
            feature: SessionFeatures.names[best]))
      }
    }
    return rows
  }

  /// Whether an honest session is of the sort that the camouflaged variant imitates.
  private static func couldHide(_ kind: AnomalyKind, behind session: Session) -> Bool {
    func has(_ action: Action) -> Bool { session.events.contains { $0.action == action } }
    switch kind {
    case .takeover: return session.events.count > 8 && has(.verify) && (has(.heartbeatApp) || has(.heartbeatWeb))
    case .bot: return session.events.count >= 10 && session.actionCounts.count >= 5
    case .brushing: return has(.purchase)
    case .fakeReview: return has(.review)
    case .cardTesting: return has(.payFailed)
    case .couponAbuse: return has(.register) && has(.purchase)
    case .clickFarm, .churn: return true
    }
  }

  /// The probability that a positive scores above a negative, ties counting one half.
  static func areaUnderROC(negatives: [Double], positives: [Double]) -> Double {
    let sorted = negatives.sorted()
    func below(_ score: Double, orEqual: Bool) -> Int {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if sorted[middle] < score || (orEqual && sorted[middle] == score) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    let wins = positives.reduce(0.0) { $0 + Double(below($1, orEqual: false) + below($1, orEqual: true)) / 2 }
    return wins / Double(negatives.count * positives.count)
  }

  /// How often a session breaks a rule of the platform that nothing but memory knows: a heartbeat not on the login's
  /// channel without a `verify` since, or a purchase on another device than the login's without one.
  private static func unannounced(_ session: Session) -> Double {
    var onApp: Bool?
    var device = ""
    var broken = 0.0
    for event in session.events {
      switch event.action {
      case .loginApp, .loginWeb:
        onApp = event.action == .loginApp
        device = event.device
      case .verify:
        onApp = nil
        device = ""
      case .heartbeatApp, .heartbeatWeb:
        let now = event.action == .heartbeatApp
        if let onApp, onApp != now { broken += 1 }
        onApp = onApp ?? now
      case .purchase:
        if !device.isEmpty && device != event.device { broken += 1 }
      default: break
      }
    }
    return broken
  }
}

/// Means and deviations of the ten numbers of honest sessions.
private struct FeatureMoments {
  let means: [Double]
  let deviations: [Double]

  init(_ sessions: [Session]) {
    let rows = sessions.map(SessionFeatures.row)
    let width = SessionFeatures.names.count
    let means = (0..<width).map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
    self.means = means
    deviations = (0..<width).map { column in
      let squares = rows.reduce(0) { $0 + ($1[column] - means[column]) * ($1[column] - means[column]) }
      return max(1e-9, (squares / Double(rows.count)).squareRoot())
    }
  }

  func distances(_ session: Session) -> [Double] {
    SessionFeatures.row(of: session).enumerated().map { abs($1 - means[$0]) / deviations[$0] }
  }
}

/// The Mahalanobis distance of the logarithms of all counts; app and web count alike.
private struct CountModel {
  private let vocabulary: Vocabulary
  private let mean: [Double]
  private let factor: Matrix?  // Cholesky's, of the covariance

  init(_ sessions: [Session]) {
    let vocabulary = Vocabulary(counting: sessions.flatMap { $0.events.map(\.action.rawValue) })
    self.vocabulary = vocabulary
    let rows = sessions.map { CountModel.counts($0, vocabulary) }
    let width = vocabulary.count
    var mean = [Double](repeating: 0, count: width)
    for row in rows { for column in 0..<width { mean[column] += row[column] / Double(rows.count) } }
    var covariance = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    for row in rows {
      for a in 0..<width {
        for b in 0..<width { covariance[a][b] += (row[a] - mean[a]) * (row[b] - mean[b]) / Double(rows.count) }
      }
    }
    for a in 0..<width { covariance[a][a] += 1e-3 }
    self.mean = mean
    factor = try? Matrix(covariance).cholesky()
  }

  private static func counts(_ session: Session, _ vocabulary: Vocabulary) -> [Double] {
    var counts = [Double](repeating: 0, count: vocabulary.count)
    for event in session.events { counts[vocabulary.index(of: event.action.rawValue)] += 1 }
    return counts.map { log1p($0) }
  }

  func score(_ session: Session) -> Double {
    guard let factor else { return 0 }
    var rest = zip(CountModel.counts(session, vocabulary), mean).map { $0 - $1 }
    var sum = 0.0
    for row in rest.indices {
      for column in 0..<row { rest[row] -= factor[row, column] * rest[column] }
      rest[row] /= factor[row, row]
      sum += rest[row] * rest[row]
    }
    return sum
  }
}

/// The mean surprise of a first-order Markov chain.
private struct OrderModel {
  private let vocabulary: Vocabulary
  private let surprise: [[Double]]

  init(_ sessions: [Session]) {
    let vocabulary = Vocabulary(counting: sessions.flatMap { $0.events.map(\.action.rawValue) })
    self.vocabulary = vocabulary
    var counts = [[Double]](repeating: [Double](repeating: 0.1, count: vocabulary.count), count: vocabulary.count)
    for tokens in vocabulary.encode(sessions) {
      for (from, to) in zip(tokens, tokens.dropFirst()) { counts[from][to] += 1 }
    }
    surprise = counts.map { row in
      let total = row.reduce(0, +)
      return row.map { -log($0 / total) }
    }
  }

  func score(_ session: Session) -> Double {
    let tokens = vocabulary.encode([session])[0]
    return zip(tokens, tokens.dropFirst()).reduce(0) { $0 + surprise[$1.0][$1.1] } / Double(max(1, tokens.count - 1))
  }
}

/// Accounts on the session's devices, and how many more users than usual deal with its items on that day.
private struct LinkModel {
  private var accounts: [String: Int] = [:]  // by device
  private var dealers: [String: [Int: Int]] = [:]  // users by item and action, then day
  private let days: Double

  init(_ log: SimulatedLog) {
    days = max(1, ((log.events.last?.time ?? 0) - (log.events.first?.time ?? 0)) / 86_400)
    for login in log.logins { accounts[login.device, default: 0] += 1 }
    var seen: Set<[String]> = []
    for event in log.events {
      guard let key = key(event) else { continue }
      let day = Int(event.time / 86_400)
      if seen.insert([key, "\(day)", event.user]).inserted { dealers[key, default: [:]][day, default: 0] += 1 }
    }
  }

  private func key(_ event: Event) -> String? {
    [.purchase, .review, .view].contains(event.action) ? event.item + event.action.rawValue : nil
  }

  func score(_ session: Session) -> Double {
    var score = 0.0
    for event in session.events {
      score = max(score, 3 * Double((accounts[event.device] ?? 1) - 2))
      guard let key = key(event), let byDay = dealers[key] else { continue }
      let usual = Double(byDay.values.reduce(0, +)) / days
      let today = Double(byDay[Int(event.time / 86_400)] ?? 0)
      score = max(score, (today - usual) / (usual + 0.5).squareRoot())
    }
    return score
  }
}
