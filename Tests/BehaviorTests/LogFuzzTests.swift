import Behavior
import Foundation
import Tensors
import Testing

/// Decodes bytes in random pieces; nil where they are no log at all.
private func decode(
  _ bytes: [UInt8], _ format: LogFormat?, pieces random: inout SeededRandom, longest: Int
) -> (events: [Event], summary: LogSummary)? {
  var decoder = LogDecoder(
    file: "fuzz", options: LogOptions(format: format, maximumRowBytes: 400, keptProblems: 10_000))
  var events: [Event] = []
  var start = 0
  do {
    while start < bytes.count {
      let end = min(start + 1 + random.below(longest), bytes.count)
      try decoder.decode(Array(bytes[start..<end]), into: &events)
      start = end
    }
    try decoder.finish(into: &events)
  } catch {
    return nil
  }
  return (events, decoder.summary)
}

@Test("random bytes never crash, and the result does not depend on where they are cut", arguments: LogFormat.allCases)
func randomBytes(format: LogFormat) {
  var random = SeededRandom(seed: 21)
  let alphabet = Array("{}[]\":,\\u0123456789truefalsn \n\n\r-+.eE\"\"user".utf8) + [0, 0xFF, 0xE9, 0xF0, 0x9F, 0xEF]
  let header = Array("user,time,action\n".utf8)
  var bad = 0
  for round in 0..<300 {
    var bytes = round % 3 == 0 ? [] : header
    bytes += (0..<random.below(1_500)).map { _ in
      round % 2 == 0 ? alphabet[random.below(alphabet.count)] : UInt8(random.below(256))
    }
    let whole = decode(bytes, format, pieces: &random, longest: 1 << 20)
    let cut = decode(bytes, format, pieces: &random, longest: 40)
    #expect(whole?.events == cut?.events)
    #expect(whole?.summary == cut?.summary)
    guard let whole else { continue }
    #expect(whole.summary.rows == whole.events.count + whole.summary.problems.count)
    bad += whole.summary.badRows
  }
  #expect(bad > 1_000)
}

@Test("every line of a damaged log is an event or a bad row", arguments: LogFormat.allCases)
func damagedLogs(format: LogFormat) throws {
  var random = SeededRandom(seed: 22)
  let known: [Action] = Action.known
  let events = (0..<60).map { index in
    Event(
      user: "u\(index)", time: Double(1_000_000 + index), action: known[index % known.count], item: "i\(index)",
      value: Double(index) / 4, region: "北京")
  }
  let bytes = Array(try EventLog.text(events, format: format).utf8)
  // Header and rows are told apart in CSV; the header itself stays whole.
  let body = format == .csv ? (bytes.firstIndex(of: 10) ?? 0) + 1 : 0
  let originals = Set(events)
  var kept = 0
  var badRows = 0
  for _ in 0..<200 {
    var damaged = bytes
    for _ in 0..<1 + random.below(6) {
      let place = body + random.below(damaged.count - body)
      // Neither line ends nor quotes in CSV: then each line that is not empty is one row.
      let byte = UInt8(random.below(256))
      let isLine = byte == 10 || damaged[place] == 10
      if isLine || (format == .csv && byte == 34) { continue }
      switch random.below(3) {
      case 0: damaged[place] = byte
      case 1: damaged.insert(byte, at: place)
      default: damaged.remove(at: place)
      }
    }
    let result = try #require(decode(damaged, format, pieces: &random, longest: 500))
    let lines = damaged[body...].split(separator: 10).count
    #expect(result.summary.rows == lines)
    #expect(result.summary.rows == result.events.count + result.summary.problems.count)
    // At most six of the sixty rows were touched.
    #expect(result.events.count(where: originals.contains) >= 54)
    kept += result.events.count
    badRows += result.summary.badRows
  }
  #expect(kept + badRows == 200 * 60)
  #expect(badRows > 20)
}

@Test("one stray quote in CSV costs at most the rows that it touches")
func strayQuotes() throws {
  var random = SeededRandom(seed: 23)
  let events = (0..<60).map { Event(user: "u\($0)", time: Double($0), action: .view, item: "a \"quoted\", item") }
  let bytes = Array(try EventLog.text(events).utf8)
  let body = (bytes.firstIndex(of: 10) ?? 0) + 1
  let originals = Set(events)
  for _ in 0..<200 {
    var damaged = bytes
    damaged.insert(34, at: body + random.below(damaged.count - body))
    let result = try #require(decode(damaged, .csv, pieces: &random, longest: 500))
    #expect(result.summary.rows == result.events.count + result.summary.problems.count)
    #expect(result.events.count(where: originals.contains) >= 58)
  }
}
