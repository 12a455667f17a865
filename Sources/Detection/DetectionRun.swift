import Behavior
import Foundation

/// Arrivals in, alerts out: an `EventOrder` and a `Detector`, counted and timed. Batch and stream are the same run.
///
///     let run = DetectionRun(model, lateness: 60)
///     while let events = try reader.next() { try run.add(events) { alert in … } }
///     try run.finish { alert in … }
public final class DetectionRun {
  /// What puts the arrivals in order.
  public private(set) var order: EventOrder
  /// What finds the alerts.
  public private(set) var detector: Detector
  /// How many events arrived.
  public private(set) var arrivals = 0
  /// How many alerts were handed out.
  public private(set) var alerts = 0
  /// A hash of all that arrived.
  public private(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325
  /// How long each event took, from its arrival to the answer for all that it set free.
  public private(set) var latencies = LatencyCounts()

  private var ready: [Event] = []
  private var over: [Alert] = []
  /// Arrivals up to this number are taken into the order again, but were answered by an earlier run.
  private var answered = 0

  /// A run from the beginning.
  ///
  /// - Parameters:
  ///   - model: the detector's.
  ///   - lateness: how long is waited for an event that comes out of order, in seconds of the events' own time.
  public init(_ model: DetectionModel, lateness: Double = 60) {
    order = EventOrder(lateness: lateness, keptFaulty: 0)
    detector = Detector(model)
  }

  /// A run that goes on after `arrivals` events. It is given them again, from the beginning or from a later one
  /// (`skip`): those up to there are only counted and hashed.
  init(
    _ model: DetectionModel, lateness: Double, after arrivals: Int, alerts: Int, state: Detector.State,
    order waiting: EventOrder.State
  ) {
    order = EventOrder(lateness: lateness, keptFaulty: 0)
    order.resume(from: waiting)
    detector = Detector(model, from: state)
    answered = arrivals
    self.alerts = alerts
  }

  /// Takes the first events as given.
  func skip(_ events: Int, fingerprint: UInt64) {
    arrivals = events
    self.fingerprint = fingerprint
  }

  /// Whether all that an earlier run answered has come again.
  public var hasCaughtUp: Bool { arrivals >= answered }

  /// The number of arrivals that an earlier run answered.
  public var answeredBefore: Int { answered }

  /// Takes an arrival in.
  ///
  /// - Parameters:
  ///   - event: the next to arrive.
  ///   - report: is given each alert that is over.
  /// - Throws: what `report` throws.
  public func add(_ event: Event, report: (Alert) throws -> Void) rethrows {
    arrivals += 1
    fingerprint = mix(fingerprint, event)
    if arrivals <= answered { return }
    let begin = DispatchTime.now().uptimeNanoseconds
    order.add(event, into: &ready)
    for event in ready { detector.add(event, into: &over) }
    if !over.isEmpty { try handOut(report) }
    ready.removeAll(keepingCapacity: true)
    latencies.add(DispatchTime.now().uptimeNanoseconds - begin)
  }

  /// Takes arrivals in.
  public func add(_ events: [Event], report: (Alert) throws -> Void) rethrows {
    for event in events { try add(event, report: report) }
  }

  /// Hands out what waits and closes what is open, at the end of the log.
  public func finish(report: (Alert) throws -> Void) rethrows {
    order.finish(into: &ready)
    for event in ready { detector.add(event, into: &over) }
    ready.removeAll(keepingCapacity: true)
    detector.finish(into: &over)
    try handOut(report)
  }

  private func handOut(_ report: (Alert) throws -> Void) rethrows {
    alerts += over.count
    for alert in over { try report(alert) }
    over.removeAll(keepingCapacity: true)
  }

  private func mix(_ hash: UInt64, _ event: Event) -> UInt64 {
    var hash = hash
    func add(_ number: UInt64) { hash = (hash ^ number) &* 0x100_0000_01b3 }
    add(textHash(event.user))
    add(event.time.bitPattern)
    add(textHash(event.action.rawValue))
    add(textHash(event.item))
    add(event.value.bitPattern)
    add(textHash(event.device))
    return hash ^ (hash >> 29)
  }
}

/// How often an answer took how long: bins of a tenth of an octave, from 1 ns.
public struct LatencyCounts: Sendable, Equatable {
  private var bins = [Int](repeating: 0, count: 640)
  /// How many there were.
  public private(set) var count = 0
  /// The longest, in seconds.
  public private(set) var longest = 0.0

  /// Counts one, in nanoseconds.
  public mutating func add(_ nanoseconds: UInt64) {
    let bin = Int(10 * log2(Double(max(1, nanoseconds))))
    bins[min(bins.count - 1, bin)] += 1
    count += 1
    longest = max(longest, Double(nanoseconds) / 1e9)
  }

  /// The time, in seconds, within which a share of the answers came, rounded up to the bin's end; 0 without any.
  public func quantile(_ share: Double) -> Double {
    var left = Int((share * Double(count)).rounded(.up))
    for (bin, number) in bins.enumerated() {
      left -= number
      if left <= 0 { return count == 0 ? 0 : min(longest, exp2(Double(bin + 1) / 10) / 1e9) }
    }
    return longest
  }
}
