import Charts
import Curriculum
import Grading

extension Outcome {
  /// The outcome as a page says it.
  var label: LocalizedText {
    switch self {
    case .passed: LocalizedText(en: "passed", zh: "通过")
    case .notStarted: LocalizedText(en: "not started", zh: "尚未开始")
    case .doesNotCompile: LocalizedText(en: "does not compile", zh: "无法编译")
    case .wrongShape: LocalizedText(en: "wrong shape", zh: "形状不对")
    case .wrongValue: LocalizedText(en: "wrong value", zh: "数值不对")
    case .notANumber: LocalizedText(en: "not a number", zh: "不是有限的数")
    case .crashed: LocalizedText(en: "crashed", zh: "崩溃")
    case .timedOut: LocalizedText(en: "timed out", zh: "超时")
    case .outOfMemory: LocalizedText(en: "out of memory", zh: "内存不足")
    case .tooMuchOutput: LocalizedText(en: "too much output", zh: "输出过多")
    }
  }
}

extension SandboxTier {
  /// What the tier means, for a student and an instructor.
  var label: LocalizedText {
    switch self {
    case .limits:
      LocalizedText(
        en: "each check in a process of its own, with limits on time, memory, files and output (rlimit)",
        zh: "每项检查在独立进程中运行，限制时间、内存、文件和输出（rlimit）")
    case .bwrap:
      LocalizedText(
        en: "each check in a closed system of its own: no network, nothing of the machine to read or write (bwrap)",
        zh: "每项检查在封闭的独立系统中运行：没有网络，看不到也改不了机器上的其他内容（bwrap）")
    }
  }
}

/// How far a student came with an exercise.
enum ExerciseProgress: CaseIterable {
  case solved, partly, noPoints, doesNotCompile, notStarted, missing

  init(_ exercise: ExerciseRecord) {
    if exercise.isNotStarted || exercise.checks.isEmpty {
      self = exercise.digest.isEmpty ? .missing : .notStarted
    } else if exercise.checks.allSatisfy({ $0.outcome == .doesNotCompile }) {
      self = .doesNotCompile
    } else if exercise.score == exercise.points {
      self = .solved
    } else {
      self = exercise.score > 0 ? .partly : .noPoints
    }
  }

  /// Whether the student wrote anything.
  var isStarted: Bool { self != .notStarted && self != .missing }

  /// A sign, so that no colour is needed.
  var sign: Markup {
    switch self {
    case .solved: "✓"
    case .partly: "◐"
    case .noPoints, .doesNotCompile: "✗"
    case .notStarted, .missing: "○"
    }
  }

  var label: LocalizedText {
    switch self {
    case .solved: LocalizedText(en: "solved", zh: "全部通过")
    case .partly: LocalizedText(en: "in part", zh: "部分通过")
    case .noPoints: LocalizedText(en: "no check passed", zh: "没有检查通过")
    case .doesNotCompile: Outcome.doesNotCompile.label
    case .notStarted: Outcome.notStarted.label
    case .missing: LocalizedText(en: "no file", zh: "没有文件")
    }
  }
}
