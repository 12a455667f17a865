import Charts
import Contracts
import Datasets
import Foundation
import Harness
import Learning
import Tensors

enum MNISTCNNFromScratchDemo {
  static var demo: Demo<any MNISTCNNFromScratchExercise> {
    Demo { cnn, context in
      let digits = try Run(
        of: cnn, on: try Datasets.mnist(), named: LocalizedText(en: "digits", zh: "数字"), progress: 0..<0.5, context)
      let clothes = try Run(
        of: cnn, on: try Datasets.fashion(), named: LocalizedText(en: "clothes", zh: "服装"), progress: 0.5..<1, context)
      return DemoReport(
        metrics: ["digits accuracy": digits.accuracy, "clothes accuracy": clothes.accuracy],
        baseline: ["digits accuracy": digits.baseline, "clothes accuracy": clothes.baseline],
        report: report(digits, clothes))
    }
  }

  private static let epochs = 6

  private static func report(_ digits: Run, _ clothes: Run) -> Report {
    Report(
      title: LocalizedText(en: "A CNN by hand reads digits and clothes", zh: "手写 CNN 识别数字与服装"),
      blocks: [
        .text(
          LocalizedText(
            en: """
              The document's network: 32 filters of 3×3, 2×2 maxima, 128 hidden units, \(grouped(digits.model.parameterCount)) \
              parameters. 3,600 pictures to learn from, 400 to choose the epoch by, and 1,000 that are looked at once, at the \
              end. Adam 1e-3, batches of 32, \(epochs) epochs.
              """,
            zh: """
              文档中的网络：32 个 3×3 滤波器、2×2 最大池化、128 个隐藏单元，共 \(grouped(digits.model.parameterCount)) 个参数。\
              3,600 张图用于训练，400 张用于选择轮数，另有 1,000 张只在最后看一次。Adam 1e-3，批大小 32，训练 \(epochs) 轮。
              """)),
        .table(
          Table(
            caption: LocalizedText(en: "Accuracy on 1,000 held-out pictures", zh: "1,000 张留出图片上的准确率"),
            columns: [
              LocalizedText(en: "model", zh: "模型"), LocalizedText(en: "digits", zh: "数字"),
              LocalizedText(en: "clothes", zh: "服装"),
            ],
            rows: [
              [
                LocalizedText(en: "CNN by hand", zh: "手写 CNN"), LocalizedText(percent(digits.accuracy)),
                LocalizedText(percent(clothes.accuracy)),
              ],
              [
                LocalizedText(en: "softmax regression on the pixels", zh: "像素上的 softmax 回归"),
                LocalizedText(percent(digits.baseline)), LocalizedText(percent(clothes.baseline)),
              ],
            ], highlightedRow: 0)),
        .table(epochTable(digits, clothes)),
        .text(
          LocalizedText(
            en: """
              The marked epoch was chosen on the validation pictures. Choosing it on the test pictures, as \
              validation_data=(x_test, y_test) invites one to do, would have reported \(percent(digits.bestTest)) for digits and \
              \(percent(clothes.bestTest)) for clothes: the largest of \(epochs) numbers is not an estimate of the next one.
              """,
            zh: """
              标记的轮次是用验证集选出的。若像 validation_data=(x_test, y_test) 那样用测试集来选，就会报告数字 \
              \(percent(digits.bestTest))、服装 \(percent(clothes.bestTest))：\(epochs) 个数中的最大值并不是对下一次的估计。
              """)),
        .chart(
          .history(
            title: LocalizedText(en: "Training loss, mean of 10 batches", zh: "训练损失（每 10 批平均）"),
            curves: [
              (LocalizedText(en: "digits", zh: "数字"), tenfold(digits.losses)),
              (LocalizedText(en: "clothes", zh: "服装"), tenfold(clothes.losses)),
            ], xLabel: LocalizedText(en: "tens of batches", zh: "批次（×10）"))),
        .chart(
          .confusion(
            title: LocalizedText(en: "Digits: truth in rows, answers in columns", zh: "数字：行为真值，列为预测"),
            counts: digits.confusion, classes: digits.classNames.map { LocalizedText($0) })),
        .chart(
          .confusion(
            title: LocalizedText(en: "Clothes: shirts are the hard ones", zh: "服装：衬衫最难分"),
            counts: clothes.confusion, classes: clothes.classNames.map { LocalizedText($0) })),
        .chart(
          .pictures(
            title: LocalizedText(
              en: "The 32 filters learned from digits: most are edges of one direction",
              zh: "从数字学到的 32 个滤波器：多为某一方向的边缘"), digits.filters, columns: 16)),
        .chart(
          .pictures(
            title: LocalizedText(en: "Digits that were misread: truth → answer", zh: "读错的数字：真值 → 预测"),
            digits.misread, columns: 8)),
      ])
  }

  private static func epochTable(_ digits: Run, _ clothes: Run) -> Table {
    Table(
      caption: LocalizedText(
        en: "Accuracy after each epoch; * marks the epoch chosen on the validation pictures",
        zh: "每轮后的准确率；* 为按验证集选出的轮次"),
      columns: [
        LocalizedText(en: "epoch", zh: "轮次"), LocalizedText(en: "digits, validation", zh: "数字，验证"),
        LocalizedText(en: "digits, test", zh: "数字，测试"), LocalizedText(en: "clothes, validation", zh: "服装，验证"),
        LocalizedText(en: "clothes, test", zh: "服装，测试"),
      ],
      rows: (0..<epochs).map { epoch in
        [
          LocalizedText("\(epoch + 1)"),
          LocalizedText(percent(digits.validation[epoch]) + (digits.chosen == epoch ? " *" : "")),
          LocalizedText(percent(digits.test[epoch])),
          LocalizedText(percent(clothes.validation[epoch]) + (clothes.chosen == epoch ? " *" : "")),
          LocalizedText(percent(clothes.test[epoch])),
        ]
      })
  }

  private static func tenfold(_ losses: [Double]) -> [Double] {
    stride(from: 0, to: losses.count, by: 10).map { start in
      let part = losses[start..<min(start + 10, losses.count)]
      return part.reduce(0, +) / Double(part.count)
    }
  }

  private static func grouped(_ number: Int) -> String {
    number < 1_000 ? "\(number)" : grouped(number / 1_000) + String(format: ",%03d", number % 1_000)
  }

  /// One training run with everything that is shown of it.
  private struct Run {
    var model: SmallCNN
    var losses: [Double] = []
    var validation: [Double] = []
    var test: [Double] = []
    var chosen = 0
    var baseline: Double
    var confusion: [[Int]] = []
    var misread: [Chart.Picture] = []
    let classNames: [String]

    var accuracy: Double { test[chosen] }
    var bestTest: Double { test.max() ?? 0 }

    init(
      of cnn: any MNISTCNNFromScratchExercise, on set: ImageDataset, named name: LocalizedText, progress: Range<Double>,
      _ context: DemoContext
    ) throws {
      classNames = set.classNames
      var random = context.random(name.en)
      let order = random.permutation(of: set.train.count)
      let training = set.train.selecting(Array(order[..<3_600]))
      let validating = set.train.selecting(Array(order[3_600..<4_000]))
      let testing = set.test.selecting(Array(0..<1_000))
      model = .random(filters: 32, hidden: 128, using: &random)

      let linear = SoftmaxRegression(
        training: Pictures(pixels: Data(training.pixels), labels: training.labels), using: &random)
      baseline = try Metrics.accuracy(
        testing.labels, predicted: linear.predict(Pictures(pixels: Data(testing.pixels), labels: testing.labels)))

      var adam = Adam(learningRate: 1e-3)
      var best: (accuracy: Double, model: SmallCNN, answers: [Int]) = (-1, model, [])
      for epoch in 0..<epochs {
        let order = random.permutation(of: training.count)
        for start in stride(from: 0, to: order.count, by: 32) {
          let batch = Array(order[start..<min(start + 32, order.count)])
          let x = training.images(at: batch).reshaped([batch.count, 28, 28, 1])
          losses.append(Double(try cnn.trainStep(&model, x, batch.map { training.labels[$0] }, &adam)))
          let done = (Double(epoch) + Double(start) / Double(order.count)) / Double(epochs)
          context.progress(
            ProgressUpdate(
              name.en, fraction: progress.lowerBound + done * (progress.upperBound - progress.lowerBound),
              details: String(format: "epoch %d  loss %.3f", epoch + 1, losses.last ?? 0)))
        }
        validation.append(
          try Metrics.accuracy(validating.labels, predicted: Self.answers(cnn, model, validating)))
        let answers = try Self.answers(cnn, model, testing)
        test.append(try Metrics.accuracy(testing.labels, predicted: answers))
        if validation[epoch] > best.accuracy {
          best = (validation[epoch], model, answers)
          chosen = epoch
        }
      }
      model = best.model
      confusion = try Metrics.confusionMatrix(testing.labels, predicted: best.answers, classes: 10)
      for (index, (truth, answer)) in zip(testing.labels, best.answers).enumerated()
      where truth != answer && misread.count < 16 {
        misread.append(
          Chart.Picture(
            width: 28, height: 28, pixels: testing.images(at: [index]).scalars,
            caption: LocalizedText("\(set.classNames[truth]) → \(set.classNames[answer])")))
      }
    }

    /// Each filter scaled to black … white by its largest weight.
    var filters: [Chart.Picture] {
      let count = model.convBias.count
      let weights = model.convWeight.scalars
      return (0..<count).map { f in
        let taps = (0..<9).map { weights[$0 * count + f] }
        let largest = max(taps.map(\.magnitude).max() ?? 1, 1e-6)
        return Chart.Picture(width: 3, height: 3, pixels: taps.map { 0.5 + 0.5 * $0 / largest })
      }
    }

    private static func answers(
      _ cnn: any MNISTCNNFromScratchExercise, _ model: SmallCNN, _ pictures: LabelledImages
    ) throws -> [Int] {
      var answers: [Int] = []
      for start in stride(from: 0, to: pictures.count, by: 100) {
        let batch = Array(start..<min(start + 100, pictures.count))
        answers += try cnn.logits(model, pictures.images(at: batch).reshaped([batch.count, 28, 28, 1])).argmax()
      }
      return answers
    }
  }
}
