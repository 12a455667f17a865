import Contracts
import Curriculum
import Foundation

extension ClassRecord {
  /// Reads a results folder as `dojo grade` writes it: `class.json` and `results/<name>.json`.
  ///
  /// - Throws: `BadInput` that names the file and what is wrong with it.
  public init(contentsOf folder: URL) throws {
    let settings = try Self.decode(ClassSettings.self, from: folder.appending(path: "class.json"))
    let results = folder.appending(path: "results")
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: results.path)
    } catch {
      throw BadInput("\(results.path): cannot be read; expected a folder with one JSON file a submission")
    }
    var students: [StudentRecord] = []
    var files: [String: String] = [:]
    for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
      let file = results.appending(path: name)
      let record = try Self.decode(StudentRecord.self, from: file)
      try Self.hold(record, to: file)
      if let other = files.updateValue(name, forKey: record.student) {
        throw BadInput("\(file.path): is of \(record.student), as \(other) is; expected each submission once")
      }
      students.append(record)
    }
    self.init(settings: settings, students: students)
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, from file: URL) throws -> Value {
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw BadInput("\(file.path): cannot be read; expected a file that dojo grade wrote")
    }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw BadInput("\(file.path): \(reason(error)); expected a file that dojo grade wrote")
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let context: DecodingError.Context
    switch error {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
      .dataCorrupted(let found):
      context = found
    @unknown default: return "\(error)"
    }
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    return path.isEmpty ? context.debugDescription : "at \(path.drop { $0 == "." }): \(context.debugDescription)"
  }

  /// Refuses numbers that no grader writes: a check has all of its points, if it passed, or none.
  private static func hold(_ record: StudentRecord, to file: URL) throws {
    for exercise in record.exercises {
      for check in exercise.checks {
        let earned = check.outcome == .passed ? check.points : 0
        guard (0...1_000_000).contains(check.points), check.score == earned else {
          throw BadInput(
            "\(file.path): \(exercise.id), \(check.name): found \(check.score) of \(check.points) points for "
              + "\(check.outcome.rawValue); expected all for a pass and none otherwise")
        }
      }
    }
  }
}
