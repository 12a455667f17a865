import Curriculum
import Foundation
import Grading

extension Command {
  static let new = Command(
    name: "new", abstract: "Lay out the files of a new exercise.",
    arguments: [
      Argument(name: "Topic", help: "The topic's folder, such as Foundations.", completion: .topic),
      Argument(name: "Name", help: "The CamelCase name, such as LSTMCell."),
    ]
  ) { arguments, session in
    let topicName = arguments.positionals[0]
    let name = arguments.positionals[1]
    guard let topic = Topic.allCases.first(where: { $0.folder == topicName || $0.rawValue == topicName }) else {
      let folders = Topic.allCases.map(\.folder)
      throw UsageError(
        "There is no topic '\(topicName)'.\(didYouMean(topicName, folders)) The topics are \(folders.joined(separator: ", "))."
      )
    }
    guard name.range(of: "^[A-Z][A-Za-z0-9]*$", options: .regularExpression) != nil, !name.hasSuffix("Exercise") else {
      throw UsageError("'\(name)' is no name for an exercise: expected CamelCase letters and digits, such as LSTMCell.")
    }
    if let existing = Exercise.named(name) {
      throw UsageError("There is an exercise \(existing.name) already, in \(existing.topic.folder).")
    }
    let layout = ExerciseLayout(topic: topic, name: name, root: try session.workspace().root)
    for path in try layout.write() { session.console.line("  \(path)") }
    session.console.line("Now write them, and: swift run dojo verify --record && swift run dojo verify \(layout.id)")
    return .success
  }
}
