import Contracts
import Datasets
import Foundation
import Harness
import Learning
import Tensors

enum GANTransposedConvImagesChecks {
  typealias GAN = any GANTransposedConvImagesExercise

  static let all: [Check<GAN>] = [
    upsampling, upsamplingBackward, sizes, adjoint, losses, separatePlayers, everyPictureItsTurn, frechet, paints,
    badInput,
  ]

  private static let tolerance = Tolerance(absolute: 1e-4, relative: 1e-4)

  // MARK: - Transposed convolution

  static var upsampling: Check<GAN> {
    Check(
      "the transposed convolution equals PyTorch's", points: 1,
      given: { random in try UpsamplingInput.goldens() + [.random(using: &random)] },
      when: { gan, inputs in
        try inputs.map { try gan.convTranspose2d($0.x, w: $0.w, b: $0.b, stride: $0.stride, padding: $0.padding) }
      },
      then: { (seen: [Tensor], inputs, _) in
        try requireCount(seen, inputs.count)
        for (index, input) in inputs.enumerated() {
          try expectClose(
            seen[index], try input.expected("y"), "the output for \(input.settings)", tolerance: tolerance,
            suspects: [
              Suspect(
                input.applied(kernels: turned(input.w)), "The kernels are turned by 180°; a stamp is not mirrored."),
              Suspect(input.applied(bias: nil), "The bias is missing."),
              Suspect(
                input.overwritten(), "Where stamps overlap you keep one of them; they add up (scatter-add)."),
              Suspect(
                input.x.convTranspose2d(input.w, bias: input.b, stride: 1, padding: input.padding),
                "The stride is ignored: the stamps must lie `stride` apart, or nothing is upsampled."),
            ])
        }
      })
  }

  static var upsamplingBackward: Check<GAN> {
    Check(
      "its gradients equal PyTorch's", points: 2,
      given: { random in try UpsamplingInput.goldens() + [.random(using: &random)] },
      when: { gan, inputs in
        try inputs.map { input in
          let (x, w, b) = try gan.convTranspose2dBackward(
            input.x, w: input.w, upstream: input.upstream, stride: input.stride, padding: input.padding)
          return [x, w, b]
        }
      },
      then: { (seen: [[Tensor]], inputs, _) in
        try requireCount(seen, inputs.count)
        for (index, input) in inputs.enumerated() {
          try requireCount(seen[index], 3)
          let batch = Float(input.x.shape[0])
          for (part, name) in ["x", "w", "b"].enumerated() {
            let expected = try input.expected("d" + name)
            try expectClose(
              seen[index][part], expected, "the gradient of \(name) for \(input.settings)", tolerance: tolerance,
              suspects: [
                Suspect(expected / batch, "You divide by the batch; the loss does that, not the layer."),
                Suspect(part == 1 ? turned(expected) : -expected, "It is turned round."),
                Suspect(.zeros(expected.shape), "It is zero: this would never learn."),
              ])
          }
        }
      })
  }

  static var sizes: Check<GAN> {
    Check(
      "stride 2 upsamples 7 to 14 to 28, the document's layer stays at 7", points: 1,
      given: { random in
        [
          UpsamplingInput(side: 7, kernel: 4, stride: 2, padding: 1, using: &random),
          UpsamplingInput(side: 14, kernel: 4, stride: 2, padding: 1, using: &random),
          UpsamplingInput(side: 7, kernel: 3, stride: 1, padding: 1, using: &random),
          UpsamplingInput(side: 5, kernel: 2, stride: 3, padding: 0, using: &random),
        ]
      },
      when: { gan, inputs in
        try inputs.map {
          try gan.convTranspose2d($0.x, w: $0.w, b: $0.b, stride: $0.stride, padding: $0.padding).shape
        }
      },
      then: { (seen: [[Int]], inputs, _) in
        try requireCount(seen, inputs.count)
        for (index, side) in [14, 28, 7, 14].enumerated() {
          let input = inputs[index]
          let expected = [2, 2, side, side]
          if seen[index] != expected {
            let ignored = input.applied(stride: 1).shape
            throw Rejection(
              .wrongShape,
              "a side of \(input.x.shape[2]) with \(input.settings): expected shape \(expected), seen \(seen[index])."
                + (seen[index] == ignored ? " The stride is ignored: nothing is upsampled." : "")
                + " The side is (H − 1)·stride − 2·padding + k.")
          }
        }
      })
  }

  static var adjoint: Check<GAN> {
    Check(
      "it is the adjoint of the convolution", points: 1,
      given: { random in
        [(4, 2, 1, 8), (3, 1, 1, 6), (5, 3, 0, 11), (2, 2, 0, 6)].map { kernel, stride, padding, side in
          let image = Tensor.normal([2, 3, side, side], using: &random)
          let w = Tensor.normal([4, 3, kernel, kernel], using: &random)
          let y = Tensor.normal(image.conv2d(w, stride: stride, padding: padding).shape, using: &random)
          return AdjointInput(
            image: image,
            transposed: UpsamplingInput(x: y, w: w, b: nil, upstream: image, stride: stride, padding: padding))
        }
      },
      when: { gan, inputs in
        try inputs.map(\.transposed).map {
          try gan.convTranspose2d($0.x, w: $0.w, b: nil, stride: $0.stride, padding: $0.padding)
        }
      },
      then: { (seen: [Tensor], inputs, _) in
        try requireCount(seen, inputs.count)
        for (index, input) in inputs.enumerated() {
          let up = input.transposed
          try expectShape(seen[index], input.image.shape, "the output for \(up.settings)")
          let here = dot(input.image.conv2d(up.w, stride: up.stride, padding: up.padding), up.x)
          try expectClose(
            dot(input.image, seen[index]), here, "⟨x, convT(y)⟩ against ⟨conv(x), y⟩ for \(up.settings)",
            tolerance: Tolerance(absolute: 1e-3, relative: 1e-4))
        }
      })
  }

  // MARK: - Two players

  static var losses: Check<GAN> {
    Check(
      "the losses equal PyTorch's, for logits of any size", points: 1,
      given: { random in
        let goldens = try Goldens("GANTransposedConvImages")
        return [
          Logits(real: try goldens.tensor("real"), fake: try goldens.tensor("fake")),
          Logits(real: .normal([7, 1], using: &random), fake: .normal([7, 1], using: &random)),
        ]
      },
      when: { gan, inputs in
        try inputs.map { input in
          let (real, fake) = (input.real.tracked(), input.fake.tracked())
          let d = try gan.discriminatorLoss(real: real, fake: fake)
          let g = try gan.generatorLoss(fake: fake)
          return LossAnswer(
            d: d.detached(), g: g.detached(), dGradients: d.gradients(of: [real, fake]),
            gGradient: g.gradients(of: [fake])[0])
        }
      },
      then: { (seen: [LossAnswer], inputs, _) in
        try requireCount(seen, inputs.count)
        let goldens = try Goldens("GANTransposedConvImages")
        for (index, input) in inputs.enumerated() {
          let count = Float(input.fake.count)
          let (fakeChance, realChance) = (input.fake.sigmoid(), input.real.sigmoid())
          let d = (mean(of: softplus(-input.real)) + mean(of: softplus(input.fake))) / 2
          let g = mean(of: softplus(-input.fake))
          try requireCount(seen[index].dGradients, 2)
          try expectShape(seen[index].d, [], "the discriminator's loss")
          try expectShape(seen[index].g, [], "the generator's loss")
          try expectClose(
            Double(seen[index].d.scalar), index == 0 ? try goldens.number("dLoss") : d, "the discriminator's loss",
            tolerance: tolerance,
            suspects: [
              Suspect(2 * d, "The two halves weigh one half each."),
              Suspect(
                (mean(of: softplus(input.real)) + mean(of: softplus(-input.fake))) / 2, "Real and fake are exchanged."),
            ])
          try expectClose(
            seen[index].dGradients[0], (realChance - 1) / (2 * count), "the gradient of the real logits",
            tolerance: tolerance)
          try expectClose(
            seen[index].dGradients[1], fakeChance / (2 * count), "the gradient of the fake logits", tolerance: tolerance
          )
          try expectClose(
            Double(seen[index].g.scalar), index == 0 ? try goldens.number("gLoss") : g, "the generator's loss",
            tolerance: tolerance,
            suspects: [
              Suspect(
                -mean(of: softplus(input.fake)),
                "That is log(1 − σ(fake)), the form that saturates: where the discriminator is sure, its gradient vanishes."
              ),
              Suspect(
                mean(of: softplus(input.fake)), "The generator wants its fakes to be taken for real, not for fake."),
            ])
          try expectClose(
            seen[index].gGradient, (fakeChance - 1) / count, "the gradient of the generator's loss",
            tolerance: tolerance)
        }
      })
  }

  static var separatePlayers: Check<GAN> {
    Check(
      "each half changes only its own player, bit for bit", points: 2,
      given: { random in
        TurnInput(real: .uniform([8, 1, 28, 28], in: -1..<1, using: &random), seed: random.next())
      },
      when: { gan, input in
        // A player whose rate is 0 must come out as it went in.
        try [[1e-3, 1e-3], [0, 1e-3], [1e-3, 0]].map { (rates: [Float]) in
          var random = SeededRandom(seed: input.seed)
          let (g, d) = smallPlayers(using: &random)
          var optG = Adam(learningRate: rates[0])
          var optD = Adam(learningRate: rates[1])
          let before = [g, d].map { $0.parameters.map { $0.value.detached() } }
          let step = try gan.alternateStep(g: g, d: d, real: input.real, using: &random, optG: &optG, optD: &optD)
          return TurnAnswer(
            step: step, before: before, after: [g, d].map { $0.parameters.map { $0.value.detached() } })
        }
      },
      then: { (seen: [TurnAnswer], input, _) in
        try requireCount(seen, 3)
        for answer in seen {
          try requireCount(answer.before, 2)
          try requireCount(answer.after, 2)
        }
        let (both, onlyD, onlyG) = (seen[0], seen[1], seen[2])
        try expect(
          onlyG.after[1] == onlyG.before[1],
          "The discriminator's own optimizer had rate 0, and yet the discriminator changed: the generator's half moves it. "
            + "That is the document's gan.train_on_batch without freezing; the discriminator learns to accept fakes.")
        try expect(
          onlyD.after[0] == onlyD.before[0],
          "The generator's own optimizer had rate 0, and yet the generator changed: the discriminator's half moves it. "
            + "Detach the fakes, and give optD the discriminator's parameters alone.")
        try expect(
          both.after[1] == onlyD.after[1],
          "The discriminator came out differently when only the generator's rate was changed: the halves are not separate."
        )
        for (before, after) in zip(both.before.flatMap { $0 }, both.after.flatMap { $0 }) {
          try expect(
            before != after,
            "A parameter of shape \(before.shape) did not change in a turn of both: one half is missing."
          )
        }
        try expect(
          onlyD.after[1] != onlyD.before[1] && onlyG.after[0] != onlyG.before[0],
          "One player learns only when the other has a rate: each needs its own half.")
        // What the discriminator thought before it learned can be computed here; of the fakes only the range is known.
        var random = SeededRandom(seed: input.seed)
        let (_, d) = smallPlayers(using: &random)
        let thought = Double(d(input.real).sigmoid().mean().scalar)
        for answer in seen {
          try expectClose(
            answer.step.realProbability, thought, "the mean of σ(D(real)) before the update", tolerance: tolerance)
          try expect(
            (0...1).contains(answer.step.fakeProbability), "the mean of σ(D(fake)): \(answer.step.fakeProbability)")
          try expectFinite(answer.step.discriminatorLoss, "the discriminator's loss")
          try expectFinite(answer.step.generatorLoss, "the generator's loss")
        }
      })
  }

  static var everyPictureItsTurn: Check<GAN> {
    Check(
      "every real picture gets its turn", points: 1,
      given: { random in BatchInput(count: 320, size: 32, calls: 200, seed: random.next()) },
      when: { gan, input in
        var random = SeededRandom(seed: input.seed)
        return try (0..<input.calls).map { _ in try gan.nextBatch(of: input.count, size: input.size, using: &random) }
      },
      then: { (seen: [[Int]], input, _) in
        try requireCount(seen, input.calls)
        for batch in seen {
          guard batch.count == input.size, batch.allSatisfy({ (0..<input.count).contains($0) }) else {
            throw Rejection(
              .wrongShape,
              "expected \(input.size) indices in 0..<\(input.count), seen \(batch.count) from \(batch.min() ?? 0) to "
                + "\(batch.max() ?? 0)")
          }
        }
        try expect(
          Set(seen).count > 1,
          "All \(input.calls) batches are the same: like x_train[:batch_size], the discriminator sees "
            + "\(input.size) of \(input.count) pictures for ever.")
        var times = [Int](repeating: 0, count: input.count)
        for index in seen.joined() { times[index] += 1 }
        // 6,400 draws of 320 pictures, 20 each on average: a picture is drawn less than 3 or more than 50 times with a
        // probability below 1e-6; a shuffled pass gives exactly 20.
        let (fewest, most) = (times.min() ?? 0, times.max() ?? 0)
        try expect(
          fewest >= 3 && most <= 50,
          "in \(input.calls) batches one picture was drawn \(fewest) times and another \(most): all should be equally likely"
        )
      })
  }

  // MARK: - The pictures

  static var frechet: Check<GAN> {
    Check(
      "the Fréchet distance equals SciPy's", points: 2,
      given: { random in
        let k = 4
        var pairs = [try FeaturePair.golden()]
        let same = Matrix.normal(rows: 40, columns: 6, using: &random)
        pairs.append(FeaturePair(a: same, b: same))
        pairs.append(.diagonal(k, using: &random))
        // Few and many correlated samples, one set shifted.
        let mixA = Matrix.normal(rows: k, columns: k, using: &random)
        let mixB = Matrix.normal(rows: k, columns: k, using: &random)
        var shifted = Matrix.normal(rows: 9, columns: k, using: &random).times(mixA)
        for index in shifted.values.indices { shifted.values[index] += Double(index % k) }
        pairs.append(FeaturePair(a: shifted, b: Matrix.normal(rows: 200, columns: k, using: &random).times(mixB)))
        return pairs
      },
      when: { (gan, pairs: [FeaturePair]) in try pairs.map { try gan.frechetDistance($0.a, $0.b) } },
      then: { (seen: [Double], pairs: [FeaturePair], reference) in
        try requireCount(seen, pairs.count)
        let golden = try Goldens("GANTransposedConvImages").number("frechet")
        for (index, pair) in pairs.enumerated() {
          let parts = try FrechetParts(pair)
          let expected: Double =
            switch index {
            case 0: golden
            case 1: 0.0
            case 2: parts.diagonal
            default: try reference.frechetDistance(pair.a, pair.b)
            }
          let what = ["SciPy's sample", "two identical sets", "diagonal covariances", "two random sets"][index]
          try expectClose(
            seen[index], expected, "the Fréchet distance of \(what)",
            tolerance: Tolerance(absolute: index == 1 ? 1e-5 : 1e-6, relative: 1e-6),
            suspects: [
              Suspect(expected - parts.means + parts.means.squareRoot(), "‖μa − μb‖ is squared."),
              Suspect(expected - parts.means, "The means are missing."),
              Suspect(parts.means + parts.traces, "The term −2(ΣaΣb)^½ is missing: this is not 0 for identical sets."),
              Suspect(
                parts.means + (parts.traces + expected - parts.means) / 2,
                "The root of ΣaΣb is subtracted twice, not once."),
              Suspect(
                parts.means + parts.traces - 2 * parts.productOfRoots,
                "tr(Σa^½ Σb^½) is not tr((ΣaΣb)^½): the two covariances do not commute."),
              Suspect(
                parts.biased(expected), "These are the covariances with division by n; unbiased ones divide by n − 1."),
            ])
        }
      })
  }

  static var paints: Check<GAN> {
    Check(
      "after 400 turns it paints three kinds of clothes", points: 2, limits: .training,
      givenWithHidden: { random in
        let kinds = try ThreeKinds()
        return (PaintingInput(pixels: Data(kinds.train.pixels), seed: random.next()), kinds)
      },
      when: { gan, input in try input.paint(gan) },
      then: { (seen: PaintingAnswer, _, kinds, reference) in
        guard seen.pixels.count == 1_000 * 784 else {
          throw Rejection(.wrongShape, "expected 1,000 pictures of 784 pixels, seen \(seen.pixels.count) pixels")
        }
        let judge = try PictureJudge(kinds)
        let pictures = Tensor(seen.pixels.map { Float($0) / 127.5 - 1 }, shape: [1_000, 1, 28, 28])
        let verdict = try judge.verdict(on: pictures, by: reference)
        let hint =
          "In the last turns D(real) was \(number(seen.realProbability)) and D(fake) \(number(seen.fakeProbability))."
          + (seen.fakeProbability > 0.9
            ? " A discriminator that takes everything for real was trained to: freeze it in the generator's half." : "")
        // The reference after 400 turns, seven seeds: distance 29.7–57.3, shares 24–34 % trousers, 8.7–15 % sneakers,
        // 51–67 % bags (a blurred shoe looks like a bag to the judge). Gaussian pixel by pixel: 279, all of it bags;
        // unfrozen discriminator: 425–430; no stride: 153–377. 97 is 0.35 of the Gaussian's distance.
        try expectAtMost(verdict.distance, 97, "Fréchet distance from held-out pictures", hint: hint)
        for (share, kind) in zip(verdict.shares, ["trousers", "sneakers", "bags"]) {
          try expectAtLeast(
            share, 0.03, "the share of \(kind) in 1,000 pictures",
            hint: "A generator that leaves out a kind has collapsed. \(hint)")
        }
      })
  }

  static var badInput: Check<GAN> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "a transposed convolution whose output would have a side of 0": {
          _ = try $0.convTranspose2d(.ones([1, 1, 1, 1]), w: .ones([1, 1, 2, 2]), b: nil, stride: 1, padding: 1)
        },
        "a transposed convolution whose output would have a side of −1": {
          _ = try $0.convTranspose2d(.ones([1, 1, 1, 1]), w: .ones([1, 1, 3, 3]), b: nil, stride: 1, padding: 2)
        },
        "three channels and kernels for two": {
          _ = try $0.convTranspose2d(.ones([1, 3, 4, 4]), w: .ones([2, 1, 4, 4]), b: nil, stride: 2, padding: 1)
        },
        "6 samples of 6 features": {
          _ = try $0.frechetDistance(
            Matrix(repeating: 1, rows: 6, columns: 6), Matrix(repeating: 1, rows: 20, columns: 6))
        },
        "sets of 2 and 3 features": {
          _ = try $0.frechetDistance(
            Matrix(repeating: 1, rows: 9, columns: 2), Matrix(repeating: 1, rows: 9, columns: 3))
        },
        "real pictures with pixels up to 255": { try turn($0, real: Tensor(repeating: 255, shape: [2, 1, 28, 28])) },
        "real pictures with a pixel of −1.5": { gan in
          var real = Tensor.zeros([2, 1, 28, 28])
          real[1, 0, 3, 3] = -1.5
          try turn(gan, real: real)
        },
        "a batch of no picture": { gan in
          var random = SeededRandom(seed: 1)
          _ = try gan.nextBatch(of: 0, size: 4, using: &random)
        },
        "a loss of no logit": { _ = try $0.generatorLoss(fake: .zeros([0, 1])) },
      ])
  }
}

// MARK: - What a mistake would have answered

private func requireCount<Element>(_ seen: [Element], _ count: Int) throws {
  if seen.count != count { throw Rejection(.wrongShape, "expected \(count) answers, seen \(seen.count)") }
}

/// Kernels turned by 180°.
private func turned(_ w: Tensor) -> Tensor {
  let area = w.shape[2] * w.shape[3]
  let scalars = w.scalars
  return Tensor(
    (0..<scalars.count).map { scalars[$0 / area * area + area - 1 - $0 % area] }, shape: w.shape)
}

private func dot(_ a: Tensor, _ b: Tensor) -> Double {
  var sum = 0.0
  for (x, y) in zip(a.scalars, b.scalars) { sum += Double(x) * Double(y) }
  return sum
}

private func softplus(_ x: Tensor) -> Tensor { x.softplus() }

private func mean(of x: Tensor) -> Double { x.scalars.reduce(0) { $0 + Double($1) } / Double(x.count) }

/// Two players small enough to be called often.
private func smallPlayers(using random: inout SeededRandom) -> (g: Sequential, d: Sequential) {
  (
    Sequential(
      Dense(100, 784, using: &random), Activation.tanh, Activation { $0.reshaped([$0.shape[0], 1, 28, 28]) }),
    Sequential(
      Conv2D(1, 3, kernel: 4, stride: 2, padding: 1, using: &random), Activation.leakyRelu(0.2), Activation.flatten,
      Dense(3 * 196, 1, using: &random))
  )
}

private func turn(_ gan: any GANTransposedConvImagesExercise, real: Tensor) throws {
  var random = SeededRandom(seed: 1)
  let (g, d) = smallPlayers(using: &random)
  var optG = Adam()
  var optD = Adam()
  _ = try gan.alternateStep(g: g, d: d, real: real, using: &random, optG: &optG, optD: &optD)
}

/// The terms of the distance, for naming mistakes.
private struct FrechetParts {
  var means = 0.0
  var traces = 0.0
  var productOfRoots = 0.0
  var diagonal = 0.0
  private let countA: Double
  private let countB: Double

  init(_ pair: FeaturePair) throws {
    let (a, b) = (Self.moments(pair.a), Self.moments(pair.b))
    (countA, countB) = (Double(pair.a.rows), Double(pair.b.rows))
    for (x, y) in zip(a.mean, b.mean) { means += (x - y) * (x - y) }
    diagonal = means
    let rootA = try SymmetricEigen(of: a.covariance).mapped { max($0, 0).squareRoot() }
    let rootB = try SymmetricEigen(of: b.covariance).mapped { max($0, 0).squareRoot() }
    let product = rootA.times(rootB)
    for i in 0..<pair.a.columns {
      let (x, y) = (a.covariance[i, i], b.covariance[i, i])
      traces += x + y
      productOfRoots += product[i, i]
      diagonal += (x.squareRoot() - y.squareRoot()) * (x.squareRoot() - y.squareRoot())
    }
    traceA = (0..<pair.a.columns).reduce(0) { $0 + a.covariance[$1, $1] }
  }

  private var traceA = 0.0

  /// The distance when both covariances are divided by n.
  func biased(_ expected: Double) -> Double {
    let (shrinkA, shrinkB) = ((countA - 1) / countA, (countB - 1) / countB)
    let root = (means + traces - expected) / 2
    return means + traceA * shrinkA + (traces - traceA) * shrinkB - 2 * root * (shrinkA * shrinkB).squareRoot()
  }

  private static func moments(_ samples: Matrix) -> (mean: [Double], covariance: Matrix) {
    let (n, k) = (samples.rows, samples.columns)
    let mean = (0..<k).map { column in (0..<n).reduce(0) { $0 + samples[$1, column] } / Double(n) }
    var centred = samples
    for row in 0..<n {
      for column in 0..<k { centred[row, column] -= mean[column] }
    }
    var covariance = centred.transposed().times(centred)
    for index in 0..<k * k { covariance.values[index] /= Double(n - 1) }
    return (mean, covariance)
  }
}

// MARK: - What crosses between the processes

private struct UpsamplingInput: Codable {
  var x: Tensor
  var w: Tensor
  var b: Tensor?
  var upstream: Tensor
  var stride: Int
  var padding: Int
  /// The golden's prefix; nil for a fresh input.
  var golden: String?

  var settings: String {
    "k = \(w.shape[2]), stride = \(stride), padding = \(padding)\(b == nil ? ", no bias" : "")"
  }

  init(x: Tensor, w: Tensor, b: Tensor?, upstream: Tensor, stride: Int, padding: Int, golden: String? = nil) {
    (self.x, self.w, self.b, self.upstream) = (x, w, b, upstream)
    (self.stride, self.padding, self.golden) = (stride, padding, golden)
  }

  init(side: Int, kernel: Int, stride: Int, padding: Int, using random: inout SeededRandom) {
    let x = Tensor.normal([2, 3, side, side], using: &random)
    let w = Tensor.normal([3, 2, kernel, kernel], using: &random)
    let shape = x.convTranspose2d(w, stride: stride, padding: padding).shape
    self.init(
      x: x, w: w, b: .normal([2], using: &random), upstream: .normal(shape, using: &random), stride: stride,
      padding: padding)
  }

  static func goldens() throws -> [UpsamplingInput] {
    let goldens = try Goldens("GANTransposedConvImages")
    return try [(4, 2, 1), (3, 1, 1), (5, 3, 0)].map { kernel, stride, padding in
      let name = "k\(kernel)s\(stride)p\(padding)_"
      return UpsamplingInput(
        x: try goldens.tensor(name + "x"), w: try goldens.tensor(name + "w"), b: try goldens.tensor(name + "b"),
        upstream: try goldens.tensor(name + "upstream"), stride: stride, padding: padding, golden: name)
    }
  }

  static func random(using random: inout SeededRandom) -> UpsamplingInput {
    UpsamplingInput(side: 3 + random.below(4), kernel: 3, stride: 2, padding: random.below(2), using: &random)
  }

  /// The golden, or for a fresh input the engine's own layer and its gradients.
  func expected(_ part: String) throws -> Tensor {
    if let golden { return try Goldens("GANTransposedConvImages").tensor(golden + part) }
    let leaves = [x.tracked(), w.tracked(), (b ?? .zeros([w.shape[1]])).tracked()]
    let y = leaves[0].convTranspose2d(leaves[1], bias: leaves[2], stride: stride, padding: padding)
    switch part {
    case "dx": return y.gradients(of: leaves, upstream: upstream)[0]
    case "dw": return y.gradients(of: leaves, upstream: upstream)[1]
    case "db": return y.gradients(of: leaves, upstream: upstream)[2]
    default: return y.detached()
    }
  }

  func applied(kernels: Tensor) -> Tensor { x.convTranspose2d(kernels, bias: b, stride: stride, padding: padding) }
  func applied(bias: Tensor?) -> Tensor { x.convTranspose2d(w, bias: bias, stride: stride, padding: padding) }
  func applied(stride: Int) -> Tensor { x.convTranspose2d(w, bias: b, stride: stride, padding: padding) }

  /// What comes out when a later stamp replaces an earlier one: the sum over channels is right, over places it is not.
  func overwritten() -> Tensor {
    let shape = applied(bias: nil).shape
    let (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let (filters, kernel) = (w.shape[1], w.shape[2])
    var y = Tensor.zeros(shape)
    for n in 0..<batch {
      for i in 0..<height {
        for j in 0..<width {
          for o in 0..<filters {
            for u in 0..<kernel {
              for v in 0..<kernel {
                let (row, column) = (i * stride + u - padding, j * stride + v - padding)
                guard row >= 0, row < shape[2], column >= 0, column < shape[3] else { continue }
                y[n, o, row, column] = (0..<channels).reduce(Float(0)) { $0 + x[n, $1, i, j] * w[$1, o, u, v] }
              }
            }
          }
        }
      }
    }
    return b.map { y + $0.reshaped([filters, 1, 1]) } ?? y
  }
}

private struct AdjointInput: Codable {
  var image: Tensor
  var transposed: UpsamplingInput
}

private struct Logits: Codable {
  var real: Tensor
  var fake: Tensor
}

private struct LossAnswer: Codable {
  var d: Tensor
  var g: Tensor
  var dGradients: [Tensor]
  var gGradient: Tensor
}

private struct TurnInput: Codable {
  var real: Tensor
  var seed: UInt64
}

private struct TurnAnswer: Codable {
  var step: GANStep
  var before: [[Tensor]]
  var after: [[Tensor]]
}

private struct BatchInput: Codable {
  var count: Int
  var size: Int
  var calls: Int
  var seed: UInt64
}

private struct FeaturePair: Codable {
  var a: Matrix
  var b: Matrix

  static func golden() throws -> FeaturePair {
    let goldens = try Goldens("GANTransposedConvImages")
    func matrix(_ key: String, rows: Int) throws -> Matrix {
      Matrix(rows: rows, columns: 6, values: try goldens.numbers(key))
    }
    return FeaturePair(a: try matrix("features_a", rows: 60), b: try matrix("features_b", rows: 45))
  }

  /// Samples whose covariances are exactly diagonal: every feature is varied by itself, up and down.
  static func diagonal(_ k: Int, using random: inout SeededRandom) -> FeaturePair {
    func axes() -> Matrix {
      let centre = (0..<k).map { _ in random.normal() }
      var samples = Matrix(rows: 2 * k, columns: k, values: (0..<2 * k).flatMap { _ in centre })
      for axis in 0..<k {
        let reach = random.uniform(in: 0.5..<3)
        samples[2 * axis, axis] += reach
        samples[2 * axis + 1, axis] -= reach
      }
      return samples
    }
    return FeaturePair(a: axes(), b: axes())
  }
}

private struct PaintingInput: Codable {
  var pixels: Data
  var seed: UInt64

  /// 400 turns in batches of 32, then 1,000 pictures as bytes.
  func paint(_ gan: any GANTransposedConvImagesExercise) throws -> PaintingAnswer {
    var random = SeededRandom(seed: seed)
    var players = PicturePlayers(gan, channels: 16, using: &random)
    let count = pixels.count / 784
    let real = LabelledImages(
      height: 28, width: 28, pixels: [UInt8](pixels), labels: [Int](repeating: 0, count: count))
    var steps: [GANStep] = []
    for _ in 0..<400 {
      let batch = try gan.nextBatch(of: count, size: 32, using: &random)
      guard batch.count > 0, batch.allSatisfy({ (0..<count).contains($0) }) else {
        throw BadInput("nextBatch: expected indices in 0..<\(count), seen \(batch)")
      }
      steps.append(try players.step(gan, real: ThreeKinds.scaled(real, batch), using: &random))
    }
    let painted = try players.paint(1_000, using: &random).scalars.map { value in
      value.isNaN ? 0 : UInt8(min(max((value + 1) * 127.5, 0), 255))
    }
    return PaintingAnswer(
      pixels: Data(painted), realProbability: steps.suffix(50).reduce(0) { $0 + $1.realProbability } / 50,
      fakeProbability: steps.suffix(50).reduce(0) { $0 + $1.fakeProbability } / 50)
  }
}

private struct PaintingAnswer: Codable {
  var pixels: Data
  var realProbability: Double
  var fakeProbability: Double
}
