import Charts
import Curriculum
import Foundation
import Grading

/// What the instructor reads: the marks of a class, what was hard, what went wrong and for whom, and every student's
/// line. One HTML file that needs nothing else; its links lead to the files beside it.
public struct ClassPage: Sendable {
  /// The files beside the page, as paths relative to it; nil for one that is not there.
  public struct Links: Sendable {
    /// The table of marks.
    public var gradebook: String?

    /// The report for other programs.
    public var junit: String?

    /// The report of similar submissions.
    public var similarity: String?

    /// The feedback page of a submission, by its name as in `StudentRecord.student`.
    public var feedback: @Sendable (String) -> String?

    /// Links; without arguments none but those to `feedback/<submission>.html`.
    public init(
      gradebook: String? = nil, junit: String? = nil, similarity: String? = nil,
      feedback: @escaping @Sendable (String) -> String? = { "feedback/\($0).html" }
    ) {
      self.gradebook = gradebook
      self.junit = junit
      self.similarity = similarity
      self.feedback = feedback
    }
  }

  /// A submission without a grade.
  public struct Ungraded: Sendable, Hashable {
    /// The submission's name.
    public var submission: String

    /// Why there is none.
    public var reason: String

    /// A submission without a grade.
    public init(_ submission: String, reason: String) {
      self.submission = submission
      self.reason = reason
    }
  }

  let record: ClassRecord
  let policy: Policy
  let links: Links
  let ungraded: [Ungraded]
  let language: Language
  let marks: [StudentMark]
  let counted: [StudentRecord]
  let analysis: ItemAnalysis
  let tally: MistakeTally

  /// The page of a class.
  ///
  /// - Parameters:
  ///   - record: the graded class.
  ///   - policy: how points become marks, and which attempt counts.
  ///   - mistakes: the mistakes that have a name, to be counted.
  ///   - links: the files beside the page.
  ///   - ungraded: the submissions without a grade.
  ///   - language: the language in which the page opens.
  public init(
    _ record: ClassRecord, policy: Policy = .standard, mistakes: [Mistake] = [], links: Links = Links(),
    ungraded: [Ungraded] = [], language: Language = .english
  ) {
    self.record = record
    self.policy = policy
    self.links = links
    self.ungraded = ungraded
    self.language = language
    marks = policy.marks(record)
    let names = Set(marks.map(\.submission))
    counted = record.students.filter { names.contains($0.student) }
    analysis = ItemAnalysis(counted)
    tally = MistakeTally(counted, mistakes: mistakes)
  }

  /// The text of the HTML file; the same class gives the same bytes.
  public var html: String {
    let parts = [facts, distribution, exercises, checks, mistakes, students, settings]
    return Page.document(
      title: LocalizedText(en: "Class results", zh: "班级成绩"), body: parts.concatenated().html,
      style: PageStyle.sheet + PageStyle.classSheet, script: Self.sorting, language: language)
  }

  // MARK: - The class at a glance

  private var percents: [Double] { marks.map { NSDecimalNumber(decimal: $0.mark).doubleValue } }

  private var facts: Markup {
    let percents = percents.sorted()
    let count = percents.count
    func fact(_ name: Markup, _ value: Markup) -> Markup { "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n" }
    var facts: Markup = fact(Markup.say("students", "学生"), "\(count)")
    if record.students.count != count {
      facts += fact(Markup.say("submissions", "提交"), "\(record.students.count)")
    }
    if count > 0 {
      let mean = percents.reduce(0, +) / Double(count)
      let median = (percents[(count - 1) / 2] + percents[count / 2]) / 2
      facts += fact(Markup.say("mean mark", "平均分"), "\(Self.fixed(mean, 1))\u{A0}%")
      facts += fact(Markup.say("median", "中位数"), "\(Self.fixed(median, 1))\u{A0}%")
      if count > 1 {
        let variance = percents.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        facts += fact(Markup.say("standard deviation", "标准差"), "\(Self.fixed(variance.squareRoot(), 1))")
      }
    }
    if let passMark = policy.passPercent {
      let passed = marks.count { $0.isPassed == true }
      facts += fact(
        Markup.say("passed (from \(passMark)\u{A0}%)", "及格（\(passMark)\u{A0}% 起）"), "\(passed) / \(count)")
    }
    if !ungraded.isEmpty { facts += fact(Markup.say("not graded", "未评分"), "\(ungraded.count)") }
    var files: [Markup] = []
    if let file = links.gradebook { files.append(Markup.link(to: file, Markup.say("Gradebook (CSV)", "成绩表（CSV）"))) }
    if let file = links.junit { files.append(Markup.link(to: file, "JUnit XML")) }
    if let file = links.similarity { files.append(Markup.link(to: file, Markup.say("Similar submissions", "相似的提交"))) }
    var result: Markup = "<dl class=\"facts\">\n\(facts)</dl>\n"
    if !files.isEmpty { result += "<p class=\"toolbar\">\(files.concatenated(separator: " · "))</p>\n" }
    if !ungraded.isEmpty {
      let items = ungraded.map {
        "<li>\(Markup.name($0.submission)): <span lang=\"en\">\(Excerpt(of: $0.reason, limit: 500).text)</span></li>\n"
          as Markup
      }
      result += """
        <section class="result warning"><h2>\(Markup.say("⚠ Not graded", "⚠ 未评分"))</h2>
        <ul>
        \(items.concatenated())</ul></section>

        """
    }
    return result
  }

  private var distribution: Markup {
    guard !marks.isEmpty else {
      return "<p>\(Markup.say("No submission is graded yet.", "还没有已评分的提交。"))</p>\n"
    }
    var counts = [Double](repeating: 0, count: 10)
    for mark in percents { counts[min(max(Int(mark / 10), 0), 9)] += 1 }
    let names = (0..<10).map { LocalizedText($0 == 9 ? "90–100" : "\(10 * $0)–\(10 * $0 + 10)") }
    let chart = Chart(
      title: LocalizedText(en: "How the marks are distributed", zh: "分数分布"),
      xLabel: LocalizedText(en: "mark in percent (the upper end belongs to the next bar)", zh: "分数（百分比，上限归入下一柱）"),
      yLabel: LocalizedText(en: "students", zh: "学生数"),
      content: .bars(
        categories: names, groups: [Chart.BarGroup(LocalizedText(en: "students", zh: "学生数"), values: counts)]))
    return Markup(trusted: Page.figure(chart))
  }

  // MARK: - Exercises

  private var exercises: Markup {
    guard !counted.isEmpty else { return "" }
    var ways: [String: [ExerciseProgress: Int]] = [:]
    var sums: [String: (score: Int, points: Int)] = [:]
    for mark in marks {
      for exercise in mark.perExercise {
        sums[exercise.id, default: (0, 0)].score += exercise.score
        sums[exercise.id, default: (0, 0)].points += exercise.points
      }
    }
    for student in counted {
      for exercise in student.exercises {
        ways[exercise.id, default: [:]][ExerciseProgress(exercise), default: 0] += 1
      }
    }
    let rows = record.settings.exercises.enumerated().map { index, id -> Markup in
      let sum = sums[id] ?? (0, 0)
      let mean = sum.points > 0 ? 100 * Double(sum.score) / Double(sum.points) : 0
      let count = { (progress: ExerciseProgress) in ways[id]?[progress] ?? 0 }
      let started = ExerciseProgress.allCases.filter(\.isStarted).reduce(0) { $0 + count($1) }
      let parts = [count(.solved), count(.partly), count(.noPoints) + count(.doesNotCompile)]
      let bar = zip(["solved", "partly", "none"] as [Markup], parts).map { style, part -> Markup in
        let width = Self.fixed(100 * Double(part) / Double(counted.count), 1)
        return part == 0 ? "" : "<span class=\"part \(style)\" style=\"width:\(width)%\"></span>"
      }
      let numbers = (parts + [counted.count - started]).map { "<td class=\"number\">\($0)</td>" as Markup }
      return """
        <tr><td class="number">\(index + 1)</td><th scope="row">\(FeedbackPage.title(id))</th>\
        <td class="number">\(Self.fixed(mean, 1))\u{A0}%</td>\(numbers.concatenated())\
        <td class="wide-cell"><span class="bar parts" aria-hidden="true">\(bar.concatenated())</span></td></tr>

        """
    }
    let heads: [Markup] = [
      Markup.say("exercise", "练习"), Markup.say("mean", "平均"),
      "<span class=\"key part solved\" aria-hidden=\"true\"></span>" + Markup.say("solved", "全部通过"),
      "<span class=\"key part partly\" aria-hidden=\"true\"></span>" + Markup.say("in part", "部分通过"),
      "<span class=\"key part none\" aria-hidden=\"true\"></span>" + Markup.say("no points", "没有得分"),
      "<span class=\"key part\" aria-hidden=\"true\"></span>" + Markup.say("not started", "尚未开始"),
      "<span class=\"reader-only\">\(Markup.say("shares", "比例"))</span>",
    ]
    return section(
      LocalizedText(en: "Exercises", zh: "各练习"),
      LocalizedText(
        en: "How many students came how far; a file that does not compile has no points.",
        zh: "每个练习有多少学生完成到什么程度；无法编译的文件不得分。"),
      table(heads: ["#"] + heads, words: [1], rows: rows))
  }

  // MARK: - Checks

  private static let shownChecks = 20

  private var checks: Markup {
    guard !analysis.items.isEmpty else { return "" }
    let rows = analysis.items.map { item -> Markup in
      let isDoubtful = (item.discrimination ?? 1) < 0.1 && item.started >= 10
      let discrimination: Markup =
        item.discrimination.map { "\(isDoubtful ? "⚠ " : "")\(Self.fixed($0, 2))" as Markup } ?? "–"
      let number = (record.settings.exercises.firstIndex(of: item.exercise) ?? -1) + 1
      return """
        <tr><th scope="row" class="check-name" lang="en">\(item.check)</th><td class="exercise-name">\(number) \(FeedbackPage.title(item.exercise))</td>\
        <td class="number">\(item.points)</td><td class="number">\(item.passed) / \(item.started)</td>\
        <td class="number">\(item.started > 0 ? "\(Self.fixed(100 * item.passRate, 0))\u{A0}%" as Markup : "–")</td>\
        <td class="number">\(discrimination)</td></tr>

        """
    }
    let heads: [Markup] = [
      Markup.say("check", "检查"), Markup.say("exercise", "练习"), Markup.say("points", "分值"),
      Markup.say("passed / started", "通过 / 已开始"), Markup.say("pass rate", "通过率"), Markup.say("discrimination", "区分度"),
    ]
    var tables = table(heads: heads, words: [0, 1], rows: Array(rows.prefix(Self.shownChecks)))
    if rows.count > Self.shownChecks {
      let rest = rows.count - Self.shownChecks
      tables += """
        <details><summary>\(Markup.say("The other \(rest) checks", "其余 \(rest) 项检查"))</summary>
        \(table(heads: heads, words: [0, 1], rows: Array(rows.dropFirst(Self.shownChecks))))</details>

        """
    }
    return section(
      LocalizedText(en: "Checks, hardest first", zh: "各项检查（从难到易）"),
      LocalizedText(
        en: """
          Of the students who started the exercise. Discrimination is the point-biserial correlation between passing \
          the check and the points outside it: from 0.2 it tells strong from weak students; ⚠ is below 0.1, where the \
          check or its wording deserves a look. With few students it says little.
          """,
        zh: "只计已开始该练习的学生。区分度是“是否通过该项”与“该项之外的得分”的点二列相关：0.2 以上能区分强弱；⚠ 表示低于 0.1，值得看看检查或题目表述。学生少时意义不大。"),
      tables)
  }

  // MARK: - Mistakes

  private static let shownStudents = 8

  private func who(_ students: [String]) -> Markup {
    let names = students.prefix(Self.shownStudents).map { student in
      links.feedback(student).map { Markup.link(to: $0, Markup.name(student)) } ?? Markup.name(student)
    }
    let more = students.count - names.count
    return names.concatenated(separator: ", ") + (more > 0 ? Markup.say(" and \(more) more", " 等，另有 \(more) 人") : "")
  }

  private var mistakes: Markup {
    guard !counted.isEmpty else { return "" }
    var result: Markup = ""
    if !tally.named.isEmpty {
      let rows = tally.named.prefix(30).map { mistake -> Markup in
        """
        <tr><td class="number">\(mistake.students.count)</td><th scope="row" lang="en"><code>\(mistake.name)</code>\
        <span class="saying">“…\(mistake.saying)…”</span></th>\
        <td>\(FeedbackPage.title(mistake.exercise))<span class="saying" lang="en">\(mistake.check)</span></td>\
        <td class="who">\(who(mistake.students))</td></tr>

        """
      }
      result += "<h3>\(Markup.say("Mistakes that have a name", "有名称的错误"))</h3>\n"
      result += table(
        heads: [
          Markup.say("students", "学生数"), Markup.say("mistake", "错误"), Markup.say("where", "位置"),
          Markup.say("who", "学生"),
        ], words: [1, 2, 3], rows: rows)
    }
    if !tally.ended.isEmpty {
      let rows = tally.ended.map { end -> Markup in
        """
        <tr><th scope="row">\(end.outcome.label)</th><td class="number">\(end.checks)</td>\
        <td class="number">\(end.students.count)</td><td class="who">\(who(end.students))</td></tr>

        """
      }
      result += "<h3>\(Markup.say("How checks ended that did not pass", "未通过的检查如何结束"))</h3>\n"
      result += table(
        heads: [
          Markup.say("outcome", "结果"), Markup.say("checks", "检查数"), Markup.say("students", "学生数"),
          Markup.say("who", "学生"),
        ], words: [0, 3], rows: rows)
    }
    if !tally.compilerErrors.isEmpty {
      let rows = tally.compilerErrors.prefix(15).map { error -> Markup in
        """
        <tr><td class="number">\(error.files)</td><th scope="row" lang="en"><code>\(error.reason)</code></th>\
        <td class="who">\(who(error.students))</td></tr>

        """
      }
      result += "<h3>\(Markup.say("First errors of files that do not compile", "无法编译的文件的第一个错误"))</h3>\n"
      result += table(
        heads: [Markup.say("files", "文件数"), Markup.say("error", "错误"), Markup.say("who", "学生")],
        words: [1, 2], rows: rows)
    }
    if result.isEmpty { result = "<p>\(Markup.say("None: every check passed.", "没有：全部检查通过。"))</p>\n" }
    return "<h2>\(Markup.say("What went wrong", "出了什么错"))</h2>\n" + result
  }

  // MARK: - Students

  private var students: Markup {
    guard !marks.isEmpty else { return "" }
    let records = Dictionary(record.students.map { ($0.student, $0) }) { first, _ in first }
    let hasAttempts = marks.contains { $0.attempts > 1 || $0.attempt > 1 }
    let hasPenalty = marks.contains { $0.penalty > 0 }
    let ordered = marks.sorted { ($1.mark, $0.student) < ($0.mark, $1.student) }
    let rows = ordered.map { mark -> Markup in
      let name = Markup.name(mark.student)
      let linked = links.feedback(mark.submission).map { Markup.link(to: $0, name) } ?? name
      var row: Markup = "<tr><th scope=\"row\">\(linked)</th><td class=\"number\"><strong>\(padded(mark.mark))</strong>"
      if mark.isPassed == false { row += " ✗" }
      row += "</td><td class=\"number\">\(mark.score)</td>"
      if hasPenalty { row += "<td class=\"number\">\(mark.penalty > 0 ? "−\(mark.penalty)" : "")</td>" }
      if hasAttempts { row += "<td class=\"number\">\(mark.attempt) / \(mark.attempts)</td>" }
      let known = Dictionary(
        (records[mark.submission]?.exercises ?? []).map { ($0.id, $0) }
      ) { first, _ in first }
      for exercise in mark.perExercise { row += Self.cell(exercise, known[exercise.id]) }
      return row + "</tr>\n"
    }
    var heads: [Markup] = [
      Markup.say("student", "学生"), Markup.say("mark, %", "分数，%"), Markup.say("points", "得分"),
    ]
    if hasPenalty { heads.append(Markup.say("late", "迟交")) }
    if hasAttempts { heads.append(Markup.say("attempt", "提交次")) }
    heads += record.settings.exercises.indices.map { "\($0 + 1)" }
    return section(
      LocalizedText(en: "Students", zh: "学生"),
      LocalizedText(
        en: """
          By mark, then name; the buttons sort by another column. The numbered columns are the exercises of the table \
          above: points, ✓ all of them, ✗ does not compile, – not started.
          """,
        zh: "按分数、再按姓名排序；点按钮按其他列排序。带编号的列对应上表中的练习：数字为得分，✓ 满分，✗ 无法编译，– 尚未开始。"),
      table(heads: heads, words: [0], rows: rows, isSortable: true))
  }

  /// A mark with all its decimals, so that points stand below each other.
  private func padded(_ mark: Decimal) -> String {
    let parts = "\(mark)".split(separator: ".")
    let decimals = parts.count == 2 ? String(parts[1]) : ""
    let zeros = String(repeating: "0", count: max(0, policy.decimals - decimals.count))
    return policy.decimals == 0 ? "\(mark)" : "\(parts.first ?? "0").\(decimals)\(zeros)"
  }

  private static func cell(_ mark: ExerciseMark, _ record: ExerciseRecord?) -> Markup {
    switch record.map({ ExerciseProgress($0) }) ?? .missing {
    case .solved: return "<td class=\"number done\">\(mark.score) ✓</td>"
    case .partly, .noPoints: return "<td class=\"number\">\(mark.score)</td>"
    case .doesNotCompile: return "<td class=\"number broken\" data-v=\"-0.5\">✗</td>"
    case .notStarted, .missing: return "<td class=\"number\" data-v=\"-1\">–</td>"
    }
  }

  /// Sorts the table of students by a column: numbers falling, names rising, and the other way at the second click.
  private static let sorting = """
    document.querySelectorAll("table.sortable").forEach(table => {
      const heads = Array.from(table.querySelectorAll("thead th"));
      const value = (row, column) => {
        const cell = row.cells[column];
        return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v;
      };
      heads.forEach((head, column) => head.querySelector("button").onclick = () => {
        const first = column === 0 ? "ascending" : "descending";
        const second = column === 0 ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? second : first;
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const number = row => parseFloat(value(row, column).replace("\u{2212}", "-")) || 0;
        const rows = Array.from(table.tBodies[0].rows);
        rows.sort((a, b) => sign * (column === 0
          ? value(a, 0).localeCompare(value(b, 0), undefined, {numeric: true}) : number(a) - number(b)));
        table.tBodies[0].append(...rows);
      });
    });

    """

  // MARK: - Settings

  private var settings: Markup {
    let notes = record.students.filter { !$0.notes.isEmpty }
    let warnings = marks.flatMap(\.notes)
    func item(_ name: Markup, _ value: Markup) -> Markup { "<li>\(name) \(value)</li>\n" }
    let attempts: LocalizedText =
      switch policy.attempts {
      case .best: LocalizedText(en: "the best", zh: "最好的一次")
      case .last: LocalizedText(en: "the last", zh: "最后一次")
      case .first: LocalizedText(en: "the first", zh: "第一次")
      }
    var result: Markup = """
      <h2>\(Markup.say("How it was graded", "评分方式"))</h2>
      <ul>
      \(item(Markup.say("Seed:", "种子："), "<code>\(String(record.settings.seed))</code>"))\
      \(item(Markup.say("Isolation:", "隔离方式："), "\(record.settings.tier.label)"))\
      \(item(Markup.say("Program:", "程序："), "<code>\(record.settings.grader)</code>"))\
      \(item(Markup.say("Of several attempts counts:", "多次提交时计分："), "\(attempts)"))\
      \(policy.dropLowest > 0 ? item(Markup.say("Lowest exercises that do not count:", "不计入的最低分练习数："), "\(policy.dropLowest)") : "")\
      </ul>

      """
    if !notes.isEmpty || !warnings.isEmpty {
      let items = notes.prefix(200).map { student -> Markup in
        let sentences = student.notes.prefix(5).map { Excerpt(of: $0, limit: 300).text }.joined(separator: "; ")
        return "<li>\(Markup.name(student.student)): <span lang=\"en\">\(sentences)</span></li>\n"
      }
      let others = warnings.prefix(200).map { "<li lang=\"en\">\($0)</li>\n" as Markup }
      let count = notes.count + warnings.count
      result += """
        <h2>\(Markup.say("Notes on submissions", "关于提交的说明"))</h2>
        <ul>
        \(items.concatenated())\(others.concatenated())</ul>

        """
      if count > items.count + others.count {
        let more = count - items.count - others.count
        result +=
          "<p class=\"cut\">\(Markup.say("… and \(more) more, in the records.", "……另有 \(more) 条，见各记录文件。"))</p>\n"
      }
    }
    return result
  }

  // MARK: - Parts

  private func section(_ title: LocalizedText, _ words: LocalizedText, _ content: Markup) -> Markup {
    "<h2>\(title)</h2>\n<p class=\"meta\">\(words)</p>\n\(content)"
  }

  /// A table that scrolls by itself; the columns `words` are not numbers.
  private func table(heads: [Markup], words: Set<Int>, rows: [Markup], isSortable: Bool = false) -> Markup {
    let cells = heads.enumerated().map { index, head -> Markup in
      let style: Markup = words.contains(index) ? "" : " class=\"number\""
      let inside: Markup = isSortable ? "<button type=\"button\">\(head)</button>" : head
      let order: Markup = isSortable && index == 1 ? " aria-sort=\"descending\"" : ""
      return "<th scope=\"col\"\(style)\(order)>\(inside)</th>"
    }
    return """
      <div class="panel scroll" tabindex="0"><table\(isSortable ? " class=\"sortable\"" as Markup : "")>
      <thead><tr>\(cells.concatenated())</tr></thead>
      <tbody>
      \(rows.concatenated())</tbody>
      </table></div>

      """
  }

  /// A number with some decimals, the same everywhere.
  static func fixed(_ value: Double, _ places: Int) -> String {
    let unit = places == 0 ? 1 : places == 1 ? 10 : 100
    let whole = Int((abs(value) * Double(unit)).rounded())
    let sign = value < 0 && whole > 0 ? "−" : ""
    guard places > 0 else { return sign + String(whole) }
    let rest = String(whole % unit)
    return sign + String(whole / unit) + "." + String(repeating: "0", count: places - rest.count) + rest
  }
}
