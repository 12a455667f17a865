import Behavior
import Charts
import Contracts
import Foundation
import Learning
import Tensors

/// From a log of clicks to a trained model, on a scale from popularity to the best that is possible.
enum NextClickPredictionDemo {
  private static let epochs = 15
  private static let k = 5

  static var demo: Demo<any NextClickPredictionExercise> {
    Demo { model, context in
      let flow = try Flow(model, context)
      let document = try document(model)
      return DemoReport(
        metrics: ["HR5": flow.lstm.quality.hitRate, "MRR": flow.lstm.quality.mrr],
        baseline: ["HR5": flow.markov.quality.hitRate, "MRR": flow.markov.quality.mrr],
        report: Report(
          title: LocalizedText(
            en: "The next click: what the last one tells, and what the ones before it add",
            zh: "下一次点击：上一次点击说明了什么，更早的点击又添了什么"),
          blocks: [
            .text(flow.introduction), .table(flow.table), .text(flow.verdict), .chart(flow.bars), .chart(flow.learning),
            .chart(flow.byStep), .table(flow.live),
            .heading(LocalizedText(en: "The document's project", zh: "文档中的项目")), .table(document),
          ]))
    }
  }

  /// One way to score the next click, and how good it is.
  private struct Contestant {
    let name: LocalizedText
    let scores: Matrix
    let quality: NextClickRanking
  }

  /// A log, read, split, learned and judged.
  private struct Flow {
    private let split: NextClickSplit
    private let vocabulary: NextClickVocabulary
    private let test: [[Int]]
    private let losses: [Double]
    private let hitRates: [Double]
    private let contestants: [Contestant]
    private let hitsByStep: [(name: LocalizedText, values: [Double])]
    private let isSimulated: Bool
    private let readClicks: Int
    let lstm: Contestant
    let markov: Contestant
    private let best: Contestant?

    init(_ model: any NextClickPredictionExercise, _ context: DemoContext) throws {
      var random = context.random("clicks")
      context.progress(.init("reading the log", fraction: 0))
      let site = NextClickSite.site(using: &random)
      isSimulated = context.data == nil
      let text =
        try context.data.map { try String(contentsOf: $0, encoding: .utf8) }
        ?? NextClickLog.csv(site.clicks(users: 1_250, using: &random))
      let log = try model.readLog(text)
      readClicks = log.count
      split = try model.split(log, gap: 1_800, cut: NextClickLog.cut(log))
      vocabulary = NextClickVocabulary(split.train)
      let (ids, size) = (vocabulary, vocabulary.count)
      let train = ids.encode(split.train)
      test = ids.encode(split.test)
      let (future, targets) = (test, test.nextClicks)
      func contestant(_ name: LocalizedText, _ scores: Matrix) throws -> Contestant {
        Contestant(
          name: name, scores: scores,
          quality: try model.rankingMetrics(
            scores: scores, targets: targets, k: k, exclude: NextClickVocabulary.reserved))
      }
      let chain = try model.fitMarkov(train, vocabulary: size, smoothing: 0.1)
      let popularity = try contestant(
        LocalizedText(en: "popularity", zh: "热门"),
        Matrix(prefixes: future.prefixes, vocabulary: size) { _ in chain.popularity })
      markov = try contestant(
        LocalizedText(en: "Markov, first order", zh: "一阶马尔可夫"),
        Matrix(prefixes: future.prefixes, vocabulary: size, chain.scores))
      let pairs = NextClickPairs(train, chain: chain)
      let counted = try contestant(
        LocalizedText(en: "counts of pairs", zh: "按前两次点击计数"),
        Matrix(prefixes: future.prefixes, vocabulary: size, pairs.scores))
      var learner = NextClickLearner(model, NextClickTraining(vocabulary: size, epochs: epochs), using: &random)
      var hitRates: [Double] = []
      losses = try learner.train(
        train, using: &random,
        progress: { fraction, loss in
          let epoch = min(epochs, Int(fraction * Double(epochs)) + 1)
          context.progress(
            .init(
              "LSTM", fraction: fraction,
              details: "epoch \(epoch) of \(epochs)  " + String(format: "%.3f nats a click", loss)))
        },
        afterEpoch: { learner in
          let scores = Matrix(scores: try learner.scores(future.prefixes))
          hitRates.append(
            try model.rankingMetrics(scores: scores, targets: targets, k: k, exclude: NextClickVocabulary.reserved)
              .hitRate)
        })
      self.hitRates = hitRates
      lstm = try contestant(LocalizedText("LSTM"), Matrix(scores: try learner.scores(future.prefixes)))
      if isSimulated {
        let pageOfID = ids.names.map { NextClickLog.pages.firstIndex(of: $0) }
        best = try contestant(
          LocalizedText(en: "Bayes: the best possible", zh: "贝叶斯：可能的最好"),
          Matrix(prefixes: future.prefixes, vocabulary: size) { site.scores(after: $0, pageOfID: pageOfID) })
      } else {
        best = nil
      }
      contestants = [popularity, markov, lstm, counted] + (best.map { [$0] } ?? [])
      hitsByStep = try ([markov, lstm] + (best.map { [$0] } ?? [])).map { contestant in
        (
          contestant.name,
          try NextClickHits(model, scores: contestant.scores, sessions: future, k: k, steps: 10).hitRates
        )
      }
    }

    var introduction: LocalizedText {
      let targets = test.nextClicks.count
      let clicks = split.train.joined().count
      return LocalizedText(
        en: (isSimulated
          ? "A simulated site of 40 pages where the last two clicks decide the next: "
          : "The log of --data: ")
          + "\(readClicks) clicks read from CSV. A pause of half an hour ends a session. \(split.train.count) sessions "
          + "(\(clicks) clicks) ended before the cut and are trained on; \(split.test.count) began after it and hold "
          + "\(targets) clicks to foresee. \(vocabulary.count - 2) pages are known; others count as misses.",
        zh: (isSimulated ? "模拟网站有 40 个页面，最近两次点击决定下一次：" : "--data 给出的日志：")
          + "从 CSV 读入 \(readClicks) 次点击，停顿半小时即会话结束。\(split.train.count) 个会话（\(clicks) 次点击）在切分时刻之前结束，用于训练；"
          + "\(split.test.count) 个在其后开始，含 \(targets) 次待预测点击。已知页面 \(vocabulary.count - 2) 个，其他页面算未命中。")
    }

    var table: Table {
      func cell(_ value: Double) -> LocalizedText { LocalizedText(String(format: "%.3f", value)) }
      let floor = markov.quality.hitRate
      return Table(
        caption: LocalizedText(
          en: "The click that came, among the pages ranked by each: clicks of the future", zh: "未来的点击在各方法排序中的位置"),
        columns: [
          LocalizedText(en: "scores from", zh: "得分来自"), LocalizedText("HR@5"), LocalizedText("MRR"),
          LocalizedText(en: "of the way from Markov to the best", zh: "从马尔可夫到最好走了多远"),
        ],
        rows: contestants.map { contestant in
          let way = best.map { (contestant.quality.hitRate - floor) / ($0.quality.hitRate - floor) }
          return [
            contestant.name, cell(contestant.quality.hitRate), cell(contestant.quality.mrr),
            LocalizedText(way.map { $0 < 0 ? "–" : String(format: "%.0f%%", 100 * $0) } ?? "–"),
          ]
        },
        highlightedRow: 2)
    }

    var verdict: LocalizedText {
      let gain = String(format: "%+.3f", lstm.quality.hitRate - markov.quality.hitRate)
      let counts = String(format: "%+.3f", contestants[3].quality.hitRate - lstm.quality.hitRate)
      return LocalizedText(
        en:
          "What to see: 'performs well' has a scale now. The LSTM moves HR@5 by \(gain) against a first-order chain. Counts "
          + "of pairs, which were told that two clicks matter, stand \(counts) from the LSTM, which had to find it out: try "
          + "the simple rival before the deep one.",
        zh: "要点：“表现较好”现在有了刻度。与一阶链相比，LSTM 使 HR@5 变化 \(gain)。按前两次点击计数事先就知道只看两次点击，与要自己发现这一点的 LSTM "
          + "相差 \(counts)：先试简单的对手，再上深度模型。")
    }

    var bars: Chart {
      Chart(
        title: LocalizedText(en: "HR@5 and MRR on the future", zh: "未来数据上的 HR@5 与 MRR"),
        yLabel: LocalizedText(en: "share, mean 1/rank", zh: "占比，平均 1/名次"),
        content: .bars(
          categories: contestants.map(\.name),
          groups: [
            Chart.BarGroup(LocalizedText("HR@5"), values: contestants.map(\.quality.hitRate)),
            Chart.BarGroup(LocalizedText("MRR"), values: contestants.map(\.quality.mrr)),
          ]))
    }

    var learning: Chart {
      var marks: [Chart.Mark] = [.horizontal(y: markov.quality.hitRate, label: markov.name)]
      if let best { marks.append(.horizontal(y: best.quality.hitRate, label: best.name)) }
      return Chart(
        title: LocalizedText(
          en:
            "HR@5 on the future after each epoch (loss \(format(losses.first)) → \(format(losses.last)) nats a click)",
          zh: "每轮之后未来数据上的 HR@5（损失 \(format(losses.first)) → \(format(losses.last)) nat/点击）"),
        xLabel: LocalizedText(en: "epoch", zh: "轮"), yLabel: LocalizedText("HR@5"),
        content: .lines(
          [
            Chart.Series(
              LocalizedText("LSTM"), points: hitRates.enumerated().map { Chart.Point(Double($0 + 1), $1) })
          ], marks: marks))
    }

    var byStep: Chart {
      Chart(
        title: LocalizedText(
          en: "HR@5 by how many clicks are known: the chain forgets all but the last",
          zh: "HR@5 随已知点击数：马尔可夫链只记得最后一次"),
        xLabel: LocalizedText(en: "clicks known", zh: "已知点击数"), yLabel: LocalizedText("HR@5"),
        content: .lines(
          hitsByStep.map { entry in
            Chart.Series(entry.name, points: entry.values.enumerated().map { Chart.Point(Double($0 + 1), $1) })
          }))
    }

    /// Three sessions of the test: what the model would offer.
    var live: Table {
      var rows: [[LocalizedText]] = []
      var row = 0
      for session in test {
        let steps = session.count - 1
        defer { row += steps }
        guard session.count >= 4, rows.count < 3 else { continue }
        let known = session.prefix(3).map { vocabulary.names[$0] }
        rows.append([
          LocalizedText(known.joined(separator: " → ")), LocalizedText(offer(lstm, row + 2)),
          LocalizedText(best.map { offer($0, row + 2) } ?? "–"), LocalizedText(vocabulary.names[session[3]]),
        ])
      }
      return Table(
        caption: LocalizedText(
          en: "Three live sessions after three clicks: the first five of each", zh: "三个进行中的会话（已点三次）：各自的前五名"),
        columns: [
          LocalizedText(en: "clicks so far", zh: "已有点击"), LocalizedText(en: "LSTM offers", zh: "LSTM 给出"),
          LocalizedText(en: "the best possible", zh: "可能的最好"), LocalizedText(en: "came", zh: "实际"),
        ], rows: rows)
    }

    private func offer(_ contestant: Contestant, _ row: Int) -> String {
      let scores = contestant.scores.row(row)
      var order = Array(2..<scores.count)
      order.sort { (a: Int, b: Int) in scores[a] != scores[b] ? scores[a] > scores[b] : a < b }
      return order.prefix(k).map { vocabulary.names[$0] }.joined(separator: ", ")
    }

    private func format(_ loss: Double?) -> String { loss.map { String(format: "%.2f", $0) } ?? "–" }
  }

  /// The document's own numbers, put through the steps.
  private static func document(_ model: any NextClickPredictionExercise) throws -> Table {
    let rows = [(1, 0, 1), (1, 1, 2), (1, 2, 3), (2, 0, 1), (2, 1, 3), (2, 2, 4)]
    let log = rows.map { PageClick(user: "\($0.0)", time: Double($0.1), page: "\($0.2)") }
    let sessions = try model.split(log, gap: 10, cut: 100).train
    let paths = sessions.map { $0.map(\.page).joined(separator: "→") }.joined(separator: ", ")
    let pages = Set(log.map(\.page)).count
    let samples = sessions.reduce(0) { $0 + $1.count - 1 }
    let trained = Int(0.8 * Double(samples))
    let divided = NextClickMistakes.divided([[0, 1, 2], [0, 2, 3]])
    // 1 … 7 once each as ids 1 … 7, 8 as id 8: V = 9.
    let once = try model.fitMarkov([Array(1...7)], vocabulary: 9, smoothing: 0.1).scores(after: [7])
    let weights = 10 * 10 + 4 * 50 * (10 + 50 + 1) + 50 * 10 + 10
    func row(_ quote: String, _ en: String, _ zh: String, _ right: LocalizedText) -> [LocalizedText] {
      [LocalizedText(quote), LocalizedText(en: en, zh: zh), right]
    }
    return Table(
      caption: LocalizedText(en: "What it says, what becomes of it, what is right", zh: "原文、结果、正解"),
      columns: [
        LocalizedText(en: "the document", zh: "文档"), LocalizedText(en: "what becomes of it", zh: "结果"),
        LocalizedText(en: "right", zh: "正解"),
      ],
      rows: [
        row(
          "data[user_id, t, 2]", "TypeError: a list has no index of three numbers; the listing of §5.5 is '# ...'",
          "TypeError：列表不能用三个数作下标；§5.5 的清单只有“# ...”",
          LocalizedText(en: "two sessions: \(paths)", zh: "两个会话：\(paths)")),
        row(
          "Predicted 4, Actual 4", "\(pages) pages have the indices 0…\(pages - 1): no 4; three lines of output",
          "\(pages) 个页面的下标是 0…\(pages - 1)，没有 4；却输出三行",
          LocalizedText(
            en: "\(samples) samples, \(trained) trained on, \(samples - trained) tested",
            zh: "\(samples) 个样本，\(trained) 个训练，\(samples - trained) 个测试")),
        row(
          "sequences / sequences.max",
          "[0, 1, 2] and [0, 2, 3] are read by the embedding as \(divided[0]) and \(divided[1])",
          "[0, 1, 2] 与 [0, 2, 3] 在嵌入层眼中成了 \(divided[0]) 与 \(divided[1])",
          LocalizedText(en: "ids are names, not amounts", zh: "编号是名字，不是数量")),
        row(
          "1, 2, 3, 4, 5, 6, 7",
          String(
            format: "each action once: after 7, P(8) = %.3f and P(1) = %.3f, from smoothing and popularity", once[8],
            once[1]),
          String(format: "每个行为只出现一次：7 之后 P(8) = %.3f，P(1) = %.3f，全来自平滑与热门", once[8], once[1]),
          LocalizedText(en: "8 was never seen: UNK", zh: "8 从未出现：UNK")),
        row(
          "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]",
          "\(weights) weights for 9 numbers; no pair repeats; the targets are the inputs; max_sequence_length is never used",
          "\(weights) 个参数对 9 个数；没有重复的相邻对；目标就是输入；max_sequence_length 从未使用",
          LocalizedText(en: "targets are the inputs, one click later", zh: "目标是后移一次点击的输入")),
        row(
          "DDoS", "named as found in a user's time, place and device of login", "据称能从登录时间、地点、设备中看出",
          LocalizedText(en: "an attack by volume shows in traffic", zh: "流量型攻击要看流量")),
        row(
          "Recurrent Neural Networks for Language Modeling", "given as a paper of 2014, without authors",
          "列为 2014 年论文，无作者",
          LocalizedText("Mikolov et al., Interspeech 2010")),
        row(
          "CONSTRAINTS", "the instruction to the writer is printed, and then the whole article a second time",
          "把写作指令也印了出来，随后整篇文章又印一遍", LocalizedText(en: "one article", zh: "一篇文章")),
      ])
  }
}
