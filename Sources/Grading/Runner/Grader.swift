import Contracts
import Curriculum
import Foundation

/// Grades implementations: draws the inputs, has them answered, and judges the answers.
///
/// A candidate's file is compiled and answers in worker processes, one a check. Scoring fails closed: a check has no
/// points until a whole, well-formed answer has been judged right.
public struct Grader: Sendable {
  /// The reference implementations, by the exercise's name.
  public typealias References = [String: any ExerciseContract.Type]

  /// Is told each verdict, in the exercise's order, as soon as it and all before it are known.
  public typealias VerdictHandler = @Sendable (_ index: Int, _ verdict: Verdict) -> Void

  /// The seed from which every check draws its input.
  public var seed: UInt64

  /// How many checks run at once.
  public var jobs: Int

  /// Replaces every check's own limits, if it is set.
  public var limits: CheckLimits?

  /// What is known of the delivered starters.
  var starter: @Sendable (Exercise) -> String? = { PristineStarters.text(for: $0) }

  /// How the compiler and the workers are shut off; limits alone unless it is set.
  public var sandbox: Sandbox {
    get { compiler.sandbox }
    set { compiler.sandbox = newValue }
  }

  /// Compiles candidates' files.
  public internal(set) var compiler: CandidateCompiler

  let references: References

  /// A grader.
  ///
  /// - Parameters:
  ///   - seed: the seed from which every check draws its input.
  ///   - jobs: how many checks run at once; as many as there are processors if it is nil.
  ///   - references: the reference implementations, by the exercise's name.
  /// - Throws: `BuildProductsMissing` or `ToolchainMissing`.
  public init(seed: UInt64, jobs: Int? = nil, references: References) throws {
    self.seed = seed
    self.jobs = max(1, jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    self.references = references

    compiler = CandidateCompiler(products: try BuildProducts.find(), toolchain: try Toolchain.find())
  }

  /// Grades a candidate's file. Whatever the file holds, there is a verdict for every check.
  ///
  /// - Parameters:
  ///   - exercise: the exercise.
  ///   - file: the candidate's file.
  ///   - only: the name of the one check to run, or nil for all.
  ///   - onVerdict: is told each verdict as it comes.
  /// - Returns: the verdicts and their sum.
  /// - Throws: only for faults of ours: no reference, no room for temporary files.
  public func grade(
    _ exercise: Exercise, file: URL, only: String? = nil, onVerdict: @escaping VerdictHandler = { _, _ in }
  ) throws -> ExerciseResult {
    do {
      let text = try SourceFile(file).text
      if text == starter(exercise) {
        return try settle(exercise, only, .notStarted, "nothing is written yet", onVerdict: onVerdict)
      }
      let library = try compiler.compile(exercise, text: text)
      return try grade(exercise, library: library, only: only, onVerdict: onVerdict)
    } catch let failure as CompileFailure {
      return try settle(
        exercise, only, .doesNotCompile, failure.description, compilerLog: failure.log, onVerdict: onVerdict)
    }
  }

  /// Grades a candidate's compiled file.
  public func grade(
    _ exercise: Exercise, library: CandidateLibrary, only: String? = nil,
    onVerdict: @escaping VerdictHandler = { _, _ in }
  ) throws -> ExerciseResult {
    let reference = try reference(of: exercise)
    let runner = WorkerRunner(compiler: compiler, jobs: jobs)
    let verdicts = try inParallel(exercise, only, onVerdict: onVerdict) { index, check in
      judge(check, reference: reference) { input in
        runner.answer(
          exercise, check: index, library: library, input: input, limits: limits ?? check.limits)
      }
    }
    return ExerciseResult(exercise, seed: seed, checks: verdicts)
  }

  /// Grades an implementation that is part of the package, in this process: a reference or a known wrong answer.
  ///
  /// Its answers are encoded, decoded and judged as a candidate's are.
  public func gradeTrusted(
    _ exercise: Exercise, implementation: any ExerciseContract.Type, only: String? = nil,
    onVerdict: @escaping VerdictHandler = { _, _ in }
  ) throws -> ExerciseResult {
    let reference = try reference(of: exercise)
    let verdicts = try inParallel(exercise, only, onVerdict: onVerdict) { _, check in
      judge(check, reference: reference) { input in
        WorkerAnswer(.answered(check.answer(implementation.init(), to: input)))
      }
    }
    return ExerciseResult(exercise, seed: seed, checks: verdicts)
  }

  // MARK: - One check

  /// `given` here, `when` wherever `answer` asks for it, `then` here.
  private func judge(
    _ check: ExerciseCheck, reference: any ExerciseContract.Type, answer: (Data) -> WorkerAnswer
  ) -> Verdict {
    let trial: Trial
    do {
      trial = try check.trial(seed: seed, reference: reference.init())
    } catch {
      var verdict = Verdict(
        check, .crashed, "a fault of this check, not of your code: no input could be drawn: \(error)")
      verdict.isFaultOfOurs = true
      return verdict
    }
    let answer = answer(trial.input)
    switch answer.result {
    case .failed(let rejection):
      var verdict = Verdict(check, rejection.outcome, rejection.message, printed: answer.printed)
      verdict.isFaultOfOurs = answer.isFaultOfOurs
      return verdict
    case .answered(.unfinished(let message)):
      return Verdict(check, .notStarted, message, printed: answer.printed)
    case .answered(.threw(let error)):
      return Verdict(check, .wrongValue, "an error where an answer was expected: \(error)", printed: answer.printed)
    case .answered(.output(let output)):
      do {
        try trial.judge(output)
        return Verdict(check, .passed, printed: answer.printed)
      } catch let rejection as Rejection {
        return Verdict(check, rejection.outcome, rejection.message, printed: answer.printed)
      } catch is DecodingError {
        return Verdict(check, .crashed, "its answer is malformed", printed: answer.printed)
      } catch {
        return Verdict(check, .wrongValue, "the answer cannot be judged: \(error)", printed: answer.printed)
      }
    }
  }

  // MARK: - All checks

  private func inParallel(
    _ exercise: Exercise, _ only: String?, onVerdict: @escaping VerdictHandler,
    _ verdict: @escaping @Sendable (Int, ExerciseCheck) -> Verdict
  ) throws -> [Verdict] {
    let chosen = try chosenChecks(exercise, only)
    let queue = VerdictQueue(count: chosen.count, onVerdict: onVerdict)
    let group = DispatchGroup()
    for _ in 0..<min(max(1, jobs), chosen.count) {
      // A thread of its own: these wait most of the time, and would hold up a pool that others use.
      let thread = Thread {
        while let next = queue.next() {
          let index = chosen[next]
          queue.put(verdict(index, exercise.checks[index]), at: next)
        }
        group.leave()
      }
      thread.stackSize = 16 << 20
      group.enter()
      thread.start()
    }
    group.wait()
    return queue.verdicts
  }

  /// The same verdict for every check.
  private func settle(
    _ exercise: Exercise, _ only: String?, _ outcome: Outcome, _ message: String, compilerLog: String = "",
    onVerdict: VerdictHandler
  ) throws -> ExerciseResult {
    let verdicts = try chosenChecks(exercise, only).map { Verdict(exercise.checks[$0], outcome, message) }
    for (index, verdict) in verdicts.enumerated() { onVerdict(index, verdict) }
    return ExerciseResult(exercise, seed: seed, checks: verdicts, compilerLog: compilerLog)
  }

  private func chosenChecks(_ exercise: Exercise, _ only: String?) throws -> [Int] {
    let chosen = exercise.checks.indices.filter { only == nil || exercise.checks[$0].name == only }
    guard !chosen.isEmpty else { throw BadInput("\(exercise.id) has no check \(only ?? "at all")") }
    return chosen
  }

  func reference(of exercise: Exercise) throws -> any ExerciseContract.Type {
    guard let reference = references[exercise.name] else {
      throw BadInput("\(exercise.name) has no reference in Solutions")
    }
    return reference
  }
}

/// Hands out the checks one after the other and tells their verdicts in order.
private final class VerdictQueue: @unchecked Sendable {
  private let lock = NSLock()
  private var started = 0
  private var told = 0
  private var found: [Verdict?]
  private let onVerdict: Grader.VerdictHandler

  init(count: Int, onVerdict: @escaping Grader.VerdictHandler) {
    found = Array(repeating: nil, count: count)
    self.onVerdict = onVerdict
  }

  func next() -> Int? {
    lock.withLock {
      guard started < found.count else { return nil }
      started += 1
      return started - 1
    }
  }

  func put(_ verdict: Verdict, at index: Int) {
    lock.withLock {
      found[index] = verdict
      while told < found.count, let verdict = found[told] {
        onVerdict(told, verdict)
        told += 1
      }
    }
  }

  var verdicts: [Verdict] { lock.withLock { found.compactMap(\.self) } }
}
