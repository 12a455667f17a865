import Charts
import Curriculum
import Foundation
import Grading
import Testing

@testable import Classroom

@Suite("The class page")
struct ClassPageTests {
  @Test("it has every part, links that are encoded, and the same bytes each time", arguments: Language.allCases)
  func parts(language: Language) {
    let record = SampleClass.random(40, seed: 5)
    let page = {
      ClassPage(
        record, mistakes: SampleClass.mistakes,
        links: .init(gradebook: "gradebook.csv", junit: "junit.xml", similarity: "similarity.html"),
        ungraded: [.init("frank", reason: "frank.zip ends early")], language: language
      ).html
    }
    let html = page()
    expectHarmless(html)
    let parsed = ParsedPage(html)
    for words in [
      "Class results", "班级成绩", "mean mark", "How the marks are distributed", "Checks, hardest first",
      "TransposedWeights", "the biased form", "cannot find '", "timed out", "student-0000", "学生-0003",
      "frank.zip ends early", "20261121", "0.9.0 (1a2b3c4)", "bwrap", "discrimination",
    ] {
      #expect(parsed.text.contains(words), "\(words)")
    }
    let links = parsed.elements.compactMap { $0.attributes["href"] }
    for link in ["gradebook.csv", "junit.xml", "similarity.html", "feedback/student-0000.html"] {
      #expect(links.contains("./\(link)"), "\(link)")
    }
    #expect(links.contains("./feedback/%E5%AD%A6%E7%94%9F-0003.html"))
    #expect(parsed.elements.allSatisfy { $0.name != "th" || $0.attributes["scope"] != nil })
    #expect(page() == html)
  }

  @Test("students stand by mark and then by name")
  func order() throws {
    let students = [("bo", 1), ("ann", 1), ("cy", 0), ("dee", 2)].map { name, failures in
      SampleClass.student(
        name, [SampleClass.exercise(.lstmCell, Array(repeating: .wrongValue, count: 3 - failures))])
    }
    var settings = SampleClass.settings
    settings.exercises = ["lstm-cell"]
    let html = ClassPage(ClassRecord(settings: settings, students: students)).html
    let table = try #require(html.range(of: "class=\"sortable\"")).upperBound
    let places = try ["dee", "ann", "bo", "cy"].map {
      try #require(html[table...].range(of: "<bdi>\($0)</bdi>")).lowerBound
    }
    #expect(places == places.sorted())
  }

  @Test("a class of none, of one, and of hostile names is a page too")
  func extremes() {
    for count in [0, 1, 2] {
      expectHarmless(ClassPage(SampleClass.random(count, seed: 2), mistakes: SampleClass.mistakes).html)
    }
    expectHarmless(ClassPage(SampleClass.random(60, seed: 4, isHostile: true)).html)
    #expect(ClassPage(SampleClass.random(0, seed: 2)).html.contains("No submission is graded yet."))
  }

  @Test("the page of a thousand students with all exercises is below five megabytes")
  func thousand() {
    let html = ClassPage(SampleClass.random(1_000, seed: 9), mistakes: SampleClass.mistakes).html
    #expect(html.utf8.count < 5_000_000)
    #expect(ParsedPage(html).problem == nil)
  }

  @Test("difficulty and discrimination agree with Pearson's formula")
  func analysis() throws {
    let record = SampleClass.random(50, seed: 11)
    let items = ItemAnalysis(record.students).items
    #expect(items.count == Exercise.all.reduce(0) { $0 + $1.checks.count })
    #expect(zip(items, items.dropFirst()).allSatisfy { $0.passRate <= $1.passRate })
    for item in items {
      // What each student who started has in this check and outside it.
      let pairs = record.students.compactMap { student -> (x: Double, y: Double)? in
        guard let exercise = student.exercises.first(where: { $0.id == item.exercise }), !exercise.isNotStarted,
          let check = exercise.checks.first(where: { $0.name == item.check })
        else { return nil }
        return (check.outcome == .passed ? 1 : 0, Double(student.score - check.score))
      }
      let n = Double(pairs.count)
      let (mx, my) = (pairs.reduce(0) { $0 + $1.x } / n, pairs.reduce(0) { $0 + $1.y } / n)
      let xy = pairs.reduce(0) { $0 + ($1.x - mx) * ($1.y - my) }
      let xx = pairs.reduce(0) { $0 + ($1.x - mx) * ($1.x - mx) }
      let yy = pairs.reduce(0) { $0 + ($1.y - my) * ($1.y - my) }
      #expect(item.started == pairs.count && abs(item.passRate - mx) < 1e-12)
      if xx > 0 {
        #expect(abs(try #require(item.discrimination) - xy / (xx * yy).squareRoot()) < 1e-9)
      } else {
        #expect(item.discrimination == nil)
      }
    }
  }

  @Test("a mistake counts where its check fails with its words, once a student")
  func tally() {
    let check = Exercise.lstmCell.checks[0].name
    let mistake = Mistake(TransposedWeights.self, in: .lstmCell, rejectedBy: check, saying: "looks transposed")
    let students = [
      SampleClass.student("ann", [SampleClass.exercise(.lstmCell, [.wrongValue], message: "h looks transposed")]),
      SampleClass.student("bo", [SampleClass.exercise(.lstmCell, [.wrongValue], message: "h is off")]),
      SampleClass.student("cy", [SampleClass.exercise(.lstmCell, [.passed, .crashed], message: "h looks transposed")]),
      SampleClass.student("dee", [SampleClass.exercise(.sessionization, [.timedOut], message: "h looks transposed")]),
      SampleClass.student("eve", [SampleClass.all(.lstmCell, .doesNotCompile, log: SampleClass.compilerLog)]),
      SampleClass.student("fay", [SampleClass.all(.lstmCell, .doesNotCompile, log: SampleClass.compilerLog)]),
    ]
    let tally = MistakeTally(students, mistakes: [mistake])
    #expect(tally.named.map(\.students) == [["ann"]])
    #expect(tally.named.first?.name == "TransposedWeights" && tally.named.first?.exercise == "lstm-cell")
    #expect(
      tally.compilerErrors == [
        .init(reason: "cannot find 'scoers' in scope", files: 2, students: ["eve", "fay"])
      ])
    #expect(tally.ended.map(\.outcome) == [.doesNotCompile, .wrongValue, .crashed, .timedOut])
    #expect(tally.ended.map(\.students.count) == [2, 2, 1, 1])
  }

  @Test("only the attempt that counts is analysed")
  func attempts() {
    let first = SampleClass.student("ann", [SampleClass.all(.lstmCell, .crashed, message: "index out of range")])
    let second = SampleClass.student("ann@2", [SampleClass.exercise(.lstmCell, [])])
    var settings = SampleClass.settings
    settings.exercises = ["lstm-cell"]
    let text = ParsedPage(ClassPage(ClassRecord(settings: settings, students: [first, second])).html).text
    #expect(text.contains("None: every check passed.") && text.contains("2 / 2") && !text.contains("crashed"))
  }

  @Test(
    "numbers have their decimals",
    arguments: [
      (0.0, 1, "0.0"), (-0.04, 1, "0.0"), (-0.26, 2, "−0.26"), (7.05, 2, "7.05"), (99.96, 1, "100.0"), (12.5, 0, "13"),
    ])
  func fixed(value: Double, places: Int, text: String) {
    #expect(ClassPage.fixed(value, places) == text)
  }
}
