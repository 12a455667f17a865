import Charts
import Contracts
import Foundation
import Harness
import Learning
import Tensors

enum GANTransposedConvImagesDemo {
  static var demo: Demo<any GANTransposedConvImagesExercise> {
    Demo { gan, context in
      let kinds = try ThreeKinds()
      context.progress(ProgressUpdate("judge", fraction: 0))
      let judge = try PictureJudge(kinds)
      var runs: [Run] = []
      for variant in Variant.allCases {
        runs.append(try Run(variant, gan, kinds, judge, context))
      }

      var random = context.random("samplers")
      let real = ThreeKinds.scaled(kinds.train, Array(0..<kinds.train.count))
      let samplers = [
        try judge.verdict(on: ThreeKinds.scaled(kinds.train, random.permutation(of: 1_000)), by: gan),
        try judge.verdict(on: GaussianPictures.correlated(real, 1_000, using: &random), by: gan),
        try judge.verdict(on: GaussianPictures.pixelwise(real, 1_000, using: &random), by: gan),
      ]
      let healthy = runs[0].verdict
      return DemoReport(
        metrics: ["Fréchet distance": healthy.distance, "smallest share": healthy.shares.min() ?? 0],
        baseline: ["Fréchet distance": samplers[2].distance, "smallest share": samplers[2].shares.min() ?? 0],
        report: report(runs, samplers, judge, kinds))
    }
  }

  /// The healthy run, and one for each of the document's mistakes.
  private enum Variant: CaseIterable {
    case healthy, unfrozen, firstBatch, noStride

    var name: LocalizedText {
      switch self {
      case .healthy: LocalizedText(en: "healthy", zh: "正常")
      case .unfrozen: LocalizedText(en: "D not frozen", zh: "未冻结 D")
      case .firstBatch: LocalizedText(en: "first batch only", zh: "只用第一批")
      case .noStride: LocalizedText(en: "no stride", zh: "无步幅")
      }
    }

    var turns: Int { self == .healthy ? 500 : 300 }

    /// Where the progress bar stands when the run begins and ends.
    var progress: (from: Double, to: Double) {
      switch self {
      case .healthy: (0, 0.36)
      case .unfrozen: (0.36, 0.57)
      case .firstBatch: (0.57, 0.78)
      case .noStride: (0.78, 1)
      }
    }
  }

  /// One training run with everything that is shown of it.
  private struct Run {
    let variant: Variant
    var steps: [GANStep] = []
    /// Every 100 turns.
    var verdicts: [PictureJudge.Verdict] = []
    /// Four pictures from the same four noises, every 100 turns.
    var pictures: [[Chart.Picture]] = []
    /// The mean of σ(D) on real pictures that it learned from, and on held-out ones.
    var seen = 0.0
    var heldOut = 0.0

    var verdict: PictureJudge.Verdict { verdicts[verdicts.count - 1] }

    init(
      _ variant: Variant, _ gan: any GANTransposedConvImagesExercise, _ kinds: ThreeKinds, _ judge: PictureJudge,
      _ context: DemoContext
    ) throws {
      self.variant = variant
      var random = context.random("players")  // the same start for all
      var players = PicturePlayers(
        gan, channels: 16, growth: variant == .noStride ? .blownUp : .strided, using: &random)
      for turn in 1...variant.turns {
        let batch =
          variant == .firstBatch
          ? Array(0..<32) : try gan.nextBatch(of: kinds.train.count, size: 32, using: &random)
        let real = ThreeKinds.scaled(kinds.train, batch)
        steps.append(
          variant == .unfrozen
            ? try Self.unfrozenStep(gan, &players, real, using: &random)
            : try players.step(gan, real: real, using: &random))
        if turn % 100 == 0 {
          var noise = context.random("samples")
          verdicts.append(try judge.verdict(on: try players.paint(1_000, using: &noise), by: gan))
          noise = context.random("pictures")
          let painted = try players.paint(4, using: &noise)
          pictures.append(
            (0..<4).map { index in
              Chart.Picture(
                width: 28, height: 28,
                pixels: painted.scalars[index * 784..<(index + 1) * 784].map { min(max(($0 + 1) / 2, 0), 1) },
                caption: index == 0 ? LocalizedText("\(turn)") : LocalizedText(""))
            })
        }
        context.progress(
          ProgressUpdate(
            variant.name.en,
            fraction: variant.progress.from
              + (variant.progress.to - variant.progress.from) * Double(turn) / Double(variant.turns),
            details: String(
              format: "turn %d  D(real) %.2f  D(fake) %.2f", turn, steps[turn - 1].realProbability,
              steps[turn - 1].fakeProbability)))
      }
      let learned =
        variant == .firstBatch ? Array(0..<32) : Array(0..<kinds.test.count)
      let mean = { (pictures: Tensor) in
        Double(players.discriminator(pictures).sigmoid().mean().scalar)
      }
      seen = mean(ThreeKinds.scaled(kinds.train, learned))
      heldOut = mean(ThreeKinds.scaled(kinds.test, Array(0..<kinds.test.count)))
    }

    /// The document's turn: the combined model is trained without freezing the discriminator.
    private static func unfrozenStep(
      _ gan: any GANTransposedConvImagesExercise, _ players: inout PicturePlayers, _ real: Tensor,
      using random: inout SeededRandom
    ) throws -> GANStep {
      let (g, d) = (players.generator, players.discriminator)
      let fake = g(.normal([real.shape[0], 100], using: &random)).detached()
      let (realLogits, fakeLogits) = (d(real), d(fake))
      let dLoss = try gan.discriminatorLoss(real: realLogits, fake: fakeLogits)
      players.optD.update(d.parameters, dLoss.gradients(of: d.parameters))
      let gLoss = try gan.generatorLoss(fake: d(g(.normal([real.shape[0], 100], using: &random))))
      let both = g.parameters + d.parameters
      players.optG.update(both, gLoss.gradients(of: both))
      return GANStep(
        discriminatorLoss: Double(dLoss.scalar), generatorLoss: Double(gLoss.scalar),
        realProbability: Double(realLogits.sigmoid().mean().scalar),
        fakeProbability: Double(fakeLogits.sigmoid().mean().scalar))
    }

    /// The means of ten turns each.
    func tenfold(_ path: KeyPath<GANStep, Double>) -> [Chart.Point] {
      stride(from: 0, to: steps.count, by: 10).map { start -> Chart.Point in
        let sum: Double = steps[start..<start + 10].reduce(0) { $0 + $1[keyPath: path] }
        return Chart.Point(Double(start + 10), sum / 10)
      }
    }
  }

  // MARK: - The report

  private static func report(
    _ runs: [Run], _ samplers: [PictureJudge.Verdict], _ judge: PictureJudge, _ kinds: ThreeKinds
  ) -> Report {
    Report(
      title: LocalizedText(
        en: "A GAN paints trousers, sneakers and bags", zh: "GAN 画裤子、运动鞋和包"),
      blocks: [
        .text(
          LocalizedText(
            en: """
              \(kinds.train.count) pictures of Fashion-MNIST in −1...1, batches of 32. Generator: 100 numbers → 7×7 → 14×14 → \
              28×28 by two transposed convolutions of stride 2. Discriminator: two convolutions of stride 2. Pictures are \
              compared in the 64 features of a judge of our own, which names \(percent(judge.accuracy)) of the \
              \(kinds.test.count) held-out pictures rightly: 1,000 pictures against those held-out ones.
              """,
            zh: """
              Fashion-MNIST 的 \(kinds.train.count) 张图，缩放到 −1...1，批大小 32。生成器：100 个数 → 7×7 → 14×14 → 28×28，用两层步幅为 2 \
              的转置卷积。判别器：两层步幅为 2 的卷积。比较图片用的是我们自己的评判网络的 64 个特征（在 \(kinds.test.count) 张留出图上准确率 \
              \(percent(judge.accuracy))）：1,000 张图对这些留出图。
              """)),
        .table(distances(runs, samplers)),
        .chart(
          Chart(
            title: LocalizedText(
              en: "Fréchet distance every 100 turns: lower is better", zh: "每 100 回合的 Fréchet 距离：越低越好"),
            xLabel: LocalizedText(en: "turn", zh: "回合"), yLabel: LocalizedText(en: "distance", zh: "距离"),
            content: .lines(
              runs.map { run in
                Chart.Series(
                  run.variant.name,
                  points: run.verdicts.enumerated().map {
                    Chart.Point(Double(100 * ($0.offset + 1)), $0.element.distance)
                  }, style: run.variant == .healthy ? .solid : .dashed)
              },
              marks: [
                .horizontal(
                  y: samplers[2].distance, label: LocalizedText(en: "Gaussian pixel by pixel", zh: "逐像素高斯"))
              ]))),
        .chart(
          curves(
            LocalizedText(
              en: "What the discriminator thinks of fakes, σ(D(fake)): each mistake has its own curve",
              zh: "判别器怎样看假图 σ(D(fake))：每种错误有自己的曲线"),
            runs.map { ($0.variant.name, $0.tenfold(\.fakeProbability)) })),
        .chart(
          curves(
            LocalizedText(en: "The healthy run: neither player wins", zh: "正常的一次：谁也赢不了谁"),
            [
              (LocalizedText("σ(D(real))"), runs[0].tenfold(\.realProbability)),
              (LocalizedText("σ(D(fake))"), runs[0].tenfold(\.fakeProbability)),
            ])),
        .text(
          LocalizedText(
            en: """
              D not frozen: the generator's half teaches the discriminator to accept, σ(D(fake)) goes to 1, the losses look \
              perfect and every picture is the same texture. No stride: the generator can only paint 7×7, here blown up to 28×28; the \
              discriminator sees it at once, σ(D(fake)) falls towards 0. First batch only: neither the curve nor the Fréchet \
              distance betrays it in \(runs[2].variant.turns) turns; what does is the discriminator's opinion of real \
              pictures, \(three(runs[2].seen)) for the 32 it knows and \(three(runs[2].heldOut)) for new ones \
              (healthy: \(three(runs[0].seen)) and \(three(runs[0].heldOut))).
              """,
            zh: """
              未冻结 D：生成器那半步教判别器照单全收，σ(D(fake)) 趋于 1，损失看似完美，画出的却全是同一种纹理。无步幅：生成器只能画 7×7，这里放大成 28×28；\
              判别器一眼看穿，σ(D(fake)) 向 0 下降。只用第一批：\(runs[2].variant.turns) 回合内曲线和 Fréchet 距离都看不出来；看得出来的是判别器对真图的\
              看法：认识的 32 张为 \(three(runs[2].seen))，新图为 \(three(runs[2].heldOut))（正常：\(three(runs[0].seen)) 与 \
              \(three(runs[0].heldOut))）。
              """)),
        .chart(
          .pictures(
            title: LocalizedText(
              en: "Four noises every 100 turns of the healthy run", zh: "正常的一次：同样四个噪声，每 100 回合画一行"),
            runs[0].pictures.flatMap { $0 }, columns: 4)),
        .chart(
          .pictures(
            title: LocalizedText(
              en: "The same four noises at the end of: D not frozen, first batch only, no stride",
              zh: "同样四个噪声，三种错误最后所画：未冻结 D、只用第一批、无步幅"),
            runs.dropFirst().flatMap { $0.pictures[$0.pictures.count - 1] }, columns: 4)),
      ])
  }

  private static func distances(_ runs: [Run], _ samplers: [PictureJudge.Verdict]) -> Table {
    func row(_ name: LocalizedText, _ verdict: PictureJudge.Verdict, _ rest: [String]) -> [LocalizedText] {
      [name, LocalizedText(String(format: "%.1f", verdict.distance))]
        + verdict.shares.map { LocalizedText(percent($0)) } + rest.map { LocalizedText($0) }
    }
    let names = [
      LocalizedText(en: "real training pictures", zh: "真实训练图片"),
      LocalizedText(en: "Gaussian with all covariances", zh: "含全部协方差的高斯"),
      LocalizedText(en: "Gaussian pixel by pixel", zh: "逐像素高斯"),
    ]
    return Table(
      caption: LocalizedText(
        en: "Fréchet distance from held-out pictures, and the kinds that the judge sees",
        zh: "与留出图片的 Fréchet 距离，以及评判网络看到的类别"),
      columns: [
        LocalizedText(en: "pictures", zh: "图片"), LocalizedText(en: "distance", zh: "距离"),
        LocalizedText(en: "trousers", zh: "裤子"), LocalizedText(en: "sneakers", zh: "运动鞋"),
        LocalizedText(en: "bags", zh: "包"), LocalizedText("σ(D(real))"), LocalizedText("σ(D(fake))"),
        LocalizedText(en: "turns", zh: "回合"),
      ],
      rows: runs.map { run in
        let last = run.steps.suffix(20)
        return row(
          LocalizedText(en: "GAN, \(run.variant.name.en)", zh: "GAN，\(run.variant.name.zh)"), run.verdict,
          [
            three(last.reduce(0) { $0 + $1.realProbability } / 20),
            three(last.reduce(0) { $0 + $1.fakeProbability } / 20), "\(run.variant.turns)",
          ])
      } + zip(names, samplers).map { row($0, $1, ["", "", ""]) }, highlightedRow: 0)
  }

  private static func curves(_ title: LocalizedText, _ series: [(LocalizedText, [Chart.Point])]) -> Chart {
    Chart(
      title: title, xLabel: LocalizedText(en: "turn", zh: "回合"),
      yLabel: LocalizedText(en: "probability of being real", zh: "被当作真图的概率"),
      content: .lines(series.map { Chart.Series($0.0, points: $0.1) }, axes: Chart.Axes(y: 0...1)))
  }

  private static func three(_ value: Double) -> String { String(format: "%.3f", value) }
}
