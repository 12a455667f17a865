import Charts
import Curriculum
import Foundation
import Grading
import Tensors
import Testing

@testable import Classroom

@Suite("Feedback pages")
struct FeedbackPageTests {
  private let policy = try? Policy(
    Data(
      """
      {"passMark": 50, "decimals": 1, "dropLowest": 1, "weights": {"lstm-cell": 20},
       "deadline": {"due": "2026-11-20T23:59:00+08:00", "percent": 5, "per": "day",
                    "submitted": {"chen@2": "2026-11-22T10:00:00+08:00"}}}
      """.utf8), name: "policy.json", folder: FileManager.default.temporaryDirectory)

  @Test("it says the mark, where it comes from, and each check in words", arguments: Language.allCases)
  func mixed(language: Language) throws {
    let policy = try #require(policy)
    var mark = policy.mark(of: SampleClass.mixed)
    mark.attempts = 3
    let html = FeedbackPage(SampleClass.mixed, policy: policy, mark: mark, language: language).html
    let page = ParsedPage(html)
    #expect(page.problem == nil)
    #expect(page.elements.first?.attributes["lang"] == (language == .english ? "en" : "zh-Hans"))
    for words in [
      "Feedback for chen", "chen 的反馈", "\(mark.mark)\u{A0}%", "17 of 77 points", "This is attempt 2 of 3",
      "It came late, which took \(mark.penalty) percentage points", "does not count", "line 14",
      "cannot find 'scoers' in scope", "gates look as if they were in the order", "h [4, 5]", "stopped after 10 s",
      "Exercises/Reinforcement/DQNReplayTarget.swift", "swift run dojo check lstm-cell",
      "Package.swift was left out", "各练习的权重", "没有文件",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    #expect(html == FeedbackPage(SampleClass.mixed, policy: policy, mark: mark, language: language).html)
    // One heading of the first rank, and no rank left out.
    let ranks = page.elements.compactMap { ["h1": 1, "h2": 2, "h3": 3][$0.name] }
    #expect(ranks.first == 1 && ranks.count { $0 == 1 } == 1)
    #expect(zip(ranks, ranks.dropFirst()).allSatisfy { $1 <= $0 + 1 })
    #expect(page.elements.allSatisfy { $0.name != "th" || $0.attributes["scope"] != nil })
  }

  @Test("the seed is on the page only if asked for")
  func seed() {
    let seed = String(SampleClass.settings.seed)
    #expect(!FeedbackPage(SampleClass.mixed).html.contains(seed))
    let page = ParsedPage(FeedbackPage(SampleClass.mixed, showsSeed: true).html)
    #expect(page.text.contains("swift run dojo check lstm-cell --seed \(seed)"))
  }

  @Test("a hidden check is not named, and of an outcome one learns no more than whether it passed")
  func visibility() throws {
    let policy = try Policy(
      Data(
        """
        {"visibility": [{"exercise": "lstm-cell", "show": "hidden"},
                        {"exercise": "item-cf-shrinkage", "show": "outcome"}]}
        """.utf8), name: "policy.json", folder: FileManager.default.temporaryDirectory)
    let page = ParsedPage(FeedbackPage(SampleClass.mixed, policy: policy).html)
    let count = Exercise.lstmCell.checks.count
    #expect(page.text.contains("Hidden checks: \(count - 2) of \(count) passed"))
    for check in Exercise.lstmCell.checks where !["bad input is refused"].contains(check.name) {
      #expect(!page.text.contains(check.name))
    }
    for secret in ["gates look as if", "h [4, 5]", "stopped after 10 s", "timed out"] {
      #expect(!page.text.contains(secret), "\(secret)")
    }
    for check in Exercise.itemCFShrinkage.checks { #expect(page.text.contains(check.name)) }
    #expect(page.text.contains("did not pass"))
  }

  @Test("full marks, nothing handed in and nothing written each have a page of their own")
  func extremes() {
    let perfect = ParsedPage(FeedbackPage(SampleClass.perfect).html).text
    #expect(perfect.contains("Every check passed.") && perfect.contains("Where to go from here"))
    #expect(perfect.contains("dojo solution roc-is-not-accuracy") && !perfect.contains("Try it at home"))
    let empty = ParsedPage(FeedbackPage(SampleClass.empty).html).text
    #expect(empty.contains("No exercise file was found") && empty.contains("写信") == false)
    #expect(empty.contains("There is no Exercises/Evaluation/ROCIsNotAccuracy.swift in your submission."))
    let untouched = ParsedPage(FeedbackPage(SampleClass.untouched).html).text
    #expect(untouched.contains("Your files arrived safely") && !untouched.contains("There is no Exercises"))
    let none = ParsedPage(FeedbackPage(StudentRecord(student: "fay", seed: 1, tier: .limits)).html)
    #expect(none.problem == nil && none.text.contains("No exercise file was found"))
  }

  @Test("the page of an attempt that does not count says so, and gives no mark of its own")
  func otherAttempt() {
    var mark = Policy.standard.mark(of: SampleClass.mixed)
    (mark.attempt, mark.submission, mark.attempts) = (3, "chen@3", 3)
    let text = ParsedPage(FeedbackPage(SampleClass.mixed, mark: mark).html).text
    #expect(text.contains("This is attempt 2. Attempt 3 counts, with \(mark.mark)\u{A0}%."))
    #expect(!text.contains("This is attempt 2 of 3"))
  }

  @Test("the first hint of a check is its next step, in both languages")
  func hints() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let hints = FeedbackHints(Workspace(root: root), exercises: ["roc-is-not-accuracy", "no-such-exercise"])
    let hint = try #require(hints.hint(for: "undefined is nil, not zero", in: "roc-is-not-accuracy"))
    #expect(hint.en == "How many samples were predicted positive? What is 0 / 0?" && hint.zh.contains("0 / 0"))
    let record = SampleClass.student(
      "ann", [SampleClass.exercise(.rocIsNotAccuracy, [.passed, .wrongValue], message: "expected nil, found 0.0")])
    let text = ParsedPage(FeedbackPage(record, hints: hints).html).text
    #expect(text.contains("Next step:") && text.contains(hint.en) && text.contains(hint.zh))
    #expect(!ParsedPage(FeedbackPage(record).html).text.contains("Next step:"))
    #expect(FeedbackHints.rendered("use `<b>` **now**").html == "use <code>&lt;b&gt;</code> now")
  }

  @Test("nothing that a student writes becomes markup, in a page of random hostile texts", arguments: 0..<12)
  func hostile(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var record = SampleClass.random(1, seed: UInt64(seed), isHostile: true).students[0]
    record.student = hostileText(&random)
    record.notes = (0..<3).map { _ in hostileText(&random) }
    for place in record.exercises.indices {
      record.exercises[place].compilerLog = hostileText(&random)
      for check in record.exercises[place].checks.indices {
        record.exercises[place].checks[check].message = hostileText(&random)
        record.exercises[place].checks[check].printed = hostileText(&random)
      }
    }
    let html = FeedbackPage(record).html
    expectHarmless(html)
    let other = ClassPage(
      ClassRecord(settings: SampleClass.settings, students: [record]),
      ungraded: [.init(hostileText(&random), reason: hostileText(&random))])
    expectHarmless(other.html)
  }

  @Test("a line of a megabyte is cut with a note, and the page stays small")
  func longLines() {
    var record = SampleClass.mixed
    record.student = String(repeating: "long name ", count: 1_000)
    for place in record.exercises.indices {
      record.exercises[place].compilerLog = String(repeating: "x", count: 1 << 20)
      record.exercises[place].checks[0].message = String(repeating: "é", count: 1 << 19)
      record.exercises[place].checks[0].printed = String(repeating: "<\n", count: 1 << 19)
    }
    let html = FeedbackPage(record).html
    #expect(html.utf8.count < 400_000)
    #expect(html.contains("more bytes are not shown"))
    expectHarmless(html)
  }

  private func hostileText(_ random: inout SeededRandom) -> String {
    let signs: [Unicode.Scalar] = [
      "<", ">", "&", "\"", "'", "/", "\\", "`", "=", "-", "!", "[", "]", "\n", "\r", "\t", "\0", "\u{1B}", "\u{202E}",
      "\u{2067}", "\u{200B}", "\u{FEFF}", "\u{301}", "\u{9F}", "\u{FFFF}", "\u{10FFFF}", "\u{2028}", "张", "a", " ",
    ]
    return (0..<Int.random(in: 1...6, using: &random)).map { _ in
      if Int.random(in: 0..<2, using: &random) == 0 {
        return SampleClass.hostile[Int.random(in: 0..<SampleClass.hostile.count, using: &random)]
      }
      let length = Int.random(in: 0..<20, using: &random)
      return String(
        String.UnicodeScalarView(
          (0..<length).map { _ in signs[Int.random(in: 0..<signs.count, using: &random)] }))
    }.joined()
  }
}

/// Expects a page that a strict parser reads, with one script, no element, attribute or link that is not ours, and no
/// character that cannot be seen.
func expectHarmless(_ html: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let page = ParsedPage(html)
  #expect(page.problem == nil, sourceLocation: sourceLocation)
  #expect(page.intruders == [], sourceLocation: sourceLocation)
  #expect(page.count("script") == 1 && page.count("style") == 1, sourceLocation: sourceLocation)
  let unseen = html.unicodeScalars.filter {
    let category = $0.properties.generalCategory
    return ($0.value < 0x20 && $0 != "\n" && $0 != "\t")
      || [.control, .lineSeparator].contains(category)
        && $0 != "\n" && $0 != "\t"
      || category == .format && ![0x200C, 0x200D].contains($0.value)
  }
  #expect(unseen.isEmpty, "\(unseen.map { String($0.value, radix: 16) })", sourceLocation: sourceLocation)
  #expect(!html.contains("Markup(html"), "markup that was taken for text", sourceLocation: sourceLocation)
}

@Suite("Text as a page shows it")
struct VisibleTextTests {
  @Test(
    "what cannot be seen is made visible",
    arguments: [
      ("plain", "plain"), ("a\tb\nc", "a\tb\nc"), ("a\r\nb\rc", "a\nb␍c"), ("\u{1B}[31m\u{0}\u{7F}", "␛[31m␀␡"),
      ("ann\u{202E}gnp", "ann⟨U+202E⟩gnp"), ("\u{85}\u{FEFF}\u{2028}\u{E0041}", "⟨U+0085⟩⟨U+FEFF⟩⟨U+2028⟩⟨U+E0041⟩"),
      ("\u{FFFF}\u{3164}", "⟨U+FFFF⟩⟨U+3164⟩"), ("张伟 نور é 👩‍👧", "张伟 نور é 👩‍👧"),
      ("Z" + String(repeating: "\u{301}", count: 30) + "a", "Z" + String(repeating: "\u{301}", count: 8) + "…a"),
    ])
  func visible(text: String, shown: String) {
    #expect(VisibleText.of(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
  }

  @Test("an excerpt keeps whole lines, and counts the bytes that it leaves out")
  func excerpt() {
    #expect(Excerpt(of: "ab\ncd", limit: 10).text == "ab\ncd")
    #expect(Excerpt(of: "ab\ncd", limit: 10).omitted == 0)
    let cut = Excerpt(of: "abéé\ncd", limit: 10, lineLimit: 2)
    #expect(cut.text == "ab…\ncd" && cut.omitted == 4)
    let end = Excerpt(of: "abcdef", limit: 4)
    #expect(end.text == "abcd…" && end.omitted == 2)
  }

  @Test("text in markup is escaped, markup is not, and a link is relative whatever the name")
  func markup() {
    let name = "<b>&\"'"
    let markup: Markup = "<i title=\"\(name)\">\("<u>" as Markup)\(3)</i>"
    #expect(markup.html == "<i title=\"&lt;b&gt;&amp;&quot;&#39;\"><u>3</i>")
    #expect(Markup.link(to: "javascript:alert(1)", "x").html == "<a href=\"./javascript%3Aalert%281%29\">x</a>")
    #expect(
      Markup.link(to: "feedback/张 \"a\"#?.html", "x").html
        == "<a href=\"./feedback/%E5%BC%A0%20%22a%22%23%3F.html\">x</a>")
  }
}
