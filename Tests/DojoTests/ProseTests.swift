import Curriculum
import Grading
import Testing

@Suite("Prose")
struct ProseTests {
  private static let page = """
    # A title

    ## Question

    What is it?

    ## Hints

    ### the first check

    1. A nudge.
    2. A longer one,
       on two lines.

    ### Anywhere

    1. Look again.

    ## Answer

    ```
    # not a title
    ```

    ## Errata

    ### 「错」

    Wrong, because.

    Shown by: check `the first check`

    ## What the numbers show

    Nothing.

    # 标题

    ## 问题

    是什么？

    ## 提示

    ### the first check

    1. 一
    2. 二

    ### 任意

    1. 三

    ## 答案

    答。

    ## 勘误

    ### 「错」

    因为。

    证据：演示 `some words`

    ## 数字说明了什么

    无。
    """

  @Test("a page has both languages, hints by check, and errata with their proofs")
  func parse() throws {
    let prose = try ExerciseProse(markdown: Self.page, name: "page.md")
    #expect(prose.english.title == "A title")
    #expect(prose.chinese.title == "标题")
    #expect(prose.english.hints.map(\.check) == ["the first check", nil])
    #expect(prose.english.hints[0].levels == ["A nudge.", "A longer one,\non two lines."])
    #expect(prose.english.errata[0].quote == "「错」")
    #expect(prose.english.errata[0].explanation == "Wrong, because.")
    #expect(prose.english.errata[0].proof == .check("the first check"))
    #expect(prose.chinese.errata[0].proof == .demo("some words"))
    #expect(prose.english.sections[.answer]?.contains("# not a title") == true)
  }

  @Test(
    "a malformed page is refused with its name and the problem",
    arguments: [
      ("# Only one\n", "expected two titles"), ("text\n# A\n# B\n", "before the title"),
      ("# A\n## Qestion\n# B\n", "unknown heading \"Qestion\""), ("# A\n## Question\n# B\n", "\"Hints\" is missing"),
    ])
  func malformed(_ markdown: String, _ problem: String) throws {
    let error = try #require(
      #expect(throws: ProseError.self) { try ExerciseProse(markdown: markdown, name: "page.md") })
    #expect(error.description.hasPrefix("page.md: ") && error.description.contains(problem))
  }
}
