import Charts
import Contracts
import Foundation
import Harness
import Learning
import Tensors

enum LSTMCellDemo {
  private static let horizons = [30, 60, 100]
  private static let runs = 3

  private enum Contestant: CaseIterable {
    case plain, closed, open, wide, chrono

    var name: LocalizedText {
      switch self {
      case .plain: LocalizedText(en: "plain RNN", zh: "普通 RNN")
      case .closed: LocalizedText(en: "LSTM, forget bias 0", zh: "LSTM，遗忘门偏置 0")
      case .open: LocalizedText(en: "LSTM, forget bias 2", zh: "LSTM，遗忘门偏置 2")
      case .wide: LocalizedText(en: "LSTM, forget bias 4", zh: "LSTM，遗忘门偏置 4")
      case .chrono: LocalizedText(en: "LSTM, chrono start", zh: "LSTM，chrono 初始化")
      }
    }

    var start: ForgetStart? {
      switch self {
      case .plain: nil
      case .closed: .bias(0)
      case .open: .bias(2)
      case .wide: .bias(4)
      case .chrono: .chrono
      }
    }
  }

  static var demo: Demo<any LSTMCellExercise> {
    Demo { cell, context in
      var accuracies: [Contestant: [[Double]]] = [:]  // by horizon, by run
      var done = 0.0
      let work = Double(horizons.reduce(0, +) * Contestant.allCases.count)
      for contestant in Contestant.allCases {
        accuracies[contestant] = try horizons.map { horizon in
          context.progress(
            ProgressUpdate("\(contestant.name.en), T = \(horizon)", fraction: done / work, details: ""))
          defer { done += Double(horizon) }
          return try (0..<runs).map { try accuracy(cell, contestant, horizon: horizon, run: $0, context) }
        }
      }
      context.progress(ProgressUpdate("latch", fraction: 1))
      let fadings = try fading(cell, context)

      func results(_ contestant: Contestant) -> [[Double]] { accuracies[contestant] ?? [] }
      func figures(_ contestant: Contestant) -> [String: Double] {
        Dictionary(
          uniqueKeysWithValues: zip(horizons, results(contestant)).map { ("accuracy at T = \($0)", mean($1)) })
      }
      let table = Table(
        caption: LocalizedText(
          en: "Latch: accuracy on 500 held-out sequences, mean of \(runs) runs (worst run); chance is 0.50",
          zh: "锁存任务：500 条留出序列上的准确率，\(runs) 次运行的均值（最差一次）；随机猜测为 0.50"),
        columns: [LocalizedText(en: "start", zh: "初始化")] + horizons.map { LocalizedText("T = \($0)") }
          + [LocalizedText(en: "left after 30 steps", zh: "30 步后的残留")],
        rows: try Contestant.allCases.map { contestant in
          [contestant.name]
            + results(contestant).map { runs in
              LocalizedText(String(format: "%.2f (%.2f)", mean(runs), runs.min() ?? .nan))
            } + [LocalizedText(try memoryLeft(cell, contestant, context))]
        },
        highlightedRow: Contestant.allCases.firstIndex(of: .chrono))
      return DemoReport(
        metrics: figures(.chrono), baseline: figures(.plain),
        report: Report(
          title: LocalizedText(en: "One LSTM cell: how long it remembers", zh: "一个 LSTM 细胞：它能记多久"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "The first of T inputs says which of two classes it is, all later ones are noise. H = 12, 200 batches "
                  + "of 32, the same training for all; only the start differs.",
                zh: "T 个输入中第一个给出类别（两类），其余全是噪声。H = 12，200 个批次、每批 32 条，训练完全相同，只有初始化不同。")),
            .table(table),
            .text(
              LocalizedText(
                en:
                  "What to see: with forget bias 0 the LSTM is at chance like the plain RNN, because 0.5^30 = 9.3e-10 of "
                  + "the gradient is left. A large bias alone does not help at T = 60 and 100, where the noise of all steps "
                  + "piles up in the memory; the chrono start also closes the input gate.",
                zh: "要点：遗忘门偏置为 0 时，LSTM 与普通 RNN 一样只有随机水平，因为梯度只剩 0.5^30 = 9.3e-10。"
                  + "在 T = 60 与 100 时仅靠大偏置也不行：每一步的噪声都累积进记忆；chrono 初始化还会关上输入门。")),
            .chart(fadings),
            .chart(
              Chart(
                title: LocalizedText(en: "Accuracy by start and horizon", zh: "不同初始化与跨度下的准确率"),
                yLabel: LocalizedText(en: "accuracy", zh: "准确率"),
                content: .bars(
                  categories: horizons.map { LocalizedText("T = \($0)") },
                  groups: Contestant.allCases.map { contestant in
                    Chart.BarGroup(contestant.name, values: results(contestant).map(mean))
                  }))),
          ]))
    }
  }

  private static func accuracy(
    _ cell: any LSTMCellExercise, _ contestant: Contestant, horizon: Int, run: Int, _ context: DemoContext
  ) throws -> Double {
    let task = LatchTask(horizon: horizon)
    var random = context.random("T = \(horizon), run \(run)")
    var fresh = context.random("held out, T = \(horizon)")
    let heldOut = task.sample(count: 500, using: &fresh)
    guard let start = contestant.start else {
      return try task.train(PlainRNN(using: &random), using: &random).accuracy(heldOut)
    }
    let lstm = try LatchLSTM(cell, start: start, horizon: horizon, using: &random)
    return try task.train(lstm, using: &random).accuracy(heldOut)
  }

  /// The share of a memory that is left after 30 steps of the gates' starting values; of many cells, from … to.
  private static func memoryLeft(
    _ cell: any LSTMCellExercise, _ contestant: Contestant, _ context: DemoContext
  ) throws -> String {
    guard let start = contestant.start else { return "–" }
    var random = context.random("memory left")
    let lstm = try LatchLSTM(cell, start: start, horizon: 30, using: &random)
    let biases = lstm.weights.inputBias[LatchTask.hidden..<2 * LatchTask.hidden]
    let gates = Matrix((0..<30).map { _ in biases.map { 1 / (1 + exp(-$0)) } })
    let left = try cell.cellMemoryLog10(forget: gates).map { String(format: "%.1e", pow(10, $0)) }
    let (least, most) = (biases.min() ?? 0, biases.max() ?? 0)
    guard least < most, let first = biases.firstIndex(of: least), let last = biases.firstIndex(of: most) else {
      return left[0]
    }
    return "\(left[first - biases.startIndex]) … \(left[last - biases.startIndex])"
  }

  /// How the gradient fades on its way back through an untrained network, beside the closed form σ(b)^lag.
  private static func fading(_ cell: any LSTMCellExercise, _ context: DemoContext) throws -> Chart {
    let steps = 100
    var series: [Chart.Series] = []
    for contestant in Contestant.allCases {
      var random = context.random("fading")
      let sample = LatchTask(horizon: steps).sample(count: 16, using: &random)
      guard let start = contestant.start else {
        let norms = PlainRNN(using: &random).fading(sample.steps, using: &random)
        series.append(Chart.Series(contestant.name, points: points(norms)))
        continue
      }
      let lstm = try LatchLSTM(cell, start: start, horizon: steps, using: &random)
      series.append(Chart.Series(contestant.name, points: points(try lstm.fading(sample.steps, using: &random))))
      if case .bias(let bias) = start {
        let gate = 1 / (1 + exp(-bias))
        series.append(
          Chart.Series(
            LocalizedText("σ(\(Int(bias)))^k"), points: points((0..<steps).map { pow(gate, Double($0)) }),
            style: .dashed))
      }
    }
    return Chart(
      title: LocalizedText(
        en: "The gradient k steps back, at the start: the forget gate's bias decides", zh: "训练开始时回传 k 步的梯度：由遗忘门偏置决定"),
      xLabel: LocalizedText(en: "lag k", zh: "滞后 k"),
      yLabel: LocalizedText(en: "gradient norm, relative", zh: "相对梯度范数"),
      content: .lines(series, axes: Chart.Axes(y: 1e-12...10, logarithmicY: true)))
  }

  private static func points(_ values: [Double]) -> [Chart.Point] {
    values.enumerated().map { lag, value in Chart.Point(Double(lag), value >= 1e-12 ? value : .nan) }
  }
}

extension LatchLSTM {
  /// The norm of the gradient along the memory, 0, 1, 2, … steps back from the end, relative to that at the end.
  fileprivate func fading(_ steps: [Matrix], using random: inout SeededRandom) throws -> [Double] {
    let (last, caches) = try unrolled(steps)
    var dh = Matrix(rows: last.rows, columns: last.columns)
    var dc = Matrix.normal(rows: last.rows, columns: last.columns, using: &random)
    let start = dc.norm
    return try caches.reversed().map { cache in
      let here = dc.norm / start
      let gradients = try exercise.backward(dh: dh, dc: dc, cache: cache, weights: weights)
      (dh, dc) = (gradients.h, gradients.c)
      return here
    }
  }
}
