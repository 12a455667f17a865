/// What every exercise asks for: a type that the runner can make and call.
///
/// An exercise's own protocol refines this one and lists the functions that the candidate writes. The protocol is
/// named after the exercise: `LSTMCellExercise` for `LSTMCell`.
public protocol ExerciseContract: SendableMetatype {
  /// Makes the candidate's object; it holds nothing between calls.
  init()
}

/// What a starter throws where its body is still to be written.
public struct Unfinished: Error, CustomStringConvertible {
  /// The function that is not written yet.
  public let function: String

  /// Marks the enclosing function as not written yet.
  public init(_ function: String = #function) {
    self.function = function
  }

  /// Names the function.
  public var description: String { "\(function) is not written yet" }
}

/// What an implementation throws when it refuses its input. Any other error will do as well.
public struct BadInput: Error, CustomStringConvertible, Hashable {
  /// What was found and what was expected.
  public let description: String

  /// Refuses an input with a sentence that says what was found and what was expected.
  public init(_ description: String) {
    self.description = description
  }

  /// Throws unless `condition` holds.
  public static func unless(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw BadInput(message()) }
  }
}
