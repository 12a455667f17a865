import Classroom
import Curriculum
import Foundation

/// Puts the results of several parts of a class together: the same files as one run of the whole class writes.
struct MergeCommand {
  let arguments: Arguments
  let session: Session

  init(_ arguments: Arguments, _ session: Session) throws {
    for option in ["--only", "--seed", "--jobs", "--sandbox", "--shard"] where arguments.value(option) != nil {
      throw UsageError("The option '\(option)' does not go with '--merge'.")
    }
    guard arguments.value("--out") != nil else {
      throw UsageError("'--merge' needs '--out', the folder for the whole.")
    }
    self.arguments = arguments
    self.session = session
  }

  func perform() throws -> ExitStatus {
    let folders = arguments.positionals.map { URL(filePath: $0) }
    for (path, folder) in zip(arguments.positionals, folders) where !FileManager.default.fileExists(atPath: folder.path)
    {
      throw CommandError(.missingFile, "\(path) does not exist")
    }
    let policy = try gradingPolicy(arguments)
    let former = try formerClass(arguments)
    let merge = try ShardMerge(folders)
    let out = URL(filePath: arguments.value("--out") ?? "")
    let results = try ResultsFolder(out, settings: merge.record.settings, resuming: arguments.has("--resume"))
    let outputs = try GradeOutputs(
      results: results, exercises: merge.record.settings.exercises.compactMap { Exercise.named($0) },
      policy: policy, isShard: false, session: session)
    outputs.take(names: try merge.write(to: results), sources: try folders.flatMap(sources))
    try outputs.finish(merge.record)
    let comparison = try outputs.compare(merge.record, with: former)
    try printReport(merge.record, policy: policy, comparison, arguments, session)
    guard merge.missing.isEmpty else {
      let missing = merge.missing.prefix(20).map(\.description).joined(separator: ", ")
      session.console.error(
        session.say(
          "missing parts: \(missing); their students are not in \(out.relativePath)",
          "缺少部分：\(missing)；其学生不在 \(out.relativePath) 中"))
      return .badData
    }
    return .success
  }

  private func sources(_ folder: URL) throws -> [ShardSource] {
    let files = folder.appending(path: "sources")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: files.path)) ?? []
    return try names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted().map {
      try JSONDecoder().decode(ShardSource.self, from: Data(contentsOf: files.appending(path: $0)))
    }
  }
}

/// The policy that '--policy' names.
func gradingPolicy(_ arguments: Arguments) throws -> Policy {
  guard let path = arguments.value("--policy") else { return .standard }
  guard FileManager.default.fileExists(atPath: path) else {
    throw CommandError(.missingFile, "\(path) of '--policy' does not exist")
  }
  let file = URL(filePath: path)
  guard !file.isFolder else { throw CommandError(.badData, "\(path) of '--policy' is a folder; expected a JSON file") }
  return try Policy(contentsOf: file)
}

/// The class that '--compare' names, as it was graded earlier.
func formerClass(_ arguments: Arguments) throws -> ClassRecord? {
  guard let path = arguments.value("--compare") else { return nil }
  guard FileManager.default.fileExists(atPath: path) else {
    throw CommandError(.missingFile, "\(path) of '--compare' does not exist")
  }
  return try ClassRecord(contentsOf: URL(filePath: path))
}
