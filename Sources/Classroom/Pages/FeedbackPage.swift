import Charts
import Curriculum
import Foundation
import Grading

/// What one student reads: the mark and where it comes from, each check in words, and what to do next. One HTML file
/// that needs nothing else, in English and Chinese, fit for a phone and for paper.
///
/// Nothing of what the student wrote can become markup. A check that the policy hides is not named anywhere on it. The
/// seed is not shown unless asked for: it may be the instructor's secret, and whoever holds it can draw the inputs
/// of a check that is graded again.
public struct FeedbackPage: Sendable {
  let record: StudentRecord
  let policy: Policy
  let counted: StudentMark
  let hints: FeedbackHints
  let showsSeed: Bool
  let language: Language

  /// A student's page.
  ///
  /// - Parameters:
  ///   - record: the graded submission.
  ///   - policy: how points become a mark, and what may be seen of each check.
  ///   - mark: the student's mark in the class, from `Policy.marks`, which may be that of another attempt; the mark of
  ///     this submission alone unless given.
  ///   - hints: the first hints of the checks.
  ///   - showsSeed: whether the seed is on the page.
  ///   - language: the language in which the page opens.
  public init(
    _ record: StudentRecord, policy: Policy = .standard, mark: StudentMark? = nil, hints: FeedbackHints = .none,
    showsSeed: Bool = false, language: Language = .english
  ) {
    self.record = record
    self.policy = policy
    counted = mark ?? policy.mark(of: record)
    self.hints = hints
    self.showsSeed = showsSeed
    self.language = language
  }

  /// The text of the HTML file; the same record gives the same bytes.
  public var html: String {
    let name = VisibleText.of(Excerpt(of: counted.student, limit: 120).text)
    let heading = Markup.say(
      "Feedback for \(Markup.name(counted.student))", "\(Markup.name(counted.student)) 的反馈")
    var body: Markup = "\(summary)\n"
    if !record.exercises.isEmpty {
      body += overview
      body += record.exercises.enumerated().map { section($0.element, number: $0.offset + 1) }.concatenated()
    }
    body += isComplete ? next : ""
    body += howItWasGraded
    return Page.document(
      title: LocalizedText(en: "Feedback for \(name)", zh: "\(name) 的反馈"), heading: "<h1>\(heading.html)</h1>\n",
      body: body.html, style: PageStyle.sheet, language: language)
  }

  // MARK: - The mark

  private var isComplete: Bool { record.points > 0 && record.score == record.points }

  private var isCounted: Bool { counted.submission == record.student }

  private var summary: Markup {
    let points = Markup.say(
      "<strong>\(record.score)</strong> of \(record.points) points",
      "<strong>\(record.score)</strong> / \(record.points) 分")
    var result: Markup = "<section class=\"result\"><p class=\"score\">"
    if isCounted {
      result += "<strong class=\"big\">\(counted.mark)\u{A0}%</strong> "
      if let isPassed = counted.isPassed {
        let label: LocalizedText =
          isPassed ? LocalizedText(en: "✓ passed", zh: "✓ 及格") : LocalizedText(en: "✗ not passed", zh: "✗ 未及格")
        result += "<span class=\"badge \(isPassed ? "good" : "bad" as Markup)\">\(label)</span> "
      }
    }
    result += "<span>\(points)</span></p>\n<p class=\"lead\">\(Markup.say(lead[.english], lead[.chinese]))</p>\n"
    let reasons = reasons
    if !reasons.isEmpty { result += "<ul class=\"reasons\">\n\(Markup.items(reasons))</ul>" }
    result += "</section>"
    return result
  }

  private struct Both {
    var en: Markup
    var zh: Markup
    subscript(language: Language) -> Markup { language == .english ? en : zh }
  }

  /// What to take from the page, in a sentence or two.
  private var lead: Both {
    let progress = record.exercises.map { ExerciseProgress($0) }
    if progress.allSatisfy({ $0 == .missing }) {
      return Both(
        en: """
          No exercise file was found in this submission, so there is nothing to judge yet. This is often a small thing: \
          the wrong folder in the archive, or a file with another name. A file counts as \
          <code>Exercises/Topic/Name.swift</code>. Please look at what you handed in, and write to your instructor.
          """,
        zh: """
          这份提交里没有找到练习文件，因此还没有可以评判的内容。原因往往很小：压缩包里放错了文件夹，或文件改了名。\
          文件应位于 <code>Exercises/主题/名称.swift</code>。请检查你提交的内容，并联系老师。
          """)
    }
    if progress.allSatisfy({ !$0.isStarted }) {
      return Both(
        en: """
          Your files arrived safely, but nothing is written in them yet. Start with any one of the exercises below: \
          each is graded by itself, and so is each check.
          """,
        zh: "你的文件已经收到，但里面还没有写任何内容。从下面任意一个练习开始即可：每个练习、每项检查都单独评分。")
    }
    if isComplete {
      return Both(
        en: """
          Every check passed. Your code gave the right answers on inputs that it had never seen, and it refused the bad \
          ones. What each check showed is below, and where to go from here is at the end.
          """,
        zh: "全部检查通过。你的代码在从未见过的输入上给出了正确答案，也拒绝了坏输入。下面列出每项检查说明了什么，最后是接下来可以做的事。")
    }
    let solved = progress.count { $0 == .solved }
    let count = progress.count
    let broken = progress.count { $0 == .doesNotCompile }
    let untouched = progress.count { !$0.isStarted }
    var english: Markup = "You completed \(solved) of \(count) exercises."
    var chinese: Markup = "\(count) 个练习中，你完成了 \(solved) 个。"
    if solved == 0 && record.score > 0 {
      english = "No exercise is complete yet, but each check counts by itself: you have \(record.score) points."
      chinese = "还没有练习全部通过，但每项检查单独计分：你已得到 \(record.score) 分。"
    }
    if broken > 0 {
      english +=
        broken == 1 ? " One does not compile: mend that first." : " \(broken) do not compile: mend those first."
      chinese += "有 \(broken) 个无法编译：请先改好。"
    }
    if untouched > 0 {
      english += untouched == 1 ? " One is not started." : " \(untouched) are not started."
      chinese += "有 \(untouched) 个尚未开始。"
    }
    return Both(en: english, zh: chinese)
  }

  /// Why the mark is not simply the share of the points.
  private var reasons: [Markup] {
    var reasons: [Markup] = []
    if !isCounted {
      let attempt = Attempt(record.student).number
      reasons.append(
        Markup.say(
          "This is attempt \(attempt). Attempt \(counted.attempt) counts, with \(counted.mark)\u{A0}%.",
          "这是第 \(attempt) 次提交。计分的是第 \(counted.attempt) 次（\(counted.mark)\u{A0}%）。"))
      return reasons
    }
    if counted.attempts > 1 {
      reasons.append(
        Markup.say(
          "This is attempt \(counted.attempt) of \(counted.attempts), the one that counts.",
          "这是 \(counted.attempts) 次提交中的第 \(counted.attempt) 次，以这次计分。"))
    }
    if counted.penalty > 0 {
      reasons.append(
        Markup.say(
          "It came late, which took \(counted.penalty) percentage points: without that, \(counted.mark + counted.penalty)\u{A0}%.",
          "迟交扣去 \(counted.penalty) 个百分点：不扣则为 \(counted.mark + counted.penalty)\u{A0}%。"))
    }
    if counted.perExercise.contains(where: \.isDropped) {
      reasons.append(
        Markup.say(
          "Your lowest exercises do not count: they are marked below.", "你得分最低的练习不计入，已在下表中标出。"))
    }
    if hasWeights {
      reasons.append(
        Markup.say(
          "The exercises do not weigh as much as their points: the table has their weights.",
          "各练习的权重与分值不同，权重见下表。"))
    }
    return reasons
  }

  private var hasWeights: Bool { isCounted && counted.perExercise.contains { $0.weight != Decimal($0.points) } }

  // MARK: - All exercises

  private var overview: Markup {
    let rows = record.exercises.enumerated().map { index, exercise -> Markup in
      let progress = ExerciseProgress(exercise)
      let percent = exercise.points > 0 ? 100 * exercise.score / exercise.points : 0
      let mark = isCounted ? counted.perExercise.first { $0.id == exercise.id } : nil
      let weight: Markup = hasWeights ? "<td class=\"number\">\(mark?.weight ?? 0)</td>" : ""
      let dropped: Markup =
        mark?.isDropped == true ? "<span class=\"dropped\">\(Markup.say("does not count", "不计入"))</span>" : ""
      return """
        <tr><th scope="row"><a href="#e\(index + 1)">\(Self.title(exercise.id))</a></th>\
        <td class="number">\(exercise.score) / \(exercise.points)</td>\(weight)\
        <td class="wide-cell"><span class="bar" aria-hidden="true"><span style="width:\(percent)%"></span></span></td>\
        <td class="standing">\(progress.sign) \(progress.label)\(dropped)</td></tr>

        """
    }
    return """
      <h2>\(Markup.say("Your exercises", "你的练习"))</h2>
      <div class="panel scroll"><table class="overview">
      <thead><tr><th scope="col">\(Markup.say("exercise", "练习"))</th>\
      <th scope="col" class="number">\(Markup.say("points", "得分"))</th>\
      \(hasWeights ? "<th scope=\"col\" class=\"number\">\(Markup.say("weight", "权重"))</th>" as Markup : "")\
      <th scope="col" class="wide-cell"><span class="reader-only">\(Markup.say("share", "比例"))</span></th>\
      <th scope="col">\(Markup.say("result", "结果"))</th></tr></thead>
      <tbody>
      \(rows.concatenated())</tbody>
      </table></div>

      """
  }

  static func title(_ id: String) -> LocalizedText { Exercise.named(id)?.title ?? LocalizedText(id) }

  // MARK: - The end

  /// Where to go after full marks.
  private var next: Markup {
    let done = Set(record.exercises.map(\.id))
    let level = record.exercises.compactMap { Exercise.named($0.id)?.difficulty }.max() ?? 1
    let fresh = Exercise.all.filter { !done.contains($0.id) }
    let fitting = fresh.filter { $0.difficulty >= level } + fresh.filter { $0.difficulty < level }.reversed()
    let suggestions = fitting.prefix(3).map { exercise -> Markup in
      "<li>\(exercise.title) (\(String(repeating: "★", count: exercise.difficulty))): "
        + "<code>swift run dojo show \(exercise.id)</code></li>\n"
    }
    var result: Markup = "<h2>\(Markup.say("Where to go from here", "接下来"))</h2>\n<ul>"
    if let id = record.exercises.first?.id {
      result += "<li>\(Markup.say("See your own code at work on data:", "看你自己的代码在数据上运行："))"
      result += " <code>swift run dojo run \(id) --mine</code></li>\n"
      result += "<li>\(Markup.say("Compare it with the reference:", "与参考实现对照："))"
      result += " <code>swift run dojo solution \(id)</code></li>\n"
    }
    result += "\(suggestions.concatenated())</ul>\n"
    return result
  }

  private var howItWasGraded: Markup {
    var items: [Markup] = [
      Markup.say(
        "Every check is all or nothing, and is worth the points beside it.", "每项检查要么得满分，要么不得分，分值标在旁边。"),
      Markup.say("Isolation: \(record.tier.label.en).", "隔离方式：\(record.tier.label.zh)。"),
    ]
    if showsSeed {
      items.append(
        Markup.say(
          "The inputs were drawn from the seed \(String(record.seed)).", "输入由种子 \(String(record.seed)) 产生。"))
    } else {
      items.append(
        Markup.say(
          """
          The inputs were drawn from a seed that the instructor keeps. At home the same checks draw other inputs of the \
          same kind; correct code passes with any seed.
          """,
          "输入由老师保管的种子产生。在家运行时，同样的检查会产生同类的其他输入；正确的代码用任何种子都能通过。"))
    }
    let notes = record.notes.isEmpty ? [] : record.notes.prefix(50).map { Markup(Excerpt(of: $0, limit: 1_000).text) }
    var result: Markup = """
      <h2>\(Markup.say("How it was graded", "评分方式"))</h2>
      <ul>
      \(Markup.items(items))</ul>

      """
    if !notes.isEmpty {
      result += """
        <h2>\(Markup.say("Notes on what you handed in", "关于提交内容的说明"))</h2>
        <ul lang="en">
        \(Markup.items(notes))</ul>

        """
      if record.notes.count > notes.count {
        let more = record.notes.count - notes.count
        result += "<p class=\"cut\">\(Markup.say("… and \(more) more.", "……另有 \(more) 条。"))</p>\n"
      }
    }
    return result
  }
}
