import Curriculum
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the end of a worker that did not answer means, in the learner's words: `index out of range, line 14`.
///
/// The outcome follows from facts that the candidate's process cannot forge (its signal, its processor time, its
/// peak memory) wherever there are such; the reason and the line are read from what it wrote on standard error.
struct CrashReport {
  let report: ChildProcess.Report
  let limits: CheckLimits

  /// What the process wrote on standard error, with the runtime's backtrace at its end.
  private let text: String

  init(_ report: ChildProcess.Report, limits: CheckLimits) {
    self.report = report
    self.limits = limits
    text = String(decoding: report.standardError, as: UTF8.self)
  }

  /// Has the runtime print a backtrace when the process crashes; until then it costs nothing.
  static let environment = [
    "SWIFT_BACKTRACE": [
      "enable=yes", "color=no", "interactive=no", "output-to=stderr", "threads=crashed", "registers=none",
      "images=none", "limit=32", "top=4", "timeout=10s", "cache=no",
    ].joined(separator: ",")
  ]

  /// The outcome and the message.
  func rejection(in exercise: Exercise) -> Rejection {
    switch report.stop {
    case .tooSlow:
      return Rejection(.timedOut, "no answer after \(limits.clockSeconds) s on the clock")
    case .tooMuchOutput:
      return Rejection(.tooMuchOutput, "it printed more than 1 MB")
    case .tooManyProcesses(let count):
      return Rejection(.crashed, "it was stopped, as it had started more than \(count) processes")
    case .tooMuchInScratch(let megabytes):
      return Rejection(
        .crashed, "it was stopped, as it had written more than \(megabytes) MB of files, or 10,000 files")
    case .malformedAnswer(let sentence):
      return Rejection(.crashed, sentence)
    case nil:
      break
    }
    switch report.end {
    case .exited(let status):
      let reason = text.split(separator: "\n").first { $0.hasPrefix(Worker.complaint) }
        .map { ": \($0.dropFirst(Worker.complaint.count))" }
      return Rejection(
        .crashed, "the process ended (exit status \(status)) before it answered\(reason ?? "")")
    case .signalled(let signal):
      return rejection(ofSignal: signal, file: "\(exercise.name).swift")
    }
  }

  private func rejection(ofSignal signal: Int32, file: String) -> Rejection {
    if signal == SIGXCPU || (signal == SIGKILL && report.cpuSeconds >= Double(limits.seconds)) {
      return Rejection(.timedOut, "it needed more than \(limits.seconds) s of processor time")
    }
    let place = line(in: file).map { ", line \($0)" } ?? ""
    if isOutOfMemory {
      return Rejection(.outOfMemory, "it needed more than \(limits.megabytes) MB of memory\(place)")
    }
    if let shapes = Self.text(after: Self.shapeFailure, in: text) {
      return Rejection(.wrongShape, "\(shapes)\(place)")
    }
    return Rejection(.crashed, "\(reason ?? Self.name(of: signal))\(place)")
  }

  // MARK: - Reading the backtrace

  /// How `Tensors` begins the sentence when shapes do not fit (`ShapeFailure.swift`).
  private static let shapeFailure = "Fatal error: shape error in "

  private var isOutOfMemory: Bool {
    let sayings = ["Fatal error: failed to allocate", "std::bad_alloc", " __DataStorage.init(length:)"]
    return sayings.contains { text.contains($0) } || report.peakMegabytes ?? 0 >= limits.megabytes
  }

  /// Why the runtime stopped the program.
  private var reason: String? {
    if let sentence = Self.text(after: "Fatal error: ", in: text) { return Self.lowercasingFirst(sentence) }
    if let sentence = Self.text(after: "Swift runtime failure: ", in: text) {
      // The line is a frame, "… in Candidate.so at …", or a headline, "*** Swift runtime failure: … ***".
      return Self.lowercasingFirst(sentence.replacing(/\sin\s\S+\.so\s.*|\s\*\*\*/, with: ""))
    }
    if let cast = Self.text(after: "Could not cast value of type ", in: text) {
      return "could not cast a value of type \(cast.replacing(/\s\(0x[0-9a-f]+\)/, with: ""))"
    }
    if text.contains("Program crashed: Bad pointer dereference") {
      return isRecursive ? "endless recursion: the stack is full" : "bad pointer dereference"
    }
    if text.contains("Program crashed: Illegal instruction") {
      let isInSubscript = frames.prefix(3).contains { $0.contains("subscript") }
      return isInSubscript ? "index out of range" : "a precondition does not hold"
    }
    return nil
  }

  /// Whether the innermost frames are a few functions over and over.
  private var isRecursive: Bool {
    let functions = frames.prefix(16).map { $0.firstMatch(of: /0x[0-9a-f]+\s(.*?)\s(\+|in)\s/)?.output.1 ?? "" }
    return functions.count == 16 && Set(functions).count <= 4
  }

  /// The crashed thread's frames, the innermost first.
  private var frames: [Substring] {
    guard let crash = text.range(of: "*** Program crashed") ?? text.range(of: "*** Swift runtime failure") else {
      return []
    }
    return text[crash.upperBound...].split(separator: "\n").filter { $0.contains(" 0x0") && $0.first == " " }
  }

  /// The line of the candidate's file in which the program stopped, or from which it called what stopped.
  private func line(in file: String) -> Int? {
    for frame in frames {
      if let place = Self.text(after: "/\(file):", in: String(frame)) { return Self.number(place) }
    }
    // `fatalError` in the candidate's file says where it stands: "Candidate/LSTMCell.swift:7: Fatal error: …".
    return Self.text(after: "Candidate/\(file):", in: text).flatMap { Self.number($0) }
  }

  private static func number(_ text: String) -> Int? { Int(text.prefix { $0.isNumber }) }

  /// The rest of the line in which `marker` first stands.
  private static func text(after marker: String, in text: String) -> String? {
    guard let found = text.range(of: marker) else { return nil }
    let rest = text[found.upperBound...].prefix { $0 != "\n" }
    return rest.count <= 500 ? String(rest) : "\(rest.prefix(500))…"
  }

  private static func lowercasingFirst(_ text: String) -> String {
    let isType = ["Double", "Float", "Int"].contains { text.hasPrefix($0) }
    guard let second = text.dropFirst().first, second.isLowercase, !isType else { return text }
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private static func name(of signal: Int32) -> String {
    switch signal {
    case SIGXFSZ: "it wrote a file longer than \(ResourceLimits.workerFileMegabytes) MB"
    case SIGABRT: "the process aborted"
    case SIGKILL: "the process was killed"
    default: "the process ended with signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}
