import Behavior
import Foundation
import Tensors
import Testing

@Test(
  "CSV fields may be quoted, lines may end in CRLF, and a byte order mark is ignored",
  arguments: [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("\u{FEFF}a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n\"1,5\",\"say \"\"hi\"\"\"", [["a", "b"], ["1,5", "say \"hi\""]]),
    ("a\n\"two\nlines\"\nx\n", [["a"], ["two\nlines"], ["x"]]),
    ("a,b,\n,,\n", [["a", "b", ""], ["", "", ""]]),
    ("a\n\n\nb\n", [["a"], ["b"]]),
    ("\"\"\n", [[""]]),
    ("", []),
  ])
func csvRecords(text: String, fields: [[String]]) {
  #expect(CSV.records(text).map(\.fields) == fields)
}

@Test("every field comes back from CSV as it was")
func csvRoundTrip() {
  let rows = [["plain", "with,comma", "with \"quotes\"", "two\nlines", "\r\n", " padded ", "", "中文，刷单"]]
  let text = rows.map { CSV.line($0) + "\n" }.joined()
  #expect(CSV.records(text).map(\.fields) == rows)
}

@Test("columns are found by name in any order, missing ones are empty, unknown ones ignored")
func columnsByName() throws {
  let log = try EventLog(csv: "note,action,Time,user\nx,purchase,12.5,u1\ny,warp_drive,13,u2\n", strict: true)
  #expect(
    log.events == [
      Event(user: "u1", time: 12.5, action: .purchase),
      Event(user: "u2", time: 13, action: Action(rawValue: "warp_drive")),
    ])
}

@Test("bad rows are reported with file, line and reason, and the good ones are kept")
func badRows() throws {
  let text = """
    user,time,action,value
    u1,1,view,
    u2,yesterday,view,
    u3,3
    ,4,view,
    u5,inf,view,
    u6,6,,
    u7,7,"view"x,
    u8,8,"two
    lines",9.5
    u9,9,view,much
    u10,10,view,"never closed
    """
  let log = try EventLog(csv: text, file: "clicks.csv")
  #expect(log.events.map(\.user) == ["u1", "u8"])
  #expect(log.events[1].value == 9.5)
  #expect(
    log.badRows.map(\.description) == [
      "clicks.csv:3: time: \"yesterday\" is not a number",
      "clicks.csv:4: 4 fields expected, found 2",
      "clicks.csv:5: user: empty",
      "clicks.csv:6: time: \"inf\" is not a number",
      "clicks.csv:7: action: empty",
      "clicks.csv:8: text after a closing quote in field 3",
      "clicks.csv:11: value: \"much\" is not a number",
      "clicks.csv:12: the quote in field 4 is never closed",
    ])
}

@Test("when strict, the first bad row is an error")
func strictReading() {
  #expect(throws: EventLog.BadRow(file: "log.csv", line: 2, reason: "time: \"x\" is not a number")) {
    try EventLog(csv: "user,time,action\nu,x,view\nu,y,view\n", strict: true)
  }
}

@Test(
  "a header that cannot be used is an error even when not strict",
  arguments: [
    ("", "the file is empty; the first row must name the columns"),
    ("user,when,action\n", "no column \"time\"; found user, when, action"),
    ("user,time,action,user\n", "the column \"user\" is named twice"),
  ])
func unusableHeader(text: String, reason: String) {
  #expect(throws: EventLog.BadRow(file: "log.csv", line: 1, reason: reason)) { try EventLog(csv: text) }
}

@Test("a log that is written and read is the same log")
func logRoundTrip() throws {
  var random = SeededRandom(seed: 11)
  var events = ShopSimulator().simulate(ShopConfiguration(users: 80, days: 3), using: &random).events
  events.append(
    Event(
      user: "a,b", time: -0.1, action: Action(rawValue: "\"odd\""), item: "two\r\nlines", category: " ", value: 1e-300,
      device: "设备", region: "\u{FEFF}"))
  let url = FileManager.default.temporaryDirectory.appending(path: "EventLogTests-\(UUID()).csv")
  defer { try? FileManager.default.removeItem(at: url) }
  try EventLog.write(events, to: url)
  let log = try EventLog(contentsOf: url, strict: true)
  #expect(log.events == events)
  #expect(log.badRows.isEmpty)
  #expect(EventLog.csv(log.events) == EventLog.csv(events))
}
