import Charts

extension SimilarityReport {
  /// The report as one HTML page that needs nothing else: the list, and for each pair or group the texts side by side.
  ///
  /// Whatever students wrote is text: markup is escaped, and characters that cannot be seen are named. Only the first
  /// `shownEntries` pairs and groups are on it; it says how many are not.
  ///
  /// - Parameter language: the language in which the page opens.
  /// - Returns: the text of an HTML file in UTF-8.
  public func html(language: Language = .english) -> String {
    let all = entries
    var sections: [(exercise: String, markup: String)] = []
    var bytes = 0
    for (index, entry) in all.prefix(options.shownEntries).enumerated() {
      let markup = section(entry, number: index + 1)
      bytes += markup.utf8.count
      if bytes > options.pageBytes, index > 0 { break }
      sections.append((entry.exercise, markup))
    }
    var body = introduction
    body += list(all, shown: sections.count)
    body += rankingTable
    body += solutionTable
    body += coverageTable
    for exercise in coverage.map(\.exercise) where sections.contains(where: { $0.exercise == exercise }) {
      body += "<h2 class=\"exercise\">\(visible(exercise))</h2>\n"
      body += sections.filter { $0.exercise == exercise }.map(\.markup).joined()
    }
    return Page.document(
      title: LocalizedText(en: "Similar submissions", zh: "相似的提交"), body: body, style: Self.styleSheet,
      script: Self.script, language: language)
  }

  /// A line of the list: a group, or a pair that is in no group.
  private enum Entry {
    case pair(Pair)
    case group(Group)

    var exercise: String {
      switch self {
      case .pair(let pair): pair.exercise
      case .group(let group): group.exercise
      }
    }

    var score: Double {
      switch self {
      case .pair(let pair): pair.score
      case .group(let group): group.score
      }
    }
  }

  private var entries: [Entry] {
    // Sorted by score alone; both lists are sorted already, and groups go first among equals.
    var (groups, pairs) = (self.groups[...], pairs.filter { $0.group == nil }[...])
    var all: [Entry] = []
    while !groups.isEmpty || !pairs.isEmpty {
      if let group = groups.first, group.score >= pairs.first?.score ?? 0 {
        all.append(.group(groups.removeFirst()))
      } else {
        all.append(.pair(pairs.removeFirst()))
      }
    }
    return all
  }

  private var introduction: String {
    let settings = options.comparison
    let guaranteed = settings.gramLength + settings.window - 1
    return both(
      "Two submissions in this list share passages that neither the starter, nor the published solution, nor much of "
        + "the class has. That is a reason to read the passages side by side, and no more: short exercises with one "
        + "natural solution look alike in honest hands, too.",
      "列表中的两份提交含有相同的片段，而这些片段既不来自起始代码，也不来自公开的参考答案，班上也没有很多人写出。"
        + "这只说明值得把片段并排读一读，仅此而已：只有一种自然写法的短题，独立完成的代码也会相像。", tag: "p")
      + both(
        "Names and literals are one symbol each, and comments and layout do not count. Every shared run of "
          + "\(guaranteed) tokens is found; listed is what shares \(whole(settings.threshold)) of the smaller "
          + "file’s own tokens, and at least \(settings.sharedLength) of them.",
        "所有名字算作同一个符号，字面量也是；注释和排版不计。任何 \(guaranteed) 个记号以上的相同片段都会被找到；"
          + "相同部分占较小文件自有记号 \(whole(settings.threshold)) 以上、且不少于 \(settings.sharedLength) 个记号的才列出。",
        tag: "p")
  }

  private func list(_ all: [Entry], shown: Int) -> String {
    guard !all.isEmpty else {
      return both("No two submissions are above the threshold.", "没有两份提交超过阈值。", tag: "p")
    }
    let rows = all.prefix(shown).enumerated().map { index, entry -> String in
      let number = "<a href=\"#e\(index + 1)\">\(index + 1)</a>"
      switch entry {
      case .pair(let pair):
        let solution =
          pair.firstInSolution.flatMap { first in
            pair.secondInSolution.map { "\(whole(first)) · \(whole($0))" }
          } ?? "–"
        return row(
          number, visible(pair.exercise), "\(name(pair.first))<br/>\(name(pair.second))", whole(pair.score),
          "\(whole(pair.firstContainment)) · \(whole(pair.secondContainment))", "\(pair.sharedTokens)",
          "\(pair.longestPassage)", solution)
      case .group(let group):
        let names = group.members.prefix(12).map(name).joined(separator: ", ")
        let rest = group.members.count > 12 ? " …" : ""
        let count = both("Group of \(group.members.count): ", "\(group.members.count) 人一组：")
        return row(
          number, visible(group.exercise), count + names + rest, whole(group.score), "–", "\(group.sharedTokens)", "–",
          "–")
      }
    }
    let left = all.count - shown
    let note =
      left == 0
      ? ""
      : both(
        "\(left) more, less similar than these, are in the table and the JSON file.",
        "另有 \(left) 项相似度更低，见表格文件和 JSON 文件。", tag: "p")
    return both("Look at these", "请查看", tag: "h2")
      + table(
        [
          ("#", "#"), ("Exercise", "练习"), ("Students", "学生"), ("Similar", "相似"), ("Each way", "各自占比"),
          ("Shared tokens", "相同记号"), ("Longest passage", "最长片段"), ("In the solution", "见于参考答案"),
        ], rows, numeric: 3) + note
  }

  private var rankingTable: String {
    let several = ranking.filter { $0.exercises.count > 1 }
    guard !several.isEmpty else { return "" }
    let rows = several.prefix(30).map { ranked in
      row(
        "\(name(ranked.first))<br/>\(name(ranked.second))",
        ranked.exercises.map { visible($0) }.joined(separator: ", "), "\(ranked.exercises.count)",
        percent(ranked.score / 100), "\(ranked.sharedTokens)")
    }
    let left = several.count - rows.count
    let note = left > 0 ? both("\(left) more are in the JSON file.", "另有 \(left) 项见 JSON 文件。", tag: "p") : ""
    return both("More than once", "不止一次", tag: "h2")
      + table(
        [
          ("Students", "学生"), ("Exercises", "练习"), ("How many", "数量"), ("Sum of similarities", "相似度之和"),
          ("Shared tokens", "相同记号"),
        ], rows, numeric: 2) + note
  }

  private var solutionTable: String {
    guard !nearSolution.isEmpty else { return "" }
    let rows = nearSolution.prefix(60).map { near in
      row(
        name(near.student), visible(near.exercise), whole(near.share), "\(near.sharedTokens)",
        "\(near.longestPassage)", near.passages.map { $0.first.lines }.joined(separator: ", "))
    }
    let left = nearSolution.count - rows.count
    let note = left > 0 ? both("\(left) more are in the JSON file.", "另有 \(left) 项见 JSON 文件。", tag: "p") : ""
    return both("Close to the published solution", "接近公开的参考答案", tag: "h2")
      + both(
        "The solution is in the repository, for everyone to read. What these submissions share with it is not counted "
          + "between students.",
        "参考答案就在仓库里，人人可读。提交与它相同的部分不计入学生之间的相似度。", tag: "p")
      + table(
        [
          ("Student", "学生"), ("Exercise", "练习"), ("In the solution", "见于参考答案"), ("Tokens", "记号"),
          ("Longest passage", "最长片段"), ("Lines", "行"),
        ], rows, numeric: 2) + note
  }

  private var coverageTable: String {
    let rows = coverage.map { one in
      let cut =
        one.cutFiles.isEmpty
        ? "" : one.cutFiles.prefix(8).map(name).joined(separator: ", ") + (one.cutFiles.count > 8 ? " …" : "")
      return row(
        visible(one.exercise), "\(one.files)", one.hasSolution ? both("set aside", "已排除") : both("not given", "未提供"),
        "\(one.commonRuns)", "\(one.pairsLeftOut)", cut.isEmpty ? "–" : cut)
    }
    return both("What was compared", "比较了什么", tag: "h2")
      + table(
        [
          ("Exercise", "练习"), ("Files", "文件"), ("Published solution", "参考答案"),
          ("Runs set aside as common", "因常见而排除的片段"), ("Pairs not looked at", "未查看的对"),
          ("Only the beginning was read of", "只读了开头的文件"),
        ], rows, numeric: 9)
  }

  private func section(_ entry: Entry, number: Int) -> String {
    var markup = "<section id=\"e\(number)\">\n"
    switch entry {
    case .pair(let pair):
      markup += "<h3><span class=\"count\">\(number)</span>\(name(pair.first)) · \(name(pair.second))</h3>\n"
      markup += facts(pair) + sides(pair, id: "e\(number)x1").html
    case .group(let group):
      let title = both("Group of \(group.members.count)", "\(group.members.count) 人一组")
      markup += "<h3><span class=\"count\">\(number)</span>\(title)</h3>\n"
      markup += both(
        "All of them have \(group.sharedTokens) tokens in common, in these lines:",
        "他们都有的 \(group.sharedTokens) 个记号在这些行：", tag: "p")
      markup += "<ul class=\"members\">\n"
      for (member, places) in zip(group.members, group.places).prefix(60) {
        let lines = places.prefix(20).map(\.lines).joined(separator: ", ")
        markup += "<li>\(name(member)) <span class=\"soft\">\(lines)</span></li>\n"
      }
      markup += "</ul>\n"
      for (index, pair) in group.comparisons.prefix(5).enumerated() {
        markup += "<details\(index == 0 ? " open=\"open\"" : "")><summary>\(name(pair.first)) · \(name(pair.second))"
        markup += "</summary>\n" + facts(pair) + sides(pair, id: "e\(number)x\(index + 1)").html + "</details>\n"
      }
      let left = group.comparisons.count - 5
      if left > 0 {
        markup += both("\(left) more members are not shown side by side.", "另有 \(left) 名成员未并排显示。", tag: "p")
      }
    }
    return markup + "</section>\n"
  }

  private func facts(_ pair: Pair) -> String {
    let (first, second) = (name(pair.first), name(pair.second))
    return both(
      "\(pair.sharedTokens) shared tokens: \(whole(pair.firstContainment)) of \(first), "
        + "\(whole(pair.secondContainment)) of \(second); the longest passage has \(pair.longestPassage).",
      "相同记号 \(pair.sharedTokens) 个：占 \(first) 的 \(whole(pair.firstContainment))，占 \(second) 的 "
        + "\(whole(pair.secondContainment))；最长片段 \(pair.longestPassage) 个。", tag: "p")
  }

  private func sides(_ pair: Pair, id: String) -> SideBySide {
    SideBySide(
      id: id,
      left: .init(
        name: pair.first, text: texts[pair.first]?[pair.exercise] ?? "", places: pair.passages.map(\.first)),
      right: .init(
        name: pair.second, text: texts[pair.second]?[pair.exercise] ?? "", places: pair.passages.map(\.second)))
  }

  private func name(_ student: String) -> String { "<bdi>\(visible(student, limit: 80))</bdi>" }

  private func whole(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  private func row(_ cells: String...) -> String {
    "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
  }

  /// A table; the columns from `numeric` on hold numbers.
  private func table(_ columns: [(String, String)], _ rows: [String], numeric: Int) -> String {
    let head = columns.map { "<th>\(both($0.0, $0.1))</th>" }.joined()
    return "<div class=\"scroll\"><table class=\"from\(numeric)\">\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
      + rows.joined() + "</tbody>\n</table></div>\n"
  }

  /// The Okabe–Ito colours without black, as the charts have them: a tint behind the text, a bar beside it, and a
  /// number, so that no reader needs to tell colours apart.
  private static let styleSheet = """
    main{max-width:1600px}
    :root{--p0:#0072b2;--p1:#d55e00;--p2:#009e73;--p3:#e69f00;--p4:#cc79a7;--p5:#56b4e9;--on:#fff}
    @media(prefers-color-scheme:dark){:root{--p0:#56b4e9;--p1:#e5771e;--p2:#12b88a;--p3:#e69f00;--p4:#d98fb8;\
    --p5:#2f8fd0;--on:#131416}}
    h2.exercise{border-top:2px solid var(--rule);padding-top:24px}
    h3{font-size:18px;margin:28px 0 6px}.count{color:var(--soft);margin-right:10px}
    .soft{color:var(--soft)}.members{columns:3 240px;margin:0 0 16px;padding-left:20px}
    a{color:var(--accent)}
    .scroll{margin:0 0 16px}th,td{padding:6px 10px}
    .from2 th:nth-child(n+3),.from2 td:nth-child(n+3),.from3 th:nth-child(n+4),.from3 td:nth-child(n+4)\
    {text-align:right}.from3 td:nth-child(n+4){white-space:nowrap}
    details{margin:0 0 12px}summary{cursor:pointer;color:var(--accent);padding:4px 0}
    .sides{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:12px;margin:0 0 24px}
    .side{background:var(--panel);border:1px solid var(--rule);border-radius:8px;min-width:0;overflow:hidden}
    .who{margin:0;padding:8px 14px;border-bottom:1px solid var(--rule);font-weight:600;max-width:none}
    .text{overflow:auto;max-height:75vh;padding:8px 0;font:13px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,\
    "DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;position:relative}
    .line{display:grid;grid-template-columns:30px 40px minmax(0,1fr);border-left:4px solid transparent}
    .line.p0{border-color:var(--p0)}.line.p1{border-color:var(--p1)}.line.p2{border-color:var(--p2)}\
    .line.p3{border-color:var(--p3)}.line.p4{border-color:var(--p4)}.line.p5{border-color:var(--p5)}
    .nr{color:var(--soft);text-align:right;padding-right:10px;user-select:none}
    .tags{text-align:center;user-select:none}
    .tag{display:inline-block;min-width:20px;padding:0 4px;border-radius:4px;color:var(--on);font-weight:700;\
    text-decoration:none;scroll-margin:80px}
    .tag.p0{background:var(--p0)}.tag.p1{background:var(--p1)}.tag.p2{background:var(--p2)}\
    .tag.p3{background:var(--p3)}.tag.p4{background:var(--p4)}.tag.p5{background:var(--p5)}
    .tag.p1,.tag.p2,.tag.p3,.tag.p4,.tag.p5{color:#111}
    .line code{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2;direction:ltr;\
    unicode-bidi:bidi-override;max-height:20em;overflow:hidden;padding-right:8px}
    mark{color:inherit;border-radius:2px;background:none}
    mark.p0{background:color-mix(in srgb,var(--p0) 18%,transparent)}\
    mark.p1{background:color-mix(in srgb,var(--p1) 18%,transparent)}\
    mark.p2{background:color-mix(in srgb,var(--p2) 18%,transparent)}\
    mark.p3{background:color-mix(in srgb,var(--p3) 22%,transparent)}\
    mark.p4{background:color-mix(in srgb,var(--p4) 22%,transparent)}\
    mark.p5{background:color-mix(in srgb,var(--p5) 24%,transparent)}
    .gap{color:var(--soft);padding:2px 0 2px 74px;background:var(--page)}
    .odd{font-style:normal;font-size:11px;border:1px solid var(--soft);border-radius:3px;padding:0 3px;color:var(--soft)}
    @media(max-width:760px){.sides{grid-template-columns:minmax(0,1fr)}}
    @media print{.text{max-height:none}section{break-inside:avoid}}

    """

  /// A click on a passage's number brings its twin in the other text to the same height. Without scripts it is a link.
  private static let script = """
    document.querySelectorAll("a.tag").forEach(tag => tag.onclick = event => {
      const twin = document.getElementById(tag.hash.slice(1));
      if (!twin) return;
      event.preventDefault();
      const height = link => link.getBoundingClientRect().top - link.closest(".text").getBoundingClientRect().top;
      twin.closest(".text").scrollTop += height(twin) - height(tag);
      twin.focus({preventScroll: true});
    });

    """
}
