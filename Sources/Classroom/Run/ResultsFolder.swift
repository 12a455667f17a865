import Foundation
import Grading

/// The folder that a run writes: `class.json`, `results/<submission>.json`, and what is made of them.
///
/// Files are whole or not there. While the folder is open no other run can write to it.
public final class ResultsFolder: Sendable {
  /// The folder.
  public let url: URL

  /// What the class is graded with.
  public let settings: ClassSettings

  /// What an earlier run graded whole, by the submission's name.
  public let known: [String: StudentRecord]

  /// What an earlier run graded of submissions that it did not finish.
  let knownExercises: [String: [ExerciseRecord]]

  private let lock: FolderLock
  private let files: [String: String]
  let journal: Journal

  /// Opens a folder.
  ///
  /// - Parameters:
  ///   - url: the folder; it is made if it is not there.
  ///   - settings: what the class is graded with.
  ///   - shard: the part of the class that is graded here.
  ///   - resuming: whether to go on with what is there.
  /// - Throws: `ResultsError`.
  public init(_ url: URL, settings: ClassSettings, shard: Shard? = nil, resuming: Bool) throws {
    self.url = url
    self.settings = settings
    do {
      try Self.make(url)
    } catch {
      throw ResultsError.cannotWrite(url.path, reason: (error as NSError).localizedDescription)
    }
    lock = try FolderLock(url)
    let hasSettings = FileManager.default.fileExists(atPath: url.appending(path: Self.settingsFile).path)
    if hasSettings {
      guard resuming else { throw ResultsError.notEmpty(url.path) }
      try Self.compare(url, settings, shard)
    } else if try !Self.isFresh(url) {
      throw resuming ? ResultsError.notResults(url.path) : ResultsError.notEmpty(url.path)
    }
    if let shard { try DurableFile.write(try Self.json(shard), to: url.appending(path: Self.shardFile)) }
    if !hasSettings {
      try DurableFile.write(try Self.json(settings), to: url.appending(path: Self.settingsFile))
      DurableFile.flush(folder: url)
    }

    (known, files) = Self.records(in: url, settings)
    let journalFile = url.appending(path: Self.journalFile)
    let known = known
    let entries = Journal.read(journalFile).filter { known[$0.student]?.exercises.contains($0.exercise) != true }
    knownExercises = Dictionary(grouping: entries, by: \.student).mapValues { $0.map(\.exercise) }
    journal = try Journal(journalFile, keeping: entries)
  }

  /// Makes the folder, if it is not there, for nobody else: the marks are in it, and the seed, which a submission that
  /// runs as another user could read.
  private static func make(_ folder: URL) throws {
    let files = FileManager.default
    if !files.fileExists(atPath: folder.path) {
      try files.createDirectory(at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
      try files.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }
    try files.createDirectory(at: folder.appending(path: "results"), withIntermediateDirectories: true)
  }

  static let settingsFile = "class.json"
  static let shardFile = "shard.json"
  static let journalFile = ".journal"

  /// Where a submission's record is.
  func file(_ fileName: String) -> URL { url.appending(path: "results/\(fileName).json") }

  /// Writes a submission's record, unless it is there already.
  func write(_ record: StudentRecord, fileName: String) throws {
    let name = "\(fileName).json"
    if known[record.student] != record || files[record.student] != name {
      try DurableFile.write(try Self.json(record), to: file(fileName))
    }
    // A submission that came later may have changed the name under which this one is told apart.
    if let former = files[record.student], former != name {
      try? FileManager.default.removeItem(at: url.appending(path: "results/\(former)"))
    }
  }

  /// Writes a file that is made of the records.
  ///
  /// - Parameters:
  ///   - data: its content.
  ///   - path: its path in this folder; the last folder of it is made.
  /// - Throws: `ResultsError.cannotWrite`; what was there before is then still there.
  public func write(_ data: Data, to path: String) throws {
    let file = url.appending(path: path)
    let folder = file.deletingLastPathComponent()
    if !FileManager.default.fileExists(atPath: folder.path) {
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw ResultsError.cannotWrite(folder.path, reason: (error as NSError).localizedDescription)
      }
    }
    if (try? Data(contentsOf: file)) == data { return }
    try DurableFile.write(data, to: file)
  }

  /// Ends a run that graded everything: nothing is left to go on with.
  public func conclude() {
    try? FileManager.default.removeItem(at: url.appending(path: Self.journalFile))
    DurableFile.flush(folder: url.appending(path: "results"))
    DurableFile.flush(folder: url)
  }

  // MARK: - What is there

  /// Whether a folder is one that a run wrote.
  static func isOne(_ folder: URL) -> Bool {
    [settingsFile, "results"].allSatisfy {
      FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
    }
  }

  /// Whether nothing is there but what a run leaves that was killed before it began.
  private static func isFresh(_ folder: URL) throws -> Bool {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let results = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "results").path)
    let ours = [".lock", ".class.json.part", ".shard.json.part", "shard.json", "results"]
    return results.isEmpty && names.allSatisfy { ours.contains($0) }
  }

  private static func compare(_ folder: URL, _ settings: ClassSettings, _ shard: Shard?) throws {
    let former: ClassSettings = try decode(folder.appending(path: settingsFile))
    var differences = former.differences(from: settings)
    let shardURL = folder.appending(path: shardFile)
    let formerShard: Shard? = FileManager.default.fileExists(atPath: shardURL.path) ? try decode(shardURL) : nil
    if formerShard != shard {
      differences.append(
        "shard \(formerShard?.description ?? "none") there, \(shard?.description ?? "none") now")
    }
    guard differences.isEmpty else { throw ResultsError.otherSettings(folder.path, differences: differences) }
  }

  /// The records, and the names of their files. What cannot be read is graded again.
  private static func records(
    in folder: URL, _ settings: ClassSettings
  ) -> (records: [String: StudentRecord], files: [String: String]) {
    let results = folder.appending(path: "results")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: results.path)) ?? []
    var records: [String: StudentRecord] = [:]
    var files: [String: String] = [:]
    for name in names.sorted() {
      if name.hasPrefix("."), name.hasSuffix(".part") {  // of a run that was killed
        try? FileManager.default.removeItem(at: results.appending(path: name))
      }
      guard name.hasSuffix(".json"), !name.hasPrefix("."),
        let record: StudentRecord = try? decode(results.appending(path: name)), record.seed == settings.seed,
        record.tier == settings.tier
      else { continue }
      records[record.student] = record
      files[record.student] = name
    }
    return (records, files)
  }

  static func decode<Value: Decodable>(_ file: URL) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: try Data(contentsOf: file))
    } catch {
      throw ResultsError.damaged(file.path, reason: "is not as 'dojo grade' writes it")
    }
  }

  /// The same bytes for the same value.
  static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }
}

extension ClassSettings {
  /// What differs from other settings, in words.
  func differences(from other: ClassSettings) -> [String] {
    var differences: [String] = []
    if seed != other.seed { differences.append("seed \(seed) there, \(other.seed) now") }
    if exercises != other.exercises {
      let missing = exercises.filter { !other.exercises.contains($0) }
      let added = other.exercises.filter { !exercises.contains($0) }
      differences.append(
        "other exercises" + (missing.isEmpty ? "" : ", without \(missing.joined(separator: ", ")) now")
          + (added.isEmpty ? "" : ", with \(added.joined(separator: ", ")) now"))
    }
    if tier != other.tier { differences.append("sandbox \(tier.rawValue) there, \(other.tier.rawValue) now") }
    if grader != other.grader { differences.append("dojo \(grader) there, \(other.grader) now") }
    return differences
  }
}
