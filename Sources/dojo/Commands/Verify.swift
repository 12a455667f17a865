import Charts
import Curriculum
import Foundation
import Grading

extension Command {
  static let verify = Command(
    name: "verify", abstract: "The author's check: every file, starter, reference, wrong answer and page.",
    discussion: """
      Starters must score 0 as not started, references must score full, every wrong answer must be rejected by the check \
      that it names and in the words it names. No file may be missing or unlisted, both languages must have the same \
      headings, and no golden may be older than its oracle.
      """,
    arguments: [
      Argument(
        name: "id", help: "Only these exercises.", isRequired: false, isRepeated: true, completion: .exercise)
    ],
    options: [
      .value("--seed", "<seed>", "The seed with which references and wrong answers are graded. (default: 1)"),
      .flag(
        "--record",
        "Take the starters in Exercises/ as the pristine ones, and write the READMEs' tables and the test suites."),
      .flag("--files", "Only the files, lists and pages; grade nothing."),
    ]
  ) { arguments, session in
    let seed = try arguments.number("--seed", in: 0...UInt64.max) ?? 1
    let workspace = try session.workspace()
    if arguments.has("--record") {
      try PristineStarters.record(in: workspace)
      try ReadmeTable.record(in: workspace)
      try StarterSuites.record(in: workspace)
      session.console.line(
        "Sources/Grading/Starters.json, \(StarterSuites.path) and the READMEs' tables are written; build again.")
      return .success
    }
    let exercises =
      arguments.positionals.isEmpty ? Exercise.all : try arguments.positionals.map { try session.exercise($0) }
    var tally = Tally(console: session.console)
    if arguments.positionals.isEmpty {
      tally.add(
        "lists",
        try Verification.unlisted(in: workspace) + ReadmeTable.problems(in: workspace)
          + StarterSuites.problems(in: workspace),
        otherwise: "every file is listed")
    }
    for exercise in exercises {
      let verification = Verification(
        exercise: exercise, workspace: workspace, grader: try session.grader(seed: seed),
        reference: try session.reference(of: exercise))
      let found = try verification.files() + verification.prose()
      if arguments.has("--files") {
        tally.add(exercise.id, found, otherwise: "files and pages")
      } else {
        tally.add(exercise.id, try found + verification.grading(), otherwise: verification.summary)
      }
    }
    session.console.line(tally.problems == 0 ? "All is well." : "\(tally.problems) problems.")
    return tally.problems == 0 ? .success : .failedChecks
  }
}

/// Tells of each part and counts the problems.
private struct Tally {
  let console: Console
  var problems = 0

  mutating func add(_ part: String, _ found: [String], otherwise done: String) {
    problems += found.count
    let sign = found.isEmpty ? console.paint("✓", .green) : console.paint("✗", .red)
    console.line("\(sign) \(part)  \(found.isEmpty ? done : "")")
    for problem in found { console.line(wrapped(problem, width: console.width, indent: "    ")) }
  }
}
