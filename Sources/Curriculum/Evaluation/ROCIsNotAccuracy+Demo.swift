import Charts
import Tensors

enum ROCIsNotAccuracyDemo {
  static let demo = Demo<any ROCIsNotAccuracyExercise> { _, _ in
    DemoReport(metrics: [:], baseline: [:], report: Report(title: LocalizedText("ROC")))
  }
}
