import Curriculum
import Grading

extension Command {
  static let reset = Command(
    name: "reset", abstract: "Restore an exercise's starter, keeping a backup of your file.",
    arguments: [Argument(name: "id", help: "The exercise, by id, name or file.", completion: .exercise)]
  ) { arguments, session in
    let exercise = try session.exercise(arguments.positionals[0])
    let standing = try Standing(session)
    let change = try Backups(standing.workspace).reset(exercise)
    session.console.line("Exercises/\(exercise.path).swift is the starter again.")
    if let backup = change.backup {
      session.console.line(
        "Your file is kept as \(standing.workspace.relativePath(backup)). 'dojo undo' takes this back.")
    }
    return .success
  }

  static let undo = Command(name: "undo", abstract: "Take the last reset back.") { _, session in
    let standing = try Standing(session)
    let change = try Backups(standing.workspace).undo()
    session.console.line("\(standing.workspace.relativePath(change.file)) is your file again.")
    return .success
  }
}
