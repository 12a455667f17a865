import Behavior

/// A whole log as numbers, session by session, as a detector would meet it.
struct SessionTable {
  /// A session: where its events are in the columns.
  struct Row {
    var user: String
    var start: Double
    var end: Double
    var events: Range<Int>
    /// 0 for an honest session, else 1 + the type of its first event that has one.
    var type: Int
    var part: Split.Part?
    /// Whether it is of a user of the calibration part and before the time of the test part.
    var setsThreshold = false
  }

  var rows: [Row] = []
  private(set) var actions: [Int32] = []
  private(set) var pauses: [UInt8] = []
  /// 0 for an honest event, else 1 + its type.
  private(set) var types: [UInt8] = []
  /// `numberNames` of each event, unscaled.
  private(set) var numbers: [Float] = []
  /// `numberNames` of the mark before each session.
  private(set) var marks: [Float] = []
  private(set) var features: [Float] = []

  static let width = EventEncoder.numberNames.count
  static let featureWidth = EventEncoder.featureNames.count

  /// Where the sessions lie, before anything is encoded.
  static func outline(_ events: [Event], gap: Double, labels: EventLabels?) -> [Row] {
    var rows: [Row] = []
    var first = 0
    for next in 1..<(events.count + 1) {
      let isOver =
        next == events.count || events[next].user != events[first].user
        || events[next].time - events[next - 1].time > gap
      guard isOver else { continue }
      var type = 0
      if let labels {
        for index in first..<next where type == 0 { type = labels.type(of: events[index]).map { $0 + 1 } ?? 0 }
      }
      rows.append(
        Row(
          user: events[first].user, start: events[first].time, end: events[next - 1].time, events: first..<next,
          type: type))
      first = next
    }
    return rows
  }

  /// Encodes every session.
  ///
  /// - Parameters:
  ///   - events: by user, then time.
  ///   - rows: their outline.
  ///   - encoder: with the vocabulary of the training part; its scale is not used.
  ///   - labels: what is known to be wrong, or nil.
  ///   - progress: is told the share that is done.
  init(_ events: [Event], rows: [Row], encoder: EventEncoder, labels: EventLabels?, progress: (Double) -> Void) {
    self.rows = rows
    let count = events.count
    actions.reserveCapacity(count)
    numbers.reserveCapacity(count * SessionTable.width)
    features.reserveCapacity(count * SessionTable.featureWidth)
    var profile = UserProfile()
    var encoded = EncodedEvent()
    for (number, row) in rows.enumerated() {
      if number == 0 || rows[number - 1].user != row.user { profile = UserProfile() }
      var track = encoder.open(at: row.start, profile, into: &encoded)
      marks += encoded.numbers
      for index in row.events {
        encoder.add(events[index], to: &track, &profile, into: &encoded)
        actions.append(Int32(encoded.action))
        pauses.append(UInt8(encoded.pause))
        types.append(UInt8(min(255, labels?.type(of: events[index]).map { $0 + 1 } ?? 0)))
        numbers += encoded.numbers
        for value in encoded.features { features.append(Float(value)) }
      }
      profile.remember(track)
      if number % 4_096 == 0 { progress(Double(number) / Double(rows.count)) }
    }
  }

  func numbers(of event: Int, into output: inout [Float]) {
    for k in output.indices { output[k] = numbers[event * SessionTable.width + k] }
  }

  func mark(of row: Int, into output: inout [Float]) {
    for k in output.indices { output[k] = marks[row * SessionTable.width + k] }
  }

  func features(of event: Int, into output: inout [Double]) {
    for k in output.indices { output[k] = Double(features[event * SessionTable.featureWidth + k]) }
  }
}
