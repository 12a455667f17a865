import Curriculum
import Foundation
import Learning

extension Grader {
  /// What one demo may use.
  public static let demoLimits = CheckLimits(seconds: 1_800, megabytes: 8_192)

  /// Runs an exercise's demo with a candidate's implementation, in a worker.
  ///
  /// - Parameters:
  ///   - exercise: the exercise.
  ///   - file: the candidate's file.
  ///   - data: a file of the user's own for the demo, if it takes one.
  ///   - progress: is told how far the demo is.
  /// - Returns: the report, and the beginning of what the candidate's code printed.
  /// - Throws: `CompileFailure` if the file does not compile, `Rejection` if the demo does not come to its end.
  public func demo(
    _ exercise: Exercise, file: URL, data: URL? = nil, progress: @escaping ProgressHandler = { _ in }
  ) throws -> (report: DemoReport, printed: String) {
    let library = try compiler.compile(exercise, file: file)
    let runner = WorkerRunner(compiler: compiler, jobs: 1)
    return try runner.demo(
      exercise, library: library, seed: seed, data: data, limits: limits ?? Self.demoLimits, progress: progress)
  }
}
