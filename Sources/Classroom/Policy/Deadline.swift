import Foundation

/// Until when a submission is in time, and what lateness costs.
struct Deadline: Sendable, Hashable {
  /// The unit in which lateness is counted; a started one counts whole.
  enum Unit: String, Sendable, CaseIterable {
    case hour, day

    var seconds: Int { self == .hour ? 3_600 : 86_400 }
  }

  /// Of what the percents are taken.
  enum Basis: String, Sendable, CaseIterable {
    /// Of the mark that was earned: 10 % off 80 leaves 72.
    case earned

    /// Of the highest mark: 10 % off 80 leaves 70.
    case possible
  }

  /// When it is due.
  var due: Date

  /// Later for some students.
  var extensions: [String: Date] = [:]

  /// What each unit costs, in percent.
  var percent: Fraction

  var unit = Unit.day

  var basis = Basis.earned

  /// Seconds after the deadline that cost nothing; past them, lateness counts from the deadline.
  var graceSeconds = 0

  /// The most that lateness costs, in percent.
  var cap = Fraction(100)

  /// When submissions came, by submission (`ann@2`); files' own dates are worth nothing.
  var submitted: [String: Date] = [:]

  /// How many units late a submission is; nil if nobody said when it came.
  func unitsLate(_ attempt: Attempt) -> Int? {
    guard let came = submitted[attempt.submission] ?? (attempt.number == 1 ? submitted[attempt.student] : nil) else {
      return nil
    }
    // Whole seconds, so that a fraction of one never makes a day.
    let seconds = Int((came.timeIntervalSince(extensions[attempt.student] ?? due)).rounded(.down))
    guard seconds > graceSeconds else { return 0 }
    return (seconds + unit.seconds - 1) / unit.seconds
  }

  /// A mark less what lateness takes, never below zero.
  func mark(_ mark: Fraction, unitsLate: Int) -> Fraction {
    let percent = min(cap, Fraction(Int128(unitsLate)) * percent)
    switch basis {
    case .earned: return mark * (Fraction(100) - percent) / Fraction(100)
    case .possible: return max(.zero, mark - percent)
    }
  }
}

/// A submission's name: the student, and the attempt where there are several (`ann`, `bo@2`).
struct Attempt: Sendable, Hashable {
  var submission: String
  var student: String
  var number: Int

  /// Reads a name. What follows the last `@` is an attempt only if it is a number from 1 to 9999 without leading
  /// zeros, so that `ann@uni.example` is a student.
  init(_ submission: String) {
    self.submission = submission
    student = submission
    number = 1
    guard let at = submission.lastIndex(of: "@"), at > submission.startIndex else { return }
    let digits = submission[submission.index(after: at)...]
    guard (1...4).contains(digits.count), digits.first != "0", digits.utf8.allSatisfy({ 48...57 ~= $0 }),
      let number = Int(digits)
    else { return }
    student = String(submission[..<at])
    self.number = number
  }
}
