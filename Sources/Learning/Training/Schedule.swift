import Foundation

/// How the learning rate changes: the factor of the first rate at each step.
///
///     let schedule = Schedule.warmUp(100, then: .cosine(900))
///     optimizer.learningRate = 1e-3 * schedule(step)
///
/// What counts as a step, a batch or an epoch, is the caller's choice; `TrainingOptions.schedule` counts batches.
public struct Schedule: Sendable {
  private let factor: @Sendable (Int) -> Double

  /// A schedule of one's own.
  ///
  /// - Parameter factor: from the step, counted from 0, to the factor.
  public init(_ factor: @escaping @Sendable (_ step: Int) -> Double) { self.factor = factor }

  /// The factor at a step, counted from 0.
  public func callAsFunction(_ step: Int) -> Float { Float(factor(step)) }

  /// Always 1.
  public static let constant = Schedule { _ in 1 }

  /// `gamma` times smaller after every `size` steps: gamma^⌊step / size⌋ (PyTorch's `StepLR`).
  ///
  /// - Precondition: `size` is positive.
  public static func step(_ size: Int, gamma: Double = 0.1) -> Schedule {
    precondition(size > 0, "Schedule.step: the size must be positive, found \(size)")
    return Schedule { pow(gamma, Double($0 / size)) }
  }

  /// gamma^step (PyTorch's `ExponentialLR`).
  public static func exponential(_ gamma: Double) -> Schedule { Schedule { pow(gamma, Double($0)) } }

  /// Half a cosine from 1 to `minimum` in `steps` steps, and `minimum` afterwards (Loshchilov & Hutter 2017).
  ///
  /// - Precondition: `steps` is positive.
  public static func cosine(_ steps: Int, minimum: Double = 0) -> Schedule {
    precondition(steps > 0, "Schedule.cosine: the number of steps must be positive, found \(steps)")
    return Schedule { minimum + (1 - minimum) * (1 + cos(.pi * Double(min($0, steps)) / Double(steps))) / 2 }
  }

  /// From `start` in a straight line to 1 in `steps` steps, then another schedule from its step 0 (Goyal et al. 2017).
  ///
  /// - Precondition: `steps` is positive.
  public static func warmUp(_ steps: Int, from start: Double = 0, then next: Schedule = .constant) -> Schedule {
    precondition(steps > 0, "Schedule.warmUp: the number of steps must be positive, found \(steps)")
    return Schedule { step in
      step < steps ? start + (1 - start) * Double(step) / Double(steps) : next.factor(step - steps)
    }
  }
}
