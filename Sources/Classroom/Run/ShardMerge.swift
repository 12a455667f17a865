import Contracts
import Foundation

/// The results of several parts of a class, to be put together.
public struct ShardMerge: Sendable {
  /// The class.
  public let record: ClassRecord

  /// The parts that are missing, in words: `3/8`. Their students are not in the class.
  public let missing: [Shard]

  /// Reads the parts.
  ///
  /// - Parameter folders: the folders of results, in any order.
  /// - Throws: `BadInput` or `ResultsError`: a folder that is no whole part, parts of different classes, a student or a
  ///   part that is there twice.
  public init(_ folders: [URL]) throws {
    var settings: ClassSettings?
    var holders: [Shard: URL] = [:]
    var students: [StudentRecord] = []
    var owners: [String: URL] = [:]
    for folder in folders {
      let shard = try Self.shard(in: folder)
      let part = try ClassRecord(contentsOf: folder)
      if let settings, settings != part.settings {
        let differences = settings.differences(from: part.settings).joined(separator: "; ")
        throw BadInput("\(folder.path) was graded differently from \(folders[0].path): \(differences)")
      }
      settings = part.settings
      if let other = holders.updateValue(folder, forKey: shard) {
        throw BadInput("\(other.path) and \(folder.path) are both part \(shard)")
      }
      if let other = holders.keys.first(where: { $0.count != shard.count }) {
        throw BadInput("\(folder.path) is part \(shard), but there is a part \(other) too")
      }
      for student in part.students {
        if let other = owners.updateValue(folder, forKey: student.student) {
          throw BadInput("\(student.student) is in \(other.path) and in \(folder.path)")
        }
        guard shard.contains(student.student) else {
          throw BadInput("\(folder.path) is part \(shard), to which \(student.student) does not belong")
        }
      }
      students += part.students
    }
    guard let settings, let count = holders.keys.first?.count else { throw BadInput("there is nothing to merge") }
    record = ClassRecord(settings: settings, students: students)
    missing = (1...count).compactMap { Shard(index: $0, of: count) }.filter { holders[$0] == nil }
  }

  private static func shard(in folder: URL) throws -> Shard {
    guard FileManager.default.fileExists(atPath: folder.appending(path: ResultsFolder.settingsFile).path) else {
      throw BadInput("\(folder.path) holds no results: it has no \(ResultsFolder.settingsFile)")
    }
    let file = folder.appending(path: ResultsFolder.shardFile)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw BadInput("\(folder.path) is no part of a class: it was graded without '--shard'")
    }
    guard !FileManager.default.fileExists(atPath: folder.appending(path: ResultsFolder.journalFile).path) else {
      throw BadInput("\(folder.path) is not graded whole; go on with '--resume' first")
    }
    return try ResultsFolder.decode(file)
  }

  /// Writes the records as one run of the whole class does.
  ///
  /// - Returns: the name for each submission's files.
  public func write(to results: ResultsFolder) throws -> [String: String] {
    let names = SafeFileNames(record.students.map(\.student))
    for student in record.students { try results.write(student, fileName: names[student.student]) }
    results.conclude()
    return Dictionary(uniqueKeysWithValues: record.students.map { ($0.student, names[$0.student]) })
  }
}
