import Curriculum
import Foundation
import Grading

/// How far the candidate is, exercise by exercise.
enum ExerciseStatus: String {
  case notStarted = "not started"
  case inProgress = "in progress"
  case passed
}

/// The candidate's files and results.
struct Standing {
  let workspace: Workspace
  let progress: ProgressStore
  private let remembered: [String: ExerciseProgress]

  init(_ session: Session) throws {
    workspace = try session.workspace()
    progress = ProgressStore(workspace)
    remembered = progress.load()
  }

  /// What is remembered of an exercise.
  subscript(exercise: Exercise) -> ExerciseProgress { remembered[exercise.id] ?? ExerciseProgress() }

  /// How many exercises were graded at least once.
  var tried: Int { remembered.count }

  /// Passed once is passed; a file equal to the pristine starter is not started.
  func status(of exercise: Exercise) -> ExerciseStatus {
    if self[exercise].bestScore >= exercise.points { return .passed }
    let text = try? String(contentsOf: workspace.starter(of: exercise), encoding: .utf8)
    return text == nil || text == PristineStarters.text(for: exercise) ? .notStarted : .inProgress
  }

  /// The first exercise that is in progress, else the first one not passed.
  var next: Exercise? {
    Exercise.all.first { status(of: $0) == .inProgress } ?? Exercise.all.first { status(of: $0) != .passed }
  }
}

extension DojoProgram {
  /// `dojo` alone: where you are, what comes next, and how.
  static func whereYouAre(_ session: Session) throws -> ExitStatus {
    let console = session.console
    let standing = try Standing(session)
    let passed = Exercise.all.count { standing.status(of: $0) == .passed }
    let points = Exercise.all.reduce(0) { $0 + $1.points }
    let scored = Exercise.all.reduce(0) { $0 + standing[$1].bestScore }
    let isChinese = session.language == .chinese
    console.line(console.paint("BehaviorDojo", .bold))
    let width = 30
    let filled = Exercise.all.isEmpty ? 0 : passed * width / Exercise.all.count
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    console.line(
      "\(console.paint(bar, .green))  "
        + (isChinese
          ? "通过 \(passed)/\(Exercise.all.count) 题，\(scored)/\(points) 分"
          : "\(passed) of \(Exercise.all.count) exercises passed, \(scored) of \(points) points"))
    console.line()
    guard let next = standing.next else {
      console.line(
        isChinese ? "全部通过。`dojo run <id>` 看参考实现的演示。" : "All passed. 'dojo run <id>' shows the references at work.")
      return .success
    }
    console.line((isChinese ? "下一题  " : "Next  ") + console.paint(next.id, .bold))
    console.line("  " + wrapped(next.title[session.language], width: console.width - 2).replacing("\n", with: "\n  "))
    console.line("  Exercises/\(next.path).swift")
    console.line()
    for (command, english, chinese) in [
      ("dojo show \(next.id)", "read the question", "看题"), ("dojo watch \(next.id)", "check on every save", "保存即判分"),
      ("dojo run \(next.id)", "see the reference at work", "看参考实现运行"), ("dojo list", "all exercises", "全部题目"),
      ("dojo help", "all commands", "全部命令"),
    ] {
      let padding = String(repeating: " ", count: max(1, 44 - command.count))
      console.line("  \(console.paint(command, .cyan))\(padding)\(isChinese ? chinese : english)")
    }
    return .success
  }
}
