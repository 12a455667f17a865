import Charts
import Curriculum
import Grading

/// One exercise on a feedback page.
extension FeedbackPage {
  func section(_ exercise: ExerciseRecord, number: Int) -> Markup {
    let progress = ExerciseProgress(exercise)
    var result: Markup = """
      <section class="exercise" id="e\(number)">
      <h2>\(Self.title(exercise.id))</h2>
      <p class="meta"><code>\(exercise.id)</code> · \(progress.sign) \(progress.label) · \
      \(Markup.say("\(exercise.score) of \(exercise.points) points", "\(exercise.score) / \(exercise.points) 分"))</p>

      """
    switch progress {
    case .missing: result += missingFile(exercise)
    case .notStarted: result += notStarted(exercise)
    case .doesNotCompile: result += compilerErrors(exercise)
    case .solved, .partly, .noPoints: break
    }
    result += checks(of: exercise, progress)
    result += atHome(exercise, progress)
    result += "</section>\n"
    return result
  }

  // MARK: - Where no check ran

  private func missingFile(_ exercise: ExerciseRecord) -> Markup {
    let path = Exercise.named(exercise.id).map { "Exercises/\($0.path).swift" } ?? exercise.id
    return "<p>"
      + Markup.say(
        "There is no <code>\(path)</code> in your submission.", "你的提交中没有 <code>\(path)</code>。") + "</p>\n"
  }

  private func notStarted(_ exercise: ExerciseRecord) -> Markup {
    let first = exercise.checks.first { policy.visibility(ofCheck: $0.name, in: exercise.id) != .hidden }
    let hint = first.flatMap { hints.hint(for: $0.name, in: exercise.id) }
    return "<p>"
      + Markup.say(
        "The file is there, but it is still the starter: nothing is written yet.", "文件在，但还是起始代码：还没有写内容。")
      + "</p>\n" + (hint.map { nextStep($0) } ?? "")
  }

  /// What the compiler said, with the line to look at first.
  private func compilerErrors(_ exercise: ExerciseRecord) -> Markup {
    let message = exercise.checks.first?.message ?? ""
    let log = exercise.compilerLog.isEmpty ? message : exercise.compilerLog
    var result: Markup = "<p>"
    if let error = CompileError.first(in: log) ?? CompileError.first(in: message) {
      result += Markup.say(
        """
        The file does not compile, so no check could run. Begin with the first error, in \
        <strong>line \(error.line)</strong>; those below it often follow from it:
        """,
        "文件无法编译，因此没有检查能够运行。先看第一个错误，在<strong>第 \(error.line) 行</strong>；后面的错误往往由它引起：")
      result += "</p>\n\(Markup.block(error.text, style: "message", limit: 2_000))"
    } else {
      result += Markup.say(
        "The file does not compile, so no check could run.", "文件无法编译，因此没有检查能够运行。")
      result += "</p>\n"
    }
    result += """
      <details open=""><summary>\(Markup.say("Everything that the compiler said", "编译器的全部输出"))</summary>
      \(Markup.block(log, limit: 20_000))</details>

      """
    return result
  }

  // MARK: - Checks

  private func checks(of exercise: ExerciseRecord, _ progress: ExerciseProgress) -> Markup {
    let isSettled = !progress.isStarted || progress == .doesNotCompile
    var items: [Markup] = []
    var (hidden, hiddenPasses) = (0, 0)
    for check in exercise.checks {
      let visibility = policy.visibility(ofCheck: check.name, in: exercise.id)
      if visibility == .hidden {
        hidden += 1
        hiddenPasses += check.outcome == .passed ? 1 : 0
      } else {
        items.append(item(check, in: exercise, isFull: visibility == .full, isSettled: isSettled))
      }
    }
    if hidden > 0 {
      let sign: Markup = hidden == hiddenPasses ? "✓" : "•"
      items.append(
        """
        <li class="check"><h3><span class="sign" aria-hidden="true">\(sign)</span> \
        <span class="what">\(Markup.say("Hidden checks: \(hiddenPasses) of \(hidden) passed", "隐藏的检查：\(hidden) 项中通过 \(hiddenPasses) 项"))</span>\
        </h3></li>

        """)
    }
    return "<ul class=\"checks\">\n\(items.concatenated())</ul>\n"
  }

  private func item(_ check: CheckRecord, in exercise: ExerciseRecord, isFull: Bool, isSettled: Bool) -> Markup {
    let isPassed = check.outcome == .passed
    let sign: Markup = isPassed ? "✓" : check.outcome == .notStarted ? "○" : "✗"
    let style: Markup = isPassed ? "good" : isSettled || check.outcome == .notStarted ? "" : "bad"
    let points = Markup.say(
      "\(check.score) of \(check.points)", "\(check.score) / \(check.points) 分")
    // Of a check with `outcome` one learns no more than whether it passed.
    let label = isPassed || isFull ? check.outcome.label : LocalizedText(en: "did not pass", zh: "未通过")
    let outcome: Markup = isSettled ? "" : "<span class=\"outcome\">\(label)</span> "
    var result: Markup = """
      <li class="check \(style)"><h3><span class="sign" aria-hidden="true">\(sign)</span> \
      <span class="what" lang="en">\(check.name)</span> \
      <span class="points">\(outcome)\(points)</span></h3>

      """
    if !isSettled {
      if isFull && !isPassed && !check.message.isEmpty {
        result += Markup.block(check.message, style: "message", limit: 4_000)
      }
      if isFull && !check.printed.isEmpty {
        result += """
          <details\(isPassed ? "" : " open=\"\"" as Markup)><summary>\
          \(Markup.say("What your code printed", "你的代码输出的内容"))</summary>
          \(Markup.block(check.printed))</details>

          """
      }
      if !isPassed, let hint = hints.hint(for: check.name, in: exercise.id) { result += nextStep(hint) }
    }
    return result + "</li>\n"
  }

  private func nextStep(_ hint: LocalizedText) -> Markup {
    let words = Markup.say(FeedbackHints.rendered(hint.en), FeedbackHints.rendered(hint.zh))
    return "<p class=\"hint\"><strong>\(Markup.say("Next step:", "下一步："))</strong> \(words)</p>\n"
  }

  /// A command and what it is for, on a line of its own.
  private func command(_ english: Markup, _ chinese: Markup, _ command: Markup) -> Markup {
    "<p class=\"home\">\(Markup.say(english, chinese)) <code>swift run dojo \(command)</code></p>\n"
  }

  /// The commands for going on at home.
  private func atHome(_ exercise: ExerciseRecord, _ progress: ExerciseProgress) -> Markup {
    if progress == .solved {
      return command("Compare it with the reference:", "与参考实现对照：", "solution \(exercise.id)")
    }
    let seed: Markup = showsSeed ? " --seed \(String(record.seed))" : ""
    var result: Markup = ""
    if !progress.isStarted { result += command("Read the question:", "看题目：", "show \(exercise.id)") }
    result += command("Try it at home:", "在家试一试：", "check \(exercise.id)\(seed)")
    result += command("More hints:", "更多提示：", "hint \(exercise.id)")
    return result
  }
}

/// An error of the compiler.
struct CompileError: Hashable {
  /// The line in the student's file.
  var line: Int

  /// The whole line of the log.
  var text: String

  /// What is wrong, without the place.
  var reason: String

  /// The first `file:line:column: error: …` of a log.
  static func first(in log: String) -> CompileError? {
    // A log may be very long, and its first error stands near its beginning.
    for line in Excerpt(of: log, limit: 50_000).text.split(separator: "\n") {
      guard let mark = line.firstRange(of: ": error: ") else { continue }
      let place = line[..<mark.lowerBound].split(separator: ":")
      guard place.count >= 3, let number = Int(place[place.count - 2]) else { continue }
      return CompileError(line: number, text: String(line), reason: String(line[mark.upperBound...]))
    }
    return nil
  }
}
