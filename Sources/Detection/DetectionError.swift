/// Why a detector cannot be fitted, read or run; each a sentence.
public enum DetectionError: Error, Hashable, CustomStringConvertible {
  /// There is nothing at the path.
  case noModel(String)
  /// A folder or file that is not what was asked for, or not whole.
  case damaged(String, String)
  /// Something of a later version.
  case version(String, found: Int, expected: Int)
  /// The log has too little in it.
  case tooSmall(String)
  /// A file of labels or flags that is wrong.
  case labels(file: String, line: Int, String)
  /// A checkpoint of another model, another log or other settings.
  case otherRun(String)
  /// A file that would be overwritten.
  case exists(String)
  /// What the file system says.
  case file(String, String)

  /// A sentence that names the file and what is wrong.
  public var description: String {
    switch self {
    case .noModel(let path): "\(path): there is no model; 'dojo detect fit' makes one"
    case .damaged(let path, let reason): "\(path): \(reason)"
    case .version(let path, let found, let expected):
      "\(path): version \(found), but this program reads version \(expected)"
    case .tooSmall(let reason): reason
    case .labels(let file, let line, let reason): "\(file):\(line): \(reason)"
    case .otherRun(let reason): reason
    case .exists(let path): "\(path) exists; --force replaces it"
    case .file(let path, let reason): "\(path): \(reason)"
    }
  }
}
