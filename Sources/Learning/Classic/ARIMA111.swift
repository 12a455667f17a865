import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// ARIMA(1,1,1) by maximum likelihood: the steps yₜ = xₜ − xₜ₋₁ follow yₜ = φ·yₜ₋₁ + εₜ + θ·εₜ₋₁ with ε ~ N(0, σ²).
///
/// There is no constant, as in statsmodels' `ARIMA(order=(1, 1, 1))`. The likelihood is the exact Gaussian one of the
/// steps: |φ| < 1 gives the first step its stationary distribution, and a Kalman filter gives each next one its
/// prediction. σ² is solved for; φ and θ are found by a quasi-Newton method with the exact gradient, from the best of a
/// grid of starts, so that no random number is drawn.
///
///     let fit = try ARIMA111().fit(series)
///     fit.phi; fit.theta; fit.variance; fit.logLikelihood
///
/// O(n) time an evaluation, about 60 evaluations; O(n) space.
///
/// Sources: Harvey, "Forecasting, structural time series models and the Kalman filter" (1989), §3.3; Gardner, Harvey &
/// Phillips, "Algorithm AS 154", Applied Statistics 29 (1980).
public struct ARIMA111: ClassicLearner {
  /// A learner without settings.
  public init() {}

  /// The model that makes the series most likely.
  public struct Fitted: Sendable, Equatable {
    /// The weight φ of the step before, in (−1, 1).
    public let phi: Double

    /// The weight θ of the shock before, in (−1, 1).
    public let theta: Double

    /// The variance σ² of the shocks.
    public let variance: Double

    /// ln p(y₁ … yₙ₋₁ | φ, θ, σ²) of the series' n − 1 steps.
    public let logLikelihood: Double

    /// How often the likelihood was evaluated.
    public let evaluations: Int

    private let lastValue: Double
    private let nextStep: Double

    fileprivate init(_ series: [Double], phi: Double, theta: Double, evaluations: Int) {
      let steps = differences(series)
      let filter = StepFilter(steps, phi: phi, theta: theta)
      self.phi = phi
      self.theta = theta
      self.evaluations = evaluations
      variance = filter.variance
      logLikelihood = filter.logLikelihood
      lastValue = series[series.count - 1]
      nextStep = filter.nextStep
    }

    /// The expected next values of the series, and the standard errors of these forecasts.
    ///
    /// - Parameter count: how many values.
    /// - Returns: `[count]` each.
    public func forecast(_ count: Int) -> (values: [Double], standardErrors: [Double]) {
      var (values, errors): ([Double], [Double]) = ([], [])
      var (value, step, squares) = (lastValue, nextStep, 0.0)
      // A shock moves the value h steps later by 1 + ψ₁ + … + ψₕ, with ψⱼ = (φ + θ)·φʲ⁻¹.
      var (weight, share) = (1.0, phi + theta)
      for _ in 0..<count {
        value += step
        step *= phi
        squares += weight * weight
        weight += share
        share *= phi
        values.append(value)
        errors.append((variance * squares).squareRoot())
      }
      return (values, errors)
    }
  }

  /// Fits by maximum likelihood.
  ///
  /// - Parameters:
  ///   - series: the values in the order of time, `[n]`, n ≥ 5.
  ///   - random: is not drawn from.
  /// - Returns: the model that makes the series most likely.
  /// - Throws: `LearnerError` where the series is too short, not finite, or has constant steps.
  public func fit(_ series: [Double], using random: inout SeededRandom) throws -> Fitted { try fit(series) }

  /// Fits by maximum likelihood.
  ///
  /// - Parameter series: the values in the order of time, `[n]`, n ≥ 5.
  /// - Returns: the model that makes the series most likely.
  /// - Throws: `LearnerError` where the series is too short, not finite, or has constant steps.
  public func fit(_ series: [Double]) throws -> Fitted {
    if series.count < 5 { throw LearnerError.tooFewExamples(needed: 5, found: series.count) }
    if let row = series.firstIndex(where: { !$0.isFinite }) { throw LearnerError.notFinite(row: row, column: 0) }
    let steps = differences(series)
    if steps.allSatisfy({ $0 == steps[0] }) { throw LearnerError.withoutVariance }
    // A likelihood of φ and θ can have several maxima, and is flat along φ = −θ: look everywhere first.
    var start = (phi: 0.0, theta: 0.0, value: Double.infinity)
    for phi in [-0.8, -0.4, 0.05, 0.4, 0.8] {
      for theta in [-0.8, -0.4, 0.0, 0.4, 0.8] {
        let value = -StepFilter(steps, phi: phi, theta: theta).logLikelihood
        if value < start.value { start = (phi, theta, value) }
      }
    }
    let count = Double(steps.count)
    let minimum = quasiNewtonMinimum(from: [unbounded(start.phi), unbounded(start.theta)]) { point in
      let (phi, theta) = (bounded(point[0]), bounded(point[1]))
      let filter = StepFilter(steps, phi: phi, theta: theta)
      return (
        -filter.logLikelihood / count,
        [-filter.gradient.phi * slope(point[0]) / count, -filter.gradient.theta * slope(point[1]) / count]
      )
    }
    return Fitted(
      series, phi: bounded(minimum.point[0]), theta: bounded(minimum.point[1]), evaluations: minimum.evaluations + 25)
  }

  /// The exact log-likelihood of a series at given weights, with the variance that makes it largest.
  ///
  /// - Parameters:
  ///   - series: the values in the order of time, `[n]`, n ≥ 2.
  ///   - phi: φ, in (−1, 1).
  ///   - theta: θ, in [−1, 1].
  /// - Returns: ln p(steps | φ, θ, σ²) at the best σ².
  /// - Throws: `LearnerError` where the series is too short or not finite.
  /// - Precondition: φ and θ are in their ranges.
  public static func logLikelihood(of series: [Double], phi: Double, theta: Double) throws -> Double {
    precondition(abs(phi) < 1 && abs(theta) <= 1, "ARIMA111: φ = \(phi) or θ = \(theta) is out of range")
    if series.count < 2 { throw LearnerError.tooFewExamples(needed: 2, found: series.count) }
    if let row = series.firstIndex(where: { !$0.isFinite }) { throw LearnerError.notFinite(row: row, column: 0) }
    return StepFilter(differences(series), phi: phi, theta: theta).logLikelihood
  }
}

private func differences(_ series: [Double]) -> [Double] { (1..<series.count).map { series[$0] - series[$0 - 1] } }

// The optimiser walks on the whole line: weight = u / √(1 + u²) is in (−1, 1), as in statsmodels.
private func bounded(_ u: Double) -> Double { u / (1 + u * u).squareRoot() }
private func unbounded(_ weight: Double) -> Double { weight / (1 - weight * weight).squareRoot() }
private func slope(_ u: Double) -> Double { 1 / ((1 + u * u) * (1 + u * u).squareRoot()) }

/// The Kalman filter of an ARMA(1,1) process, with the derivatives of all that it computes.
///
/// Harvey's state is [yₜ, θ·εₜ] with T = [[φ, 1], [0, 0]] and shocks [1, θ]; y is observed without noise. After an
/// observation only the second entry is uncertain, so the matrices shrink to numbers. With σ² = 1, prediction error vₜ
/// and its variance Fₜ:
///
///     F₁ = (1 + θ² + 2φθ) / (1 − φ²)          v₁ = y₁
///     Fₜ₊₁ = 1 + θ² − θ²/Fₜ                   vₜ₊₁ = yₜ₊₁ − φ·yₜ − θ·vₜ/Fₜ
private struct StepFilter {
  let variance: Double
  let logLikelihood: Double
  let gradient: (phi: Double, theta: Double)
  let nextStep: Double

  init(_ steps: [Double], phi: Double, theta: Double) {
    let rest = 1 - phi * phi
    var f = (1 + theta * theta + 2 * phi * theta) / rest
    var (fPhi, fTheta) = ((2 * theta + 2 * phi * f) / rest, (2 * theta + 2 * phi) / rest)
    var (v, vPhi, vTheta) = (steps[0], 0.0, 0.0)
    var before = 0.0
    // Σ v²/F and Σ ln F, and their derivatives.
    var (squares, squaresPhi, squaresTheta) = (0.0, 0.0, 0.0)
    var (logs, logsPhi, logsTheta) = (0.0, 0.0, 0.0)
    var gain = 0.0
    steps.withUnsafeBufferPointer { steps in
      for t in 0..<steps.count {
        if t > 0 {
          // The error first: it needs the variance before.
          let (w, wPhi, wTheta) = (v, vPhi, vTheta)
          let inverse = 1 / f
          gain = theta * inverse
          let gainPhi = -gain * inverse * fPhi
          let gainTheta = inverse - gain * inverse * fTheta
          v = steps[t] - phi * before - gain * w
          vPhi = -before - gain * wPhi - gainPhi * w
          vTheta = -gain * wTheta - gainTheta * w
          (fPhi, fTheta) = (gain * gain * fPhi, 2 * theta - 2 * gain + gain * gain * fTheta)
          f = 1 + theta * theta - theta * gain
        }
        before = steps[t]
        let inverse = 1 / f
        let scaled = v * inverse
        squares += v * scaled
        squaresPhi += scaled * (2 * vPhi - scaled * fPhi)
        squaresTheta += scaled * (2 * vTheta - scaled * fTheta)
        logs += f == 1 ? 0 : log(f)
        logsPhi += fPhi * inverse
        logsTheta += fTheta * inverse
      }
    }
    let n = Double(steps.count)
    variance = squares / n
    logLikelihood = -0.5 * (n * (log(2 * Double.pi * variance) + 1) + logs)
    gradient = (-0.5 * (squaresPhi / variance + logsPhi), -0.5 * (squaresTheta / variance + logsTheta))
    nextStep = phi * before + theta * v / f
  }
}
