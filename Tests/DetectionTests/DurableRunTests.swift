import Behavior
import Foundation
import Tensors
import Testing

@testable import Detection

@Suite("Runs that are killed")
struct DurableRunTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "detection-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func run(_ model: DetectionModel, _ name: String, replacing: Bool = false) throws -> DurableRun {
    try DurableRun(
      model, output: folder.appending(path: "\(name).csv"), checkpoint: folder.appending(path: "\(name).state"),
      format: .csv, replacing: replacing)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "\(name).csv"), encoding: .utf8)
  }

  @Test("dropped at 25 random moments and begun again, a run writes what a run without a stop writes, byte for byte")
  func drops() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let events = Array(fixture.events.prefix(12_000))
    let batch = Fixture.alerts(model, events)
    let expected = AlertFormat.csv.header + (try batch.map(AlertFormat.csv.line).joined())
    #expect(batch.count > 5)

    var random = SeededRandom(seed: 11)
    for _ in 0..<25 {
      let durable = try run(model, "a")
      let stop = random.below(events.count)
      var place = 0
      while place < stop {
        let size = 1 + random.below(700)
        try durable.add(Array(events[place..<min(events.count, place + size)]))
        place += size
        if random.bool(probability: 0.4) { try durable.checkpointNow() }
      }
      // Here it is dropped: what came after the last checkpoint is only in the file.
    }
    do {
      let last = try run(model, "a")
      #expect(last.isResumed && last.run.answeredBefore > 1_000)
      try last.add(events)
      try last.finish()
    }
    #expect(try text("a") == expected)
    // Another start with the same log changes nothing; one with a longer log is refused.
    do {
      let again = try run(model, "a")
      try again.add(events)
      try again.finish()
    }
    #expect(try text("a") == expected)
    let longer = try run(model, "a")
    #expect(longer.isFinished)
    #expect(throws: DetectionError.self) { try longer.add(Array(fixture.events.prefix(12_100))) }
  }

  @Test("a checkpoint cut off anywhere, or damaged, counts as none, and the run writes the same bytes again")
  func tornCheckpoints() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let events = Array(fixture.events.prefix(9_000))
    let expected =
      AlertFormat.csv.header + (try Fixture.alerts(model, events).map(AlertFormat.csv.line).joined())
    let state = folder.appending(path: "t.state")
    var random = SeededRandom(seed: 12)
    var resumed: Set<Int> = []
    for round in 0..<12 {
      do {
        let durable = try run(model, "t")
        resumed.insert(durable.run.answeredBefore)
        for place in stride(from: 0, to: 8_400, by: 700) {
          try durable.add(Array(events[place..<place + 700]))
          try durable.checkpointNow()
        }
      }
      var bytes = try Data(contentsOf: state)
      // The first record and the first checkpoint stand before any byte that matters here.
      let cut = 2_000 + random.below(bytes.count - 2_000)
      if round % 2 == 0 { bytes.removeSubrange(cut...) } else { bytes[cut] ^= 0x41 }
      try bytes.write(to: state)
    }
    #expect(resumed.count > 3, "\(resumed)")
    let last = try run(model, "t")
    try last.add(events)
    try last.finish()
    #expect(try text("t") == expected)
  }

  @Test("a run goes on from a place in the log, and refuses a log that is another there")
  func places() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let events = Array(fixture.events.prefix(9_000))
    let log = folder.appending(path: "log.csv")
    try EventLog.write(events, to: log)
    let expected =
      AlertFormat.csv.header + (try Fixture.alerts(model, events).map(AlertFormat.csv.line).joined())
    func reader() throws -> LogReader { try LogReader(contentsOf: log, pieceBytes: 1 << 14) }
    var offsets: [Int] = []
    for _ in 0..<6 {
      let durable = try run(model, "p")
      let reader = try reader()
      if let place = durable.place {
        try reader.go(to: place)
        durable.goOnFromPlace()
        offsets.append(place.offset)
      }
      for _ in 0..<8 {
        if let bookmark = reader.bookmark { durable.note(bookmark) }
        guard let more = try reader.next() else { break }
        try durable.add(more)
      }
      try durable.checkpointNow()
    }
    #expect(offsets.count == 5 && offsets == offsets.sorted() && Set(offsets).count == 5, "\(offsets)")
    do {
      let durable = try run(model, "p")
      let text = try String(contentsOf: log, encoding: .utf8)
      // The rows right behind the place are others.
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let place = try #require(durable.place)
      var changed = lines
      changed[place.line + 3] = changed[place.line + 2]
      try Data(changed.joined(separator: "\n").utf8).write(to: log)
      let reader = try reader()
      try reader.go(to: place)
      durable.goOnFromPlace()
      #expect(throws: DetectionError.self) { while let more = try reader.next() { try durable.add(more) } }
      try Data(text.utf8).write(to: log)
    }
    let last = try run(model, "p")
    let reader = try reader()
    try reader.go(to: try #require(last.place))
    last.goOnFromPlace()
    while let more = try reader.next() { try last.add(more) }
    try last.finish()
    #expect(try text("p") == expected)
    #expect(reader.summary.events == events.count && last.run.detector.events == events.count)
  }

  @Test("another log, another model, a file that was cut, and a file of somebody else's are refused")
  func refusals() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let events = Array(fixture.events.prefix(6_000))
    do {
      let first = try run(model, "b")
      try first.add(events)
      try first.checkpointNow()
      #expect(throws: DetectionError.self) { try run(model, "b") }  // while the first one holds the file
    }
    #expect(throws: DetectionError.self) { try run(fixture.unlabelled.model, "b") }
    do {
      var other = events
      other[5].item = "changed"
      let second = try run(model, "b")
      #expect(throws: DetectionError.self) { try second.add(other) }
    }
    do {
      let short = try run(model, "b")
      try short.add(Array(events.prefix(10)))
      #expect(throws: DetectionError.self) { try short.finish() }
    }
    try Data("x".utf8).write(to: folder.appending(path: "b.csv"))
    #expect(throws: DetectionError.self) { try run(model, "b") }
    try Data("{}".utf8).write(to: folder.appending(path: "b.state"))
    #expect(throws: DetectionError.self) { try run(model, "b") }
    try Data("mine".utf8).write(to: folder.appending(path: "c.csv"))
    #expect(throws: DetectionError.self) { try run(model, "c") }
    #expect(try text("c") == "mine")
    // Killed between making the file and the first checkpoint.
    try Data().write(to: folder.appending(path: "d.csv"))
    #expect(try run(model, "d").isResumed == false)
    #expect(try run(model, "c", replacing: true).isResumed == false)
  }

  @Test("a model is read as it was written; damaged, foreign and later ones are refused; none gives way unasked")
  func models() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let place = folder.appending(path: "model")
    try ModelFolder.write(model, to: place)
    let read = try ModelFolder.read(place)
    #expect(read.id == model.id && read.settings == model.settings)
    let events = Array(fixture.events.prefix(6_000))
    #expect(Fixture.alerts(read, events) == Fixture.alerts(model, events))
    #expect(throws: DetectionError.exists(place.relativePath)) { try ModelFolder.write(model, to: place) }
    try ModelFolder.write(fixture.unlabelled.model, to: place, replacing: true)
    #expect(try ModelFolder.read(place).id == fixture.unlabelled.model.id)

    for name in ["weights.safetensors", "forest.json", "model.json"] {
      let file = place.appending(path: name)
      let whole = try Data(contentsOf: file)
      for damaged in [whole.dropLast(7), Data(), whole.dropLast(40) + Data("9".utf8) + whole.suffix(39)] {
        if damaged == whole { continue }
        try Data(damaged).write(to: file)
        #expect(throws: DetectionError.self) { try ModelFolder.read(place) }
      }
      try FileManager.default.removeItem(at: file)
      #expect(throws: DetectionError.self) { try ModelFolder.read(place) }
      try whole.write(to: file)
    }
    let manifest = try String(contentsOf: place.appending(path: "model.json"), encoding: .utf8)
    try Data(manifest.replacing("\"version\":2", with: "\"version\":3").utf8).write(
      to: place.appending(path: "model.json"))
    #expect(throws: DetectionError.version(place.relativePath, found: 3, expected: 2)) { try ModelFolder.read(place) }
    try FileManager.default.createDirectory(
      at: folder.appending(path: "photos"), withIntermediateDirectories: true)
    #expect(throws: DetectionError.self) {
      try ModelFolder.write(model, to: folder.appending(path: "photos"), replacing: true)
    }
  }

  @Test(
    "labels that are wrong are told with their line",
    arguments: [
      ("kind,users,start,end\nbot,u1,0,1\nbot,u2,x,1\n", "labels:3: start"), ("kind,users,start\n", "no column 'end'"),
      ("", "empty"), ("kind,users,start,end\nbot,u1,5,1\n", "labels:2: end"),
      ("kind,users,start,end\nbot,u1,5\n", "labels:2: 3 fields"),
    ])
  func labels(_ text: String, _ sentence: String) {
    let error = #expect(throws: DetectionError.self) { try EventLabels(labels: text) }
    #expect(error.map { "\($0)".contains(sentence) } == true, "\(String(describing: error))")
  }
}
