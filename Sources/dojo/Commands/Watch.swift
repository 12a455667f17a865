import Curriculum
import Foundation
import Grading

extension Command {
  static let watch = Command(
    name: "watch", abstract: "Check on every save, then go on to the next exercise.",
    discussion: "Keys: h hint, r check again, s show the question, n next exercise, q quit.",
    arguments: [
      Argument(
        name: "id", help: "The exercise to begin with. (default: the next one)", isRequired: false,
        completion: .exercise)
    ],
    options: [.value("--seed", "<seed>", "The seed from which the checks draw their inputs. (default: 1)")]
  ) { arguments, session in
    let seed = try arguments.number("--seed", in: 0...UInt64.max) ?? 1
    let standing = try Standing(session)
    guard var exercise = try arguments.positionals.first.map({ try session.exercise($0) }) ?? standing.next else {
      session.console.line("All exercises are passed.")
      return .success
    }
    let keyboard = Keyboard()
    defer { keyboard.restore() }
    while true {
      // Watching begins before the check, so that a save during it is not missed.
      var watcher = FileWatcher(standing.workspace.starter(of: exercise))
      let hasPassed = try Watching.check(exercise, session, seed: seed)
      if hasPassed, let next = try Standing(session).next, next.id != exercise.id {
        session.console.line("\(session.console.paint("On to the next:", .green)) \(next.id)")
        exercise = next
        watcher = FileWatcher(standing.workspace.starter(of: exercise))
        try Watching.showQuestion(exercise, session)
      }
      session.console.line(
        session.console.paint(
          "Watching Exercises/\(exercise.path).swift · save to check · h hint · s question · r again · n next · q quit",
          .dim))
      switch try Watching.wait(exercise, watcher, keyboard, session) {
      case .check: continue
      case .next:
        let index = Exercise.all.firstIndex { $0.id == exercise.id } ?? 0
        exercise = Exercise.all[(index + 1) % Exercise.all.count]
      case .quit: return .success
      }
    }
  }
}

private enum Watching {
  enum Wish {
    case check, next, quit
  }

  /// Checks; a problem such as a missing file is told, and watching goes on.
  static func check(_ exercise: Exercise, _ session: Session, seed: UInt64) throws -> Bool {
    do {
      return try Checker(session, seed: seed).check(exercise).isPassed
    } catch let error as CommandError {
      session.console.error(error.description)
      return false
    }
  }

  /// Waits for a save or a key.
  static func wait(
    _ exercise: Exercise, _ watcher: FileWatcher, _ keyboard: Keyboard, _ session: Session
  ) throws -> Wish {
    while true {
      switch watcher.wait(or: keyboard) {
      case .saved: return .check
      case .ended: return .quit
      case .key("q"), .key("Q"): return .quit
      case .key("r"), .key("R"): return .check
      case .key("n"), .key("N"): return .next
      case .key("h"), .key("H"):
        var session = session
        _ = try Command.hint.perform(try Arguments([exercise.id], for: .hint), &session)
      case .key("s"), .key("S"): try showQuestion(exercise, session)
      case .key: session.console.line(session.console.paint("h hint · s question · r again · n next · q quit", .dim))
      }
    }
  }

  static func showQuestion(_ exercise: Exercise, _ session: Session) throws {
    var session = session
    _ = try Command.show.perform(try Arguments([exercise.id], for: .show), &session)
  }
}
