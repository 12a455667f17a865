import Curriculum

/// The few lines that are compiled with a candidate's file so that a worker can make the candidate's object.
enum Glue {
  /// The function that a worker looks for in the library.
  static let symbol = "dojo_make"

  /// The file's name, as the compiler's messages have it.
  static let fileName = "Glue.swift"

  /// The protocol that the candidate's type must conform to.
  static func contract(of exercise: Exercise) -> String { "\(exercise.name)Exercise" }

  /// The file's text.
  static func text(for exercise: Exercise) -> String {
    """
    import Contracts

    @_cdecl("\(symbol)") public func dojoMake(_ slot: UnsafeMutableRawPointer) {
      let made: any \(contract(of: exercise)) = \(exercise.name)()
      slot.assumingMemoryBound(to: Any.self).pointee = made
    }

    """
  }
}
