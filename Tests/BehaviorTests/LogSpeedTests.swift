import Foundation
import Testing

@testable import Behavior

/// How fast a log is read: `DOJO_LOG=clicks.csv swift test --filter LogSpeedTests`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DOJO_LOG"] != nil, "set DOJO_LOG to a log"))
struct LogSpeedTests {
  @Test("a log of any size is read to its end")
  func speed() throws {
    let path = try #require(ProcessInfo.processInfo.environment["DOJO_LOG"])
    let reader = try LogReader(contentsOf: URL(filePath: path))
    let clock = ContinuousClock()
    let begin = clock.now
    var events = 0
    while let piece = try reader.next() { events += piece.count }
    let seconds = (clock.now - begin) / .seconds(1)
    let bytes = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    #expect(events == reader.summary.events && events + reader.summary.badRows == reader.summary.rows)
    print("\(events) events, \(bytes) bytes in \(seconds) s: \(Int(Double(bytes) / seconds / 1e6)) MB/s")
  }
}
