/// Why data could not be read.
public enum DatasetError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A file of an embedded set is in none of the places where it could be.
  case resourceMissing(path: String, lookedIn: [String])

  /// A file cannot be opened.
  case unreadable(file: String, reason: String)

  /// A file is not what it should be.
  case malformed(file: String, expected: String, found: String)

  /// A line of a text file is not what it should be.
  case badLine(file: String, line: Int, reason: String)

  /// A sentence that names the file, what was found and what was expected.
  public var description: String {
    switch self {
    case .resourceMissing(let path, let places):
      "the embedded data file \(path) is missing; looked in \(places.joined(separator: ", ")). Keep the folder "
        + "BehaviorDojo_Datasets.resources beside the program, or build again."
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .malformed(let file, let expected, let found):
      "\(file): expected \(expected), found \(found)"
    case .badLine(let file, let line, let reason):
      "\(file):\(line): \(reason)"
    }
  }
}
