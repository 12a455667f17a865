import EngineTestSupport
import Learning
import Tensors
import Testing

@Suite("ARIMA111")
struct ARIMA111Tests {
  static let cases = ["n500", "negative", "short", "long memory", "near root"]

  @Test("the exact likelihood at given weights agrees with statsmodels'", arguments: cases)
  func likelihood(name: String) throws {
    let goldens = try classicGoldens()
    let series = try goldens.numbers("arima \(name)/series")
    let weights = try goldens.matrix("arima \(name)/weights")
    let values = try (0..<weights.rows).map {
      try ARIMA111.logLikelihood(of: series, phi: weights[$0, 0], theta: weights[$0, 1])
    }
    #expect(largestDifference(values, try goldens.numbers("arima \(name)/likelihoods")) < 1e-9)
  }

  @Test("the fit agrees with statsmodels': parameters to 1e-3, log-likelihood to 1e-4", arguments: cases)
  func fit(name: String) throws {
    let goldens = try classicGoldens()
    let fit = try ARIMA111().fit(goldens.numbers("arima \(name)/series"))
    for key in ["fit", "level fit"] {
      let expected = try goldens.numbers("arima \(name)/\(key)")
      #expect(largestDifference([fit.phi, fit.theta, fit.variance], Array(expected[..<3])) < 1e-3, "\(key)")
      #expect(abs(fit.logLikelihood - expected[3]) < 1e-4, "\(key)")
    }
    // Never below what the peer found.
    #expect(fit.logLikelihood > (try goldens.numbers("arima \(name)/fit"))[3] - 1e-6)
  }

  @Test("forecasts and their standard errors agree with statsmodels'", arguments: cases)
  func forecast(name: String) throws {
    let goldens = try classicGoldens()
    let forecast = try ARIMA111().fit(goldens.numbers("arima \(name)/series")).forecast(5)
    #expect(largestDifference(forecast.values, try goldens.numbers("arima \(name)/forecast")) < 2e-3)
    #expect(largestDifference(forecast.standardErrors, try goldens.numbers("arima \(name)/errors")) < 2e-3)
  }

  @Test("white noise around a line of slope 0, and a series of any size, are fitted")
  func scales() throws {
    let series = ClassicWorkload.arimaSeries()
    let fit = try ARIMA111().fit(series)
    let large = try ARIMA111().fit(series.map { $0 * 1e9 + 5e12 })
    #expect(abs(fit.phi - large.phi) < 1e-4 && abs(fit.theta - large.theta) < 1e-4)
    #expect(abs(large.variance / fit.variance / 1e18 - 1) < 1e-4)
    var random = SeededRandom(seed: 8)
    let noise = try ARIMA111().fit((0..<200).map { _ in random.normal() })
    #expect(noise.theta < -0.9 && noise.logLikelihood.isFinite)
  }

  @Test("a short series, constant steps and NaN throw")
  func badInput() {
    #expect(throws: LearnerError.tooFewExamples(needed: 5, found: 4)) { try ARIMA111().fit([1, 2, 4, 3]) }
    #expect(throws: LearnerError.withoutVariance) { try ARIMA111().fit([1, 2, 3, 4, 5, 6]) }
    #expect(throws: LearnerError.withoutVariance) { try ARIMA111().fit([Double](repeating: 3, count: 9)) }
    #expect(throws: LearnerError.notFinite(row: 2, column: 0)) { try ARIMA111().fit([1, 2, .nan, 4, 5]) }
    #expect(throws: LearnerError.tooFewExamples(needed: 2, found: 1)) {
      try ARIMA111.logLikelihood(of: [1], phi: 0, theta: 0)
    }
  }
}
