import Curriculum
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the end of a worker that did not answer means, in the learner's words.
struct CrashReport {
  let report: ChildProcess.Report
  let limits: CheckLimits

  init(_ report: ChildProcess.Report, limits: CheckLimits) {
    self.report = report
    self.limits = limits
  }

  /// Has the runtime print a backtrace when the process crashes; until then it costs nothing.
  static let environment = [
    "SWIFT_BACKTRACE":
      "enable=yes,color=no,interactive=no,output-to=stderr,threads=crashed,registers=none,images=none,sanitize=no,limit=32,top=4,timeout=10s,symbolicate=full,unwind=auto,cache=no"
  ]

  /// The outcome and the message.
  func rejection(in exercise: Exercise) -> Rejection {
    switch report.stop {
    case .tooSlow:
      return Rejection(.timedOut, "no answer after \(2 * limits.seconds + 5) s on the clock")
    case .tooMuchOutput:
      return Rejection(.tooMuchOutput, "it printed more than 1 MB")
    case .malformedAnswer(let sentence):
      return Rejection(.crashed, sentence)
    case nil:
      break
    }
    let text = String(decoding: report.standardError, as: UTF8.self)
    switch report.end {
    case .exited(let status):
      return Rejection(.crashed, "the process ended (exit status \(status)) before it answered")
    case .signalled(let signal):
      return Rejection(.crashed, "signal \(signal): \(text)")
    }
  }
}
