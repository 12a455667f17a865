import Contracts
import Foundation
import Tensors

/// One graded check of an exercise, in three steps of which only `when` runs in the candidate's process.
///
///     Check("fresh random states agree with the reference", points: 3,
///       given: { random in StepInput.random(batch: 4, input: 3, hidden: 5, using: &random) },  // in the runner
///       when: { cell, input in try cell.step(input) },                                         // in the candidate's process
///       then: { output, input, reference in try expectClose(output.h, try reference.step(input).h, "h") })  // in the runner
///
/// `given` draws the input from the check's own seed; it crosses to the candidate's process as plain data. What comes
/// back is plain data, and `then` judges it where the goldens, the held-out labels and the reference are.
public struct Check<Contract>: Sendable {
  /// What is checked, in a few words; unique within the exercise.
  public let name: String

  /// What a pass is worth.
  public let points: Int

  /// What the candidate's process may use.
  public let limits: CheckLimits

  let prepare: @Sendable (_ random: SeededRandom, _ reference: Contract) throws -> Trial
  let perform: @Sendable (_ candidate: Contract, _ input: Data) throws -> Data

  /// A check whose judgement needs only the input, the output and the reference.
  ///
  /// - Parameters:
  ///   - name: what is checked, in a few words; unique within the exercise.
  ///   - points: what a pass is worth.
  ///   - limits: what the candidate's process may use.
  ///   - given: draws the input.
  ///   - when: calls the candidate.
  ///   - then: throws a `Rejection` (see the `expect…` functions) if the output is not right.
  public init<Input: Codable & SendableMetatype, Output: Codable & SendableMetatype>(
    _ name: String, points: Int, limits: CheckLimits = .standard,
    given: @escaping @Sendable (inout SeededRandom) throws -> Input,
    when: @escaping @Sendable (Contract, Input) throws -> Output,
    then: @escaping @Sendable (Output, Input, Contract) throws -> Void
  ) {
    self.init(
      name, points: points, limits: limits, givenWithHidden: { random in (try given(&random), ()) }, when: when,
      then: { output, input, _, reference in try then(output, input, reference) })
  }

  /// A check that holds something back: held-out labels, an environment's inner state. What is `Hidden` never
  /// leaves the runner.
  ///
  /// - Parameters:
  ///   - name: what is checked, in a few words; unique within the exercise.
  ///   - points: what a pass is worth.
  ///   - limits: what the candidate's process may use.
  ///   - givenWithHidden: draws the input and what the candidate must not see.
  ///   - when: calls the candidate with the input alone.
  ///   - then: throws a `Rejection` if the output is not right.
  public init<Input: Codable & SendableMetatype, Hidden, Output: Codable & SendableMetatype>(
    _ name: String, points: Int, limits: CheckLimits = .standard,
    givenWithHidden: @escaping @Sendable (inout SeededRandom) throws -> (Input, Hidden),
    when: @escaping @Sendable (Contract, Input) throws -> Output,
    then: @escaping @Sendable (Output, Input, Hidden, Contract) throws -> Void
  ) {
    self.name = name
    self.points = points
    self.limits = limits
    prepare = { random, reference in
      var random = random
      let (input, hidden) = try givenWithHidden(&random)
      return Trial(input: try PlainData.encode(input)) { answer in
        try then(try PlainData.decode(Output.self, from: answer), input, hidden, reference)
      }
    }
    perform = { candidate, data in
      try PlainData.encode(try when(candidate, try PlainData.decode(Input.self, from: data)))
    }
  }

  /// A check that every one of some bad inputs is refused with an error.
  ///
  ///     .refuses("bad input is refused", points: 1, [
  ///       "a label of 10 where classes are 0..<10": { cnn in _ = try cnn.loss(logits, [10]) }, …
  ///     ])
  public static func refuses(
    _ name: String, points: Int, limits: CheckLimits = .standard,
    _ cases: KeyValuePairs<String, @Sendable (Contract) throws -> Void>
  ) -> Check {
    let cases = cases.map { (name: $0.key, call: $0.value) }
    return Check(
      name, points: points, limits: limits, given: { _ in NoInput() },
      when: { candidate, _ in
        try cases.map { badCase in
          do {
            try badCase.call(candidate)
            return false
          } catch let unfinished as Unfinished {
            throw unfinished
          } catch {
            return true
          }
        }
      },
      then: { (refused: [Bool], _, _) in
        guard refused.count == cases.count else {
          throw Rejection(.wrongShape, "expected \(cases.count) answers, found \(refused.count)")
        }
        for (badCase, wasRefused) in zip(cases, refused) where !wasRefused {
          throw Rejection(.wrongValue, "\(badCase.name): accepted, where an error should be thrown")
        }
      })
  }
}

/// What a check that draws nothing gives to the candidate.
public struct NoInput: Codable, Sendable {
  /// Nothing.
  public init() {}
}

/// A check with its input drawn, ready for an answer.
public struct Trial: Sendable {
  /// What the candidate's process is given.
  public let input: Data

  /// Throws a `Rejection` unless the answer is right. It runs on one thread.
  public let judge: @Sendable (Data) throws -> Void

  init(input: Data, judge: @escaping (Data) throws -> Void) {
    self.input = input
    nonisolated(unsafe) let judge = judge  // a trial is prepared and judged by one thread after the other
    self.judge = { try judge($0) }
  }
}

/// What a candidate's process may use during one check.
public struct CheckLimits: Codable, Sendable, Hashable {
  /// Seconds of processor time.
  public var seconds: Int

  /// Seconds on the clock: for who waits or sleeps. Much longer than `seconds`, as a busy machine may stretch honest
  /// work several times.
  public var clockSeconds: Int

  /// Memory in megabytes.
  public var megabytes: Int

  /// Limits of one's own; four times the processor time and ten seconds on the clock unless told.
  public init(seconds: Int, clockSeconds: Int? = nil, megabytes: Int = 2_048) {
    self.seconds = seconds
    self.clockSeconds = clockSeconds ?? 4 * seconds + 10
    self.megabytes = megabytes
  }

  /// Enough for anything that does not train.
  public static let standard = CheckLimits(seconds: 10)

  /// Enough for a task that trains; the reference needs a quarter of it at most.
  public static let training = CheckLimits(seconds: 120, megabytes: 4_096)
}

/// A check as the runner sees it: without its types.
public struct ExerciseCheck: Sendable {
  /// What is checked, in a few words; unique within the exercise.
  public let name: String

  /// What a pass is worth.
  public let points: Int

  /// What the candidate's process may use.
  public let limits: CheckLimits

  private let prepare: @Sendable (SeededRandom, Any) throws -> Trial
  private let perform: @Sendable (Any, Data) throws -> Data

  init<Contract>(_ check: Check<Contract>) {
    name = check.name
    points = check.points
    limits = check.limits
    prepare = { random, reference in try check.prepare(random, try Self.cast(reference, to: Contract.self)) }
    perform = { candidate, input in try check.perform(try Self.cast(candidate, to: Contract.self), input) }
  }

  /// Draws the input: `given`. The same seed draws the same input, whatever other checks run.
  public func trial(seed: UInt64, reference: Any) throws -> Trial {
    try prepare(SeededRandom(seed: seed).fork(name), reference)
  }

  /// Calls the implementation: `when`.
  public func answer(_ implementation: Any, to input: Data) -> Answer {
    do {
      return .output(try perform(implementation, input))
    } catch let unfinished as Unfinished {
      return .unfinished(unfinished.description)
    } catch {
      return .threw("\(error)")
    }
  }

  static func cast<Contract>(_ implementation: Any, to contract: Contract.Type) throws -> Contract {
    guard let typed = implementation as? Contract else {
      throw BadInput("\(type(of: implementation)) does not conform to \(contract)")
    }
    return typed
  }
}

/// What comes back from the candidate's process.
public enum Answer: Codable, Sendable, Hashable {
  /// The output of `when`, as plain data.
  case output(Data)

  /// A function is not written yet.
  case unfinished(String)

  /// The candidate's code threw an error where an answer was expected.
  case threw(String)
}

/// How inputs and outputs cross between processes.
public enum PlainData {
  /// Numbers that are not finite travel as words.
  private static let infinity = "inf"
  private static let negativeInfinity = "-inf"
  private static let notANumber = "nan"

  /// Encodes a value.
  public static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: notANumber)
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(value)
  }

  /// Decodes a value; data from a candidate's process is not trusted, and anything malformed throws.
  public static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: notANumber)
    return try decoder.decode(type, from: data)
  }
}
