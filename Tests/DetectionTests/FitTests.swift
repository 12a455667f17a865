import Behavior
import Detection
import Foundation
import Tensors
import Testing

@Suite("Fitting a detector")
struct FitTests {
  @Test("the detector finds labelled anomalies of users and times that nothing was fitted to")
  func accuracy() throws {
    let result = try Fixture.shared.get().labelled
    let evaluation = try #require(result.evaluation)
    let detector = try #require(evaluation.rows.first { $0.method == .detector })
    let counts = try #require(evaluation.rows.first { $0.method == .counts })
    print(evaluation.rows.map { "\($0.method) \($0.overall)" }.joined(separator: "\n"))
    #expect(detector.overall.value > counts.overall.value + 0.1)
    #expect(detector.overall.low <= detector.overall.value && detector.overall.value <= detector.overall.high)
  }
}
