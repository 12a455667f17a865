import Curriculum
import Foundation
import Mistakes
import Solutions

// A stopgap: `dojo verify <id>` and `dojo run <id>` in this process, until the command line stands.
let arguments = CommandLine.arguments.dropFirst()
guard arguments.count >= 2, let exercise = Exercise.named(arguments.last ?? ""),
  let reference = references[exercise.name]
else {
  print("usage: dojo verify|run <id>")
  exit(64)
}
func judge(_ implementation: any ExerciseContract.Type, _ check: ExerciseCheck, seed: UInt64) -> String {
  do {
    guard let reference = references[exercise.name] else { return "no reference" }
    let trial = try check.trial(seed: seed, reference: reference.init())
    guard case .output(let data) = check.answer(implementation.init(), to: trial.input) else {
      return "\(check.answer(implementation.init(), to: trial.input))"
    }
    try trial.judge(data)
    return "passed"
  } catch { return "\(error)" }
}
if arguments.first == "run" {
  let report = try exercise.demo(
    reference.init(),
    context: DemoContext(seed: 1) {
      FileHandle.standardError.write(Data("\r\($0.task) \(Int($0.fraction * 100))% \($0.details)   ".utf8))
    })
  print(report.metrics, report.baseline)
  for block in report.report.blocks {
    if case .table(let table) = block {
      print(table.caption.en)
      for row in [table.columns] + table.rows { print(row.map(\.en).joined(separator: "\t")) }
    }
  }
} else {
  for seed in [1, 2, 3] as [UInt64] {
    for check in exercise.checks {
      let start = ContinuousClock.now
      print(
        "seed", seed, check.points, check.name, "→", judge(reference, check, seed: seed), ContinuousClock.now - start)
    }
  }
  for mistake in mistakes[exercise.name] ?? [] {
    guard let check = exercise.checks.first(where: { $0.name == mistake.rejectedBy }) else {
      print("NO CHECK NAMED", mistake.rejectedBy)
      continue
    }
    let verdict = judge(mistake.implementation, check, seed: 1)
    print(
      verdict != "passed" && verdict.contains(mistake.saying) ? "rejected" : "NOT REJECTED", mistake.name, "→", verdict)
  }
}
