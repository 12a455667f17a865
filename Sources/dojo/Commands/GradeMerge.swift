import Classroom
import Foundation

/// Puts the results of several parts of a class together.
struct MergeCommand {
  init(_ arguments: Arguments, _ session: Session) throws {
  }

  func perform() throws -> ExitStatus { .success }
}
