import Charts
import Learning
import Tensors

enum MNISTCNNFromScratchDemo {
  static let demo = Demo<any MNISTCNNFromScratchExercise> { cnn, context in
    DemoReport(metrics: [:], baseline: [:], report: Report(title: LocalizedText("CNN")))
  }
}
