import Charts
import Foundation
import Learning
import Tensors

enum GANTransposedConvImagesDemo {
  static let demo = Demo<any GANTransposedConvImagesExercise> { gan, context in
    let kinds = try ThreeKinds()
    var t = ContinuousClock.now
    let judge = try PictureJudge(kinds)
    print("judge", judge.accuracy, ContinuousClock.now - t)
    var random = context.random("x")
    let all = ThreeKinds.scaled(kinds.train, Array(0..<kinds.train.count))
    print(kinds.train.count, kinds.test.count)
    t = ContinuousClock.now
    print(
      "pixel", try judge.verdict(on: GaussianPictures.pixelwise(all, 1000, using: &random), by: gan),
      ContinuousClock.now - t)
    print("corr", try judge.verdict(on: GaussianPictures.correlated(all, 1000, using: &random), by: gan))
    print("real", try judge.verdict(on: ThreeKinds.scaled(kinds.train, Array(0..<1000)), by: gan))
    let env = ProcessInfo.processInfo.environment
    let c = Int(env["C"] ?? "16") ?? 16
    let lr = Float(env["LR"] ?? "1") ?? 1
    for seed in (env["SEEDS"] ?? "1,2").split(separator: ",").compactMap({ UInt64($0) }) {
      for bug in (env["BUGS"] ?? "ok").split(separator: ",") {
        var random = SeededRandom(seed: seed)
        var players = PicturePlayers(gan, channels: c, growth: bug == "nostride" ? .blownUp : .strided, using: &random)
        players.optG.learningRate *= lr
        players.optD.learningRate *= lr
        var t = ContinuousClock.now
        for step in 1...(Int(env["N"] ?? "500") ?? 500) {
          let batch =
            bug == "first" ? Array(0..<32) : try gan.nextBatch(of: kinds.train.count, size: 32, using: &random)
          let real = ThreeKinds.scaled(kinds.train, batch)
          var s: GANStep
          if bug == "unfrozen" {
            s = try unfrozen(gan, &players, real, using: &random)
          } else {
            s = try players.step(gan, real: real, using: &random)
          }
          if step % 100 == 0 {
            let e = ContinuousClock.now - t
            let v = try judge.verdict(on: try players.paint(1000, using: &random), by: gan)
            print(bug, c, seed, step, v.distance, v.shares, s.realProbability, s.fakeProbability, s.generatorLoss, e)
            t = ContinuousClock.now
          }
        }
      }
    }
    return DemoReport(metrics: [:], baseline: [:], report: Report(title: LocalizedText("GAN")))
  }

  /// The document's step: the discriminator is not frozen while the generator learns.
  static func unfrozen(
    _ gan: any GANTransposedConvImagesExercise, _ players: inout PicturePlayers, _ real: Tensor,
    using random: inout SeededRandom
  ) throws -> GANStep {
    let (g, d) = (players.generator, players.discriminator)
    let noise = { (random: inout SeededRandom) in Tensor.normal([real.shape[0], 100], using: &random) }
    let fake = g(noise(&random)).detached()
    let (realLogits, fakeLogits) = (d(real), d(fake))
    let dLoss = try gan.discriminatorLoss(real: realLogits, fake: fakeLogits)
    players.optD.update(d.parameters, dLoss.gradients(of: d.parameters))
    let gLoss = try gan.generatorLoss(fake: d(g(noise(&random))))
    let both = g.parameters + d.parameters
    players.optG.update(both, gLoss.gradients(of: both))
    return GANStep(
      discriminatorLoss: Double(dLoss.scalar), generatorLoss: Double(gLoss.scalar),
      realProbability: Double(realLogits.sigmoid().mean().scalar),
      fakeProbability: Double(fakeLogits.sigmoid().mean().scalar))
  }
}
