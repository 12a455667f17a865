import Behavior
import Foundation
import Simulation
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
    ("a\"b,\"\"\"\"\n", [["a\"b", "\""]]),
    ("a\rb\r\n", [["a\rb"]]),
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

@Test("a row whose quotes do not match costs its first line only")
func loneQuotes() {
  let records = CSV.records("a,b\n1,\"open\n2,\"closed\"\n\"x\ny\"z,3\n4,5\n6,\"end")
  #expect(records.map(\.line) == [1, 2, 3, 4, 5, 6, 7])
  #expect(records.map(\.fields) == [["a", "b"], [], ["2", "closed"], [], ["y\"z", "3"], ["4", "5"], []])
  #expect(
    records.map(\.fault) == [
      nil, "text after a closing quote in field 2", nil, "text after a closing quote in field 1", nil, nil,
      "the quote in field 2 is never closed",
    ])
}

@Test("columns are found by name in any order, missing ones are empty, unknown ones ignored and named")
func columnsByName() throws {
  let log = try EventLog("note,action,Time,user\nx,purchase,12.5,u1\ny,warp_drive,13,u2\n", options: strict)
  #expect(
    log.events == [
      Event(user: "u1", time: 12.5, action: .purchase),
      Event(user: "u2", time: 13, action: Action(rawValue: "warp_drive")),
    ])
  #expect(log.summary.ignoredColumns == ["note"])
}

@Test(
  "columns have the names that logs give them",
  arguments: [
    "user,time,action,item", "user_id,timestamp,behavior_type,item_id", "User ID,Event-Time,Action Type,Product_ID",
    "用户ID,时间戳,行为类型,商品ID", "uid,ts,event,sku", "account,datetime,behaviour,page_id",
  ])
func columnAliases(header: String) throws {
  let log = try EventLog(header + "\nu1,5,view,i1\n", options: strict)
  #expect(log.events == [Event(user: "u1", time: 5, action: .view, item: "i1")])
  #expect(log.summary.ignoredColumns == [])
}

@Test("a column's own name goes before its aliases")
func ownNamesFirst() throws {
  let csv = try EventLog("event,event_type,user,action,time,ts\na,b,u,view,1,2\n", options: strict)
  let json = try EventLog(
    #"{"event":"a","user":"u","action":"view","event_type":"b","ts":2,"time":1}"#, options: strict)
  for log in [csv, json] {
    #expect(log.events == [Event(user: "u", time: 1, action: .view)])
  }
  #expect(csv.summary.ignoredColumns.sorted() == ["event", "event_type", "ts"])
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
    u10,1e30,view,
    u11,2026-02-30,view,
    u12,12,view,"never closed
    u13,13,view,1e3
    """
  let log = try EventLog(text, file: "clicks.csv")
  #expect(log.events.map(\.user) == ["u1", "u8", "u13"])
  #expect(log.events.map(\.value) == [0, 9.5, 1_000])
  #expect(
    log.summary.problems.map(\.description) == [
      "clicks.csv:3: time: \"yesterday\" is neither seconds since 1970 nor a date such as 2026-01-02T03:04:05Z",
      "clicks.csv:4: 4 fields expected, found 2",
      "clicks.csv:5: user: empty",
      "clicks.csv:6: time: \"inf\" is neither seconds since 1970 nor a date such as 2026-01-02T03:04:05Z",
      "clicks.csv:7: action: empty",
      "clicks.csv:8: text after a closing quote in field 3",
      "clicks.csv:11: value: \"much\" is not a number",
      "clicks.csv:12: time: \"1e30\" is outside the years that a log can hold",
      "clicks.csv:13: time: \"2026-02-30\" is not a date such as 2026-01-02T03:04:05Z",
      "clicks.csv:14: the quote in field 4 is never closed",
    ])
  #expect(log.summary.rows == 13)
  #expect(log.summary.badRows == 10)
}

@Test(
  "bad lines of JSON are told with what was found",
  arguments: [
    (#"[1]"#, "not JSON: an object {…} expected at byte 1, found \"[\""),
    (#"{"user":"u","time":1}"#, "action: missing"),
    (#"{"user":null,"time":1,"action":"view"}"#, "user: missing"),
    (#"{"user":"","time":1,"action":"view"}"#, "user: empty"),
    (#"{"user":"u","time":1,"action":"view"} x"#, "not JSON: the end of the line expected at byte 39, found \"x\""),
    (
      #"{"user":"u","time":01,"action":"view"}"#,
      "not JSON: a comma or the object's end expected at byte 21, found \"1\""
    ),
    (#"{"user":"u","time":1,"action":"view",}"#, "not JSON: a key in quotes expected at byte 38, found \"}\""),
    (#"{"user":"u","time":1,"action":"vi"#, "not JSON: a closing quote expected, found the end of the line"),
    (#"{"user":{"id":1},"time":1,"action":"view"}"#, "user: \"{\"id\":1}\" is neither text nor a number"),
    (#"{"user":true,"time":1,"action":"view"}"#, "user: \"true\" is neither text nor a number"),
    (#"{"user":"u","time":1,"action":"view","user":"v"}"#, "user: given twice"),
    (#"{"user":"u","time":1,"action":"view","value":"x"}"#, "value: \"x\" is not a number"),
    (#"{"user":"\ud800","time":1,"action":"view"}"#, "not Unicode: half of a surrogate pair"),
    (#"{"user":"\u0000","time":1,"action":"view"}"#, "a NUL, written \\u0000"),
    (#"{"user":"\q","time":1,"action":"view"}"#, "not JSON: the escape \\q is unknown"),
    (
      #"{"user":"u","time":1,"action":"view","x":\#(String(repeating: "[", count: 99))"#,
      "not JSON: more than 64 levels deep"
    ),
  ])
func badJSON(line: String, reason: String) throws {
  let good = #"{"user":"u","time":1,"action":"view"}"#
  let log = try EventLog("\(good)\n\(line)\n\n\(good)", file: "x.jsonl")
  #expect(log.events == [Event(user: "u", time: 1, action: .view), Event(user: "u", time: 1, action: .view)])
  #expect(log.summary.problems == [LogProblem(file: "x.jsonl", line: 2, reason: reason)])
}

@Test("JSON lines hold text, numbers, escapes and dates, and what is nested is skipped where it is ignored")
func readsJSON() throws {
  let log = try EventLog(
    #"""
    {"user_id": 1001, "timestamp": "2021-01-01 10:00:00", "action": "购买", "extra": {"a": [1, "}", null]}, "price": 5e-1}
    {"item":"\ud83d\ude00\n\/","action":"view","value":null,"time":"12.5","user":"a\tb"}
    """#, options: strict)
  #expect(
    log.events == [
      Event(user: "1001", time: 1_609_495_200, action: Action(rawValue: "购买"), value: 0.5),
      Event(user: "a\tb", time: 12.5, action: .view, item: "😀\n/"),
    ])
  #expect(log.summary.ignoredColumns == ["extra"])
}

@Test(
  "times are seconds, milliseconds, microseconds or nanoseconds by their size, or ISO 8601",
  arguments: [
    ("0", 0), ("-1.5", -1.5), (" 12 ", 12), ("1767258000", 1_767_258_000), ("1767258000.25", 1_767_258_000.25),
    ("1767258000123", 1_767_258_000.123), ("1767258000123456", 1_767_258_000.123456), ("1.767258e9", 1_767_258_000),
    ("1767258000000000000", 1_767_258_000), ("99999999999", 99_999_999_999), ("-1767258000123", -1_767_258_000.123),
    ("1970-01-01T00:00:00Z", 0), ("2026-01-01T09:00:00Z", 1_767_258_000), ("2026-01-01 09:00:00", 1_767_258_000),
    ("2026-01-01T09:00", 1_767_258_000), ("2026-01-01t17:00:00.123+08:00", 1_767_258_000.123),
    ("2026-01-01T03:30:00-0530", 1_767_258_000), ("2026-01-01 01:00:00,5 -08", 1_767_258_000.5),
    ("2026-01-01", 1_767_225_600), ("2024-02-29T00:00:00Z", 1_709_164_800), ("1969-12-31T23:59:59.5Z", -0.5),
    ("2016-12-31T23:59:60Z", 1_483_228_800), ("2026-01-01T09:00:00.1234567891Z", 1_767_258_000.123456),
  ] as [(String, Double)])
func times(text: String, seconds: Double) throws {
  let log = try EventLog("user,time,action\nu,\"\(text)\",view\n", options: strict)
  #expect(log.events.map(\.time) == [seconds])
}

@Test(
  "what is no time is a bad row",
  arguments: [
    "", "-", ".", "1e", "0x10", "nan", "1,5", "12:00", "2026-13-01", "2025-02-29", "2026-00-10", "2026-01-01T24:00:00Z",
    "2026-01-01T09:60", "2026-01-01T09", "2026-01-01T09:00:00.Z", "2026-01-01T09:00:00+1", "2026-01-01T09:00:00Zx",
    "2026-01-01x", "9999-01-01", "1e20", "1e400", "20260101T090000Z",
  ])
func noTimes(text: String) throws {
  let log = try EventLog("user,time,action\nu,\"\(text)\",view\n")
  #expect(log.events == [])
  #expect(log.summary.badRows == 1)
}

@Test("a unit of time can be given, by the options or by the column's name")
func timeUnits() throws {
  func time(_ column: String, _ unit: LogTimeUnit) throws -> Double? {
    let options = LogOptions(strict: true, timeUnit: unit)
    let csv = try EventLog("user,\(column),action\nu,5000,view\n", options: options).events.first?.time
    let json = try EventLog(#"{"user":"u","\#(column)":5000,"action":"view"}"#, options: options).events.first?.time
    #expect(csv == json)
    return csv
  }
  #expect(try time("time", .automatic) == 5_000)
  #expect(try time("time", .milliseconds) == 5)
  #expect(try time("timestamp_ms", .automatic) == 5)
  #expect(try time("timestamp_ms", .seconds) == 5_000)
}

@Test(
  "decimal numbers are read as the standard library reads them",
  arguments: [
    "0.1", "-0.30000000000000004", "9007199254740993", "123456789012345678901234567890", "1.7976931348623157e308",
    "5e-324", "2.2250738585072011e-308", "+7", ".5", "5.", "1E5", "0.000000000000000000000000000123", "1e22", "1e23",
  ])
func decimalNumbers(text: String) throws {
  let log = try EventLog("user,time,action,value\nu,1,view,\(text)\n", options: strict)
  #expect(log.events.map(\.value) == [Double(text)])
}

@Test("when strict, the first bad row is an error, after the events before it")
func strictReading() throws {
  let text = "user,time,action\nu,1,view\nu,x,view\nu,y,view\n"
  let problem = LogProblem(
    file: "log", line: 3,
    reason: "time: \"x\" is neither seconds since 1970 nor a date such as 2026-01-02T03:04:05Z")
  #expect(throws: LogError.badRow(problem)) { try EventLog(text, options: strict) }
  let url = temporary("strict.csv")
  defer { try? FileManager.default.removeItem(at: url) }
  try Data(text.utf8).write(to: url)
  let reader = try LogReader(contentsOf: url, options: strict)
  #expect(try reader.next()?.count == 1)
  #expect(throws: LogError.self) { try reader.next() }
}

@Test(
  "what is no log is an error even when not strict",
  arguments: [
    ("", 1, "the file is empty; the first row must name the columns"),
    ("\u{FEFF}\n\n", 3, "the file is empty; the first row must name the columns"),
    ("user,when\n", 1, "no column \"time\", \"action\"; found user, when"),
    ("\n1,2268318,2520377,pv\n", 2, "no column \"user\", \"time\", \"action\"; found 1, 2268318, 2520377, pv"),
    ("user,time,action,user\n", 1, "the column \"user\" is named twice"),
    ("user,time,event,event_type\n", 1, "the columns \"event\" and \"event_type\" both name the action"),
    ("user,time,\"action\n", 1, "the quote in field 3 is never closed"),
    ("\u{1F}\u{8B}", 1, "no column \"user\", \"time\", \"action\"; found ␤\u{8B}"),
  ])
func unusableLogs(text: String, line: Int, reason: String) {
  #expect(throws: LogError.unusable(LogProblem(file: "log", line: line, reason: reason))) { try EventLog(text) }
}

@Test(
  "files that are not UTF-8 text are named for what they are",
  arguments: [
    ([0xFF, 0xFE, 0x75, 0x00], "log:1: the file is UTF-16; UTF-8 is expected (iconv -f UTF-16 -t UTF-8)"),
    ([0x1F, 0x8B, 8, 0, 0, 0], "log:1: the file is compressed; unpack it first (gzip -dc)"),
    (
      Array("user,time,action,caf".utf8) + [0xE9, 10],
      "log:1: the header is not UTF-8: the byte 0xE9 at byte 21 of the row"
    ),
    (Array("\n  [{\"user\":1}]".utf8), "log:2: the file is a JSON array; one object a line is expected (jq -c '.[]')"),
  ] as [([UInt8], String)])
func notText(bytes: [UInt8], message: String) {
  var decoder = LogDecoder(file: "log", options: LogOptions(format: bytes.contains(0x5B) ? .jsonLines : nil))
  var events: [Event] = []
  let error = #expect(throws: LogError.self) {
    try decoder.decode(bytes, into: &events)
    try decoder.finish(into: &events)
  }
  #expect(error?.description == message)
}

@Test("a row with bytes that are not UTF-8, or with a NUL, is bad; the others are kept")
func badBytes() throws {
  for (bad, reason) in [
    ([0xE9], "not UTF-8: the byte 0xE9 at byte 2 of the row"),
    ([0xC0, 0x80], "not UTF-8: the byte 0xC0 at byte 2 of the row"),
    ([0xED, 0xA0, 0x80], "not UTF-8: the byte 0xED at byte 2 of the row"),
    ([0xF4, 0x90, 0x80, 0x80], "not UTF-8: the byte 0xF4 at byte 2 of the row"),
    ([0], "a NUL at byte 2 of the row"),
  ] as [([UInt8], String)] {
    var decoder = LogDecoder(file: "log.csv")
    var events: [Event] = []
    let bytes = Array("user,time,action\nu".utf8) + bad + Array(",1,view\né😀,2,view\n".utf8)
    try decoder.decode(bytes, into: &events)
    try decoder.finish(into: &events)
    #expect(events.map(\.user) == ["é😀"])
    #expect(decoder.summary.problems == [LogProblem(file: "log.csv", line: 2, reason: reason)])
  }
}

@Test("a row that is too long is skipped to its end, and an open quote costs one line", arguments: LogFormat.allCases)
func longRows(format: LogFormat) throws {
  let options = LogOptions(format: format, maximumRowBytes: 100)
  let good = format == .csv ? "u,1,view\n" : #"{"user":"u","time":1,"action":"view"}"# + "\n"
  let long = String(repeating: "x", count: 5_000) + "\n"
  let open = format == .csv ? "u,1,\"view\n" : "\n"
  let text =
    (format == .csv ? "user,time,action\n" : "\n") + good + long + good + open + String(repeating: good, count: 40)
  for size in [1, 7, 64, 10_000] {
    var decoder = LogDecoder(file: "log", options: options)
    var events: [Event] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      try decoder.decode(Array(bytes[start..<min(start + size, bytes.count)]), into: &events)
    }
    try decoder.finish(into: &events)
    #expect(events.count == 42)
    var reasons = ["log:3: the row is longer than 100 bytes"]
    if format == .csv { reasons.append("log:5: the quote in field 3 is not closed within 100 bytes") }
    #expect(decoder.summary.problems.map(\.description) == reasons)
  }
}

@Test("bad rows are kept up to a bound and counted whole, and taking them makes room")
func boundedProblems() throws {
  var decoder = LogDecoder(file: "log.csv", options: LogOptions(keptProblems: 3))
  var events: [Event] = []
  try decoder.decode(Array(("user,time,action\n" + String(repeating: "x\n", count: 10)).utf8), into: &events)
  #expect(decoder.takeProblems().map(\.line) == [2, 3, 4])
  try decoder.decode(Array("y\n".utf8), into: &events)
  #expect(decoder.summary.problems.map(\.line) == [12])
  #expect(decoder.summary.badRows == 11)
}

@Test("a log that is written and read is the same log", arguments: LogFormat.allCases)
func logRoundTrip(format: LogFormat) throws {
  var random = SeededRandom(seed: 11)
  let events =
    ShopSimulator().simulate(ShopConfiguration(users: 40, days: 2), using: &random).events
    + randomEvents(500, using: &random)
  let url = temporary("round." + (format == .csv ? "csv" : "jsonl"))
  defer { try? FileManager.default.removeItem(at: url) }
  try Data("old".utf8).write(to: url)
  try EventLog.write(events, to: url)
  let log = try EventLog(contentsOf: url, options: strict)
  #expect(log.events == events)
  #expect(log.summary.events == events.count)
}

@Test("CSV to events to JSON lines to events to CSV gives the same bytes")
func formatsAgree() throws {
  var random = SeededRandom(seed: 12)
  for _ in 0..<20 {
    let csv = try EventLog.text(randomEvents(30, using: &random))
    let json = try EventLog.text(try EventLog(csv, options: strict).events, format: .jsonLines)
    #expect(try EventLog.text(try EventLog(json, file: "x.jsonl", options: strict).events) == csv)
  }
  #expect(
    try EventLog.text([Event(user: "u,1", time: 1_767_258_000, action: .purchase, item: "i\n\u{1}", value: 59.9)])
      == "user,time,action,item,category,value,device,region\n\"u,1\",1767258000,purchase,\"i\n\u{1}\",,59.9,,\n")
  #expect(
    try EventLog.text([Event(user: "\"u\\", time: 0.5, action: .view, item: "i\n\u{1}")], format: .jsonLines)
      == #"{"user":"\"u\\","time":0.5,"action":"view","item":"i\n\u0001"}"# + "\n")
}

@Test("an event that no reader would take is refused, and the old file stays as it was")
func unwritableEvents() throws {
  let good = Event(user: "u", time: 1, action: .view)
  let url = temporary("refused.csv")
  defer { try? FileManager.default.removeItem(at: url) }
  try EventLog.write([good], to: url)
  let before = try Data(contentsOf: url)
  for (change, reason) in [
    ({ $0.user = "" }, "user: empty"), ({ $0.action = Action(rawValue: "") }, "action: empty"),
    ({ $0.value = .nan }, "value: nan is not a finite number"),
    ({ $0.time = .infinity }, "time: inf is outside the years that a log can hold"),
    ({ $0.time = 1e11 }, "time: 100000000000.0 is outside the years that a log can hold"),
    ({ $0.device = "a\0" }, "a NUL in a text"),
    ({ $0.item = String(repeating: "x", count: 1 << 20) }, "longer than 1048576 bytes"),
  ] as [((inout Event) -> Void, String)] {
    var event = good
    change(&event)
    #expect(throws: LogError.unwritableEvent(number: 2, reason: reason)) {
      try EventLog.write([good, event], to: url)
    }
  }
  #expect(try Data(contentsOf: url) == before)
  let left = try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)
  #expect(left.filter { $0.contains(url.lastPathComponent) } == [url.lastPathComponent])
  #expect(throws: LogError.unwritable(file: "/dev/null", reason: "it is not a regular file")) {
    try EventLog.write([good], to: URL(filePath: "/dev/null"))
  }
  #expect(throws: LogError.unwritable(file: "/nowhere/x.csv", reason: "No such file or directory")) {
    try EventLog.write([good], to: URL(filePath: "/nowhere/x.csv"))
  }
}

@Test("a file that cannot be read is named")
func unreadableFiles() {
  let missing = URL(filePath: "/nowhere/x.csv")
  #expect(throws: LogError.unreadable(file: "/nowhere/x.csv", reason: "there is no such file")) {
    try EventLog(contentsOf: missing)
  }
  let folder = URL(filePath: "/", directoryHint: .isDirectory)
  #expect(throws: LogError.unreadable(file: "/", reason: "it is a folder")) { try EventLog(contentsOf: folder) }
}

@Test("a growing file is followed: a row is an event as soon as its line end is there")
func followsFiles() throws {
  let url = temporary("grows.csv")
  defer { try? FileManager.default.removeItem(at: url) }
  try Data("user,time,action\nu1,1,vi".utf8).write(to: url)
  let writing = try FileHandle(forWritingTo: url)
  _ = try writing.seekToEnd()
  let reader = try LogReader(contentsOf: url, options: strict, pieceBytes: 5)
  #expect(try reader.poll() == [])
  try writing.write(contentsOf: Data("ew\nu2,2,cart\nu3,3,search".utf8))
  var events: [Event] = []
  while case let more = try reader.poll(), !more.isEmpty { events += more }
  #expect(events.map(\.user) == ["u1", "u2"])
  #expect(try reader.finish().map(\.user) == ["u3"])
  #expect(try reader.poll() == [])

  let cut = try LogReader(contentsOf: url)
  _ = try cut.poll()
  try writing.truncate(atOffset: 4)
  #expect(throws: LogError.self) { _ = try cut.poll() }
}

@Test("a pipe gives events before it is closed")
func readsPipes() throws {
  let pipe = Pipe()
  let reader = LogReader(pipe.fileHandleForReading, name: "pipe")
  try pipe.fileHandleForWriting.write(contentsOf: Data(#"{"user":"u","time":1,"action":"view"}"#.utf8 + [10, 123]))
  #expect(try reader.next()?.map(\.user) == ["u"])
  try pipe.fileHandleForWriting.close()
  #expect(try reader.next() == [])
  #expect(try reader.next() == nil)
  #expect(reader.summary.problems.map(\.line) == [2])
}

private let strict = LogOptions(strict: true)

private func temporary(_ name: String) -> URL {
  FileManager.default.temporaryDirectory.appending(path: "EventLogTests-\(UUID())-\(name)")
}
