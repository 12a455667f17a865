import Contracts
import Foundation
import Tensors

/// How far a number may be from the expected one: `|seen − expected| ≤ absolute + relative·|expected|`.
public struct Tolerance: Sendable, Hashable {
  /// The part that does not depend on the expected number.
  public var absolute: Double

  /// The part that grows with the expected number.
  public var relative: Double

  /// A tolerance.
  public init(absolute: Double, relative: Double = 0) {
    self.absolute = absolute
    self.relative = relative
  }

  /// For results of a few Float32 operations.
  public static let float = Tolerance(absolute: 1e-5, relative: 1e-5)

  /// For results of Float64 arithmetic.
  public static let double = Tolerance(absolute: 1e-12, relative: 1e-12)
}

/// A known mistake: what it would have answered, and the sentence that names it.
///
/// When an answer is wrong and equals a suspect's value, the learner reads the suspect's sentence.
public struct Suspect<Value> {
  let value: Value
  let sentence: String

  /// A known mistake.
  public init(_ value: Value, _ sentence: String) {
    self.value = value
    self.sentence = sentence
  }
}

/// Rejects the answer with `message` unless `condition` holds.
public func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw Rejection(.wrongValue, message()) }
}

/// Rejects the answer unless it equals the expected value.
///
/// - Parameters:
///   - seen: the answer.
///   - expected: what it should be.
///   - what: what the value is, in the learner's words.
///   - suspects: known mistakes to name.
/// - Throws: a `Rejection` that says what was expected and seen.
public func expectEqual<Value: Equatable>(
  _ seen: Value, _ expected: Value, _ what: String, suspects: [Suspect<Value>] = []
) throws {
  guard seen != expected else { return }
  let named = suspects.first { $0.value == seen }.map { " \($0.sentence)" } ?? ""
  throw Rejection(.wrongValue, "\(what): expected \(brief(expected)), seen \(brief(seen)).\(named)")
}

/// Rejects the answer unless it is close to the expected number.
public func expectClose(
  _ seen: Double, _ expected: Double, _ what: String, tolerance: Tolerance = .double, suspects: [Suspect<Double>] = []
) throws {
  try expectClose(
    [seen], [expected], what, tolerance: tolerance, suspects: suspects.map { Suspect([$0.value], $0.sentence) })
}

/// Rejects the answer unless every number is close to the expected one.
public func expectClose(
  _ seen: [Double], _ expected: [Double], _ what: String, tolerance: Tolerance = .double,
  suspects: [Suspect<[Double]>] = []
) throws {
  guard seen.count == expected.count else {
    throw Rejection(.wrongShape, "\(what): expected \(expected.count) numbers, seen \(seen.count)")
  }
  guard let worst = firstDifference(seen, expected, tolerance) else { return }
  let named = suspects.first { suspect in
    suspect.value.count == seen.count && firstDifference(seen, suspect.value, tolerance) == nil
  }
  let place = seen.count == 1 ? what : "\(what)[\(worst)]"
  throw difference(
    place, seen[worst], expected[worst], wrong: countDifferences(seen, expected, tolerance), of: seen.count,
    named?.sentence)
}

/// Rejects the answer unless shape and every number agree with the expected tensor.
public func expectClose(
  _ seen: Tensor, _ expected: Tensor, _ what: String, tolerance: Tolerance = .float, suspects: [Suspect<Tensor>] = []
) throws {
  guard seen.shape == expected.shape else {
    let named = suspects.first { $0.value.shape == seen.shape }.map { " \($0.sentence)" } ?? ""
    throw Rejection(.wrongShape, "\(what): expected shape \(expected.shape), seen \(seen.shape).\(named)")
  }
  let a = seen.scalars.map(Double.init)
  let b = expected.scalars.map(Double.init)
  guard let worst = firstDifference(a, b, tolerance) else { return }
  let named = suspects.first { suspect in
    suspect.value.shape == seen.shape && firstDifference(a, suspect.value.scalars.map(Double.init), tolerance) == nil
  }
  let place = "\(what)\(coordinates(of: worst, shape: seen.shape))"
  throw difference(place, a[worst], b[worst], wrong: countDifferences(a, b, tolerance), of: a.count, named?.sentence)
}

/// Rejects a score that does not reach its band.
///
/// - Parameters:
///   - seen: the score on held-out data.
///   - bound: the least that passes.
///   - what: the metric's name.
///   - hint: what the learner should look at.
/// - Throws: a `Rejection` if the score is below the bound or not a number.
public func expectAtLeast(_ seen: Double, _ bound: Double, _ what: String, hint: String = "") throws {
  try expectFinite(seen, what)
  try expect(
    seen >= bound, "\(what): expected at least \(number(bound)), seen \(number(seen)).\(hint.isEmpty ? "" : " \(hint)")"
  )
}

/// Rejects a score above its band.
public func expectAtMost(_ seen: Double, _ bound: Double, _ what: String, hint: String = "") throws {
  try expectFinite(seen, what)
  try expect(
    seen <= bound, "\(what): expected at most \(number(bound)), seen \(number(seen)).\(hint.isEmpty ? "" : " \(hint)")")
}

/// Rejects NaN and infinity.
public func expectFinite(_ seen: Double, _ what: String) throws {
  if !seen.isFinite { throw Rejection(.notANumber, "\(what): expected a finite number, seen \(seen)") }
}

/// Rejects a tensor of another shape.
public func expectShape(_ seen: Tensor, _ shape: [Int], _ what: String) throws {
  if seen.shape != shape { throw Rejection(.wrongShape, "\(what): expected shape \(shape), seen \(seen.shape)") }
}

// MARK: - Comparing

/// The index of the first number out of tolerance. NaN agrees with NaN alone, an infinity with itself alone.
private func firstDifference(_ a: [Double], _ b: [Double], _ tolerance: Tolerance) -> Int? {
  a.indices.first { !agrees(a[$0], b[$0], tolerance) }
}

private func countDifferences(_ a: [Double], _ b: [Double], _ tolerance: Tolerance) -> Int {
  a.indices.count { !agrees(a[$0], b[$0], tolerance) }
}

private func agrees(_ seen: Double, _ expected: Double, _ tolerance: Tolerance) -> Bool {
  if seen.isNaN || expected.isNaN { return seen.isNaN && expected.isNaN }
  if seen.isInfinite || expected.isInfinite { return seen == expected }
  return abs(seen - expected) <= tolerance.absolute + tolerance.relative * abs(expected)
}

private func difference(
  _ place: String, _ seen: Double, _ expected: Double, wrong: Int, of count: Int, _ sentence: String?
) -> Rejection {
  let outcome: Outcome = seen.isFinite || !expected.isFinite ? .wrongValue : .notANumber
  var message = "\(place): expected \(number(expected)), seen \(number(seen))"
  if seen.isFinite && expected.isFinite { message += ", error \(number(abs(seen - expected)))" }
  if count > 1 { message += " (\(wrong) of \(count) numbers differ)" }
  message += "."
  if let sentence { message += " \(sentence)" }
  return Rejection(outcome, message)
}

private func coordinates(of offset: Int, shape: [Int]) -> String {
  var rest = offset
  var indices: [Int] = []
  for axis in shape.reversed() {
    indices.insert(rest % axis, at: 0)
    rest /= axis
  }
  return "\(indices)"
}

/// A number with at most seven significant digits.
public func number(_ value: Double) -> String {
  String(format: "%.7g", value)
}

private func brief(_ value: some Any) -> String {
  let text = "\(value)"
  return text.count <= 200 ? text : "\(text.prefix(200))…"
}
