extension ExerciseLayout {
  /// The new files and their texts.
  var files: [(String, String)] {
    let path = "\(topic.folder)/\(name)"
    return [
      ("Sources/Contracts/\(path).swift", contract), ("Sources/Curriculum/\(path).swift", declaration),
      ("Sources/Curriculum/\(path)+Checks.swift", checks), ("Sources/Curriculum/\(path)+Demo.swift", demo),
      ("Exercises/\(path).swift", starter),
      ("Solutions/\(path).swift", reference), ("Tests/MistakeTests/\(path).swift", wrongAnswers),
      ("Tests/Oracles/\(name).py", oracle), ("docs/\(path).md", prose),
    ]
  }

  private var contract: String {
    """
    /// What is asked, with the source (paper, equation).
    public protocol \(name)Exercise: ExerciseContract {
      /// What the candidate writes, with shapes and units.
      ///
      /// - Throws: what must be refused.
      func answer(_ x: [Double]) throws -> Double
    }

    """
  }

  private var declaration: String {
    """
    import Charts
    import Contracts

    extension Exercise {
      /// The title (000 Q0).
      public static let \(declaredConstant) = Exercise(
        (any \(name)Exercise).self,
        topic: .\(topic.rawValue), kind: .question, sources: ["000 Q0"],
        title: LocalizedText(en: "A title", zh: "标题"),
        difficulty: 2, minutes: 30,
        checks: \(name)Checks.all,
        demo: \(name)Demo.demo)
    }

    """
  }

  private var checks: String {
    """
    import Contracts

    enum \(name)Checks {
      typealias Implementation = any \(name)Exercise

      static let all: [Check<Implementation>] = [agreesWithTheReference, badInput]

      static var agreesWithTheReference: Check<Implementation> {
        Check(
          "fresh inputs agree with the reference", points: 2,
          given: { random in (0..<5).map { _ in random.normal() } },
          when: { implementation, x in try implementation.answer(x) },
          then: { (seen: Double, x: [Double], reference) in
            try expectClose(seen, try reference.answer(x), "the answer")
          })
      }

      static var badInput: Check<Implementation> {
        .refuses("bad input is refused", points: 1, ["no number": { _ = try $0.answer([]) }])
      }
    }

    """
  }

  private var demo: String {
    """
    import Charts
    import Contracts

    enum \(name)Demo {
      static var demo: Demo<any \(name)Exercise> {
        Demo { implementation, context in
          DemoReport(metrics: [:], baseline: [:], report: Report(title: LocalizedText(en: "A title", zh: "标题")))
        }
      }
    }

    """
  }

  private var starter: String {
    """
    import Contracts

    // `dojo show \(id)` has the question, `dojo hint \(id)` helps.

    struct \(name): \(name)Exercise {
      /// What to do, with shapes.
      func answer(_ x: [Double]) throws -> Double {
        throw Unfinished()
      }
    }

    """
  }

  private var reference: String {
    """
    import Contracts

    /// What it is, with the citation.
    public struct \(name): \(name)Exercise {
      /// Makes the reference.
      public init() {}

      /// What it does.
      public func answer(_ x: [Double]) throws -> Double {
        throw Unfinished()
      }
    }

    """
  }

  private var wrongAnswers: String {
    """
    import Contracts
    import Curriculum
    import Solutions

    // Three or more: Mistake(TheWrongType.self, in: .\(declaredConstant), rejectedBy: "a check's name", saying: "words").
    let \(declaredConstant)Mistakes: [Mistake] = []

    """
  }

  private var oracle: String {
    """
    \"\"\"Golden numbers for \(name) from an independent library.\"\"\"

    import numpy as np

    from golden import Golden

    golden = Golden(__file__, np)
    golden["name"] = np.array([1.0])
    golden.write()

    """
  }

  private var prose: String {
    """
    # A title

    ## Question

    ## Hints

    ### Anywhere

    1. A nudge.

    ## Answer

    ## Errata

    ### 「the few wrong words」

    Why they are wrong, and what is right.

    Shown by: check `fresh inputs agree with the reference`

    ## What the numbers show

    # 标题

    ## 问题

    ## 提示

    ### 任意

    1. 一点提示。

    ## 答案

    ## 勘误

    ### 「the few wrong words」

    错在哪里，正确的是什么。

    证据：检查 `fresh inputs agree with the reference`

    ## 数字说明了什么

    """
  }
}
