/// Why one row is no event.
struct RowFault: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// What the bytes of one row or field say.
enum LogText {
  /// Times reach from about 1200 BC to the year 5138, so that a number tells its unit by its size.
  static let latestTime = 1e11

  // MARK: - UTF-8

  /// What makes bytes no text: a NUL, or a byte that UTF-8 does not allow there; nil where all is well.
  static func fault(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard let start = UnsafeRawPointer(bytes.baseAddress) else { return nil }
    var index = 0
    while index < bytes.count {
      if index + 8 <= bytes.count {
        let word = start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        // Neither a byte above 127 nor a zero byte among the eight.
        if (word | ((word &- 0x0101_0101_0101_0101) & ~word)) & 0x8080_8080_8080_8080 == 0 {
          index += 8
          continue
        }
      }
      let byte = bytes[index]
      if byte == 0 { return "a NUL at byte \(index + 1) of the row" }
      let length = byte < 0x80 ? 1 : byte < 0xC2 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 0
      if length == 1 {
        index += 1
        continue
      }
      var valid = length > 0 && index + length <= bytes.count
      if valid {
        let second = bytes[index + 1]
        // Overlong forms, surrogates, and what lies above U+10FFFF.
        let low: UInt8 = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80
        let high: UInt8 = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF
        valid = second >= low && second <= high
        if length > 2 { valid = valid && bytes[index + 2] & 0xC0 == 0x80 }
        if length > 3 { valid = valid && bytes[index + 3] & 0xC0 == 0x80 }
      }
      if !valid {
        let digits = String(byte, radix: 16, uppercase: true)
        return "not UTF-8: the byte 0x\(digits) at byte \(index + 1) of the row"
      }
      index += length
    }
    return nil
  }

  // MARK: - Numbers

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  /// A decimal number, `-12`, `.5` or `6.02e23`; nil for anything else, and for what no `Double` can hold.
  ///
  /// Where the digits are an exact `Double` and the power of ten is too, one division rounds correctly (Clinger 1990,
  /// doi:10.1145/93542.93557); the rest is left to the standard library.
  static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var index = 0
    let count = bytes.count
    var negative = false
    if index < count, bytes[index] == 0x2D || bytes[index] == 0x2B {
      negative = bytes[index] == 0x2D
      index += 1
    }
    var digits: UInt64 = 0
    var places = 0
    var seen = 0
    var exact = true
    var point = false
    while index < count {
      let byte = bytes[index]
      if byte &- 0x30 < 10 {
        seen += 1
        if digits < 1_000_000_000_000_000_000 {
          digits = digits &* 10 &+ UInt64(byte &- 0x30)
          if point { places -= 1 }
        } else {
          exact = false
        }
      } else if byte == 0x2E && !point {
        point = true
      } else {
        break
      }
      index += 1
    }
    if seen == 0 { return nil }
    if index < count {
      guard bytes[index] | 0x20 == 0x65 else { return nil }  // e or E
      index += 1
      var down = false
      if index < count, bytes[index] == 0x2D || bytes[index] == 0x2B {
        down = bytes[index] == 0x2D
        index += 1
      }
      if index == count { return nil }
      var exponent = 0
      while index < count {
        guard bytes[index] &- 0x30 < 10 else { return nil }
        if exponent < 100_000 { exponent = exponent * 10 + Int(bytes[index] &- 0x30) }
        index += 1
      }
      places += down ? -exponent : exponent
    }
    if exact && digits <= 1 << 53 && abs(places) <= 22 {
      let value = places < 0 ? Double(digits) / powers[-places] : Double(digits) * powers[places]
      return negative ? -value : value
    }
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
    return value
  }

  // MARK: - Times

  /// Seconds since 1970 from a number or an ISO 8601 date.
  static func time(_ field: UnsafeBufferPointer<UInt8>, unit: LogTimeUnit) throws(RowFault) -> Double {
    let bytes = trimmed(field)
    func fault(_ expected: String) -> RowFault {
      RowFault("time: \(LogProblem.quote(String(decoding: field, as: UTF8.self))) is \(expected)")
    }
    let seconds: Double
    if bytes.count >= 10 && bytes[4] == 0x2D && bytes[0] &- 0x30 < 10 && bytes[1] &- 0x30 < 10 {
      guard let date = date(bytes) else { throw fault("not a date such as 2026-01-02T03:04:05Z") }
      seconds = date
    } else {
      guard let number = number(bytes) else {
        throw fault("neither seconds since 1970 nor a date such as 2026-01-02T03:04:05Z")
      }
      seconds = inSeconds(number, unit)
    }
    if abs(seconds) >= latestTime { throw fault("outside the years that a log can hold") }
    return seconds
  }

  private static func inSeconds(_ number: Double, _ unit: LogTimeUnit) -> Double {
    switch unit {
    case .seconds: return number
    case .milliseconds: return number / 1_000
    case .automatic:
      let size = abs(number)
      if size < latestTime { return number }
      return size < 1e14 ? number / 1e3 : size < 1e17 ? number / 1e6 : size < 1e20 ? number / 1e9 : .infinity
    }
  }

  /// `YYYY-MM-DD`, then perhaps `T` or a space, `hh:mm`, `:ss`, a fraction, and `Z` or `±hh`, `±hhmm`, `±hh:mm`.
  ///
  /// Without a zone it is UTC. Fractions count to the microsecond, which is what a `Double` can hold. A leap second is
  /// the first second of the next minute.
  private static func date(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var index = 0
    func digits(_ count: Int) -> Int? {
      guard index + count <= bytes.count else { return nil }
      var value = 0
      for _ in 0..<count {
        guard bytes[index] &- 0x30 < 10 else { return nil }
        value = value * 10 + Int(bytes[index] &- 0x30)
        index += 1
      }
      return value
    }
    func take(_ byte: UInt8) -> Bool {
      guard index < bytes.count, bytes[index] == byte else { return false }
      index += 1
      return true
    }
    guard let year = digits(4), take(0x2D), let month = digits(2), take(0x2D), let day = digits(2),
      (1...12).contains(month), day >= 1, day <= days(in: month, of: year)
    else { return nil }
    var seconds = daysSince1970(year, month, day) * 86_400
    var micros = 0
    if index == bytes.count { return Double(seconds) }
    guard take(0x54) || take(0x74) || take(0x20) else { return nil }  // T, t or a space
    guard let hour = digits(2), hour < 24, take(0x3A), let minute = digits(2), minute < 60 else { return nil }
    seconds += hour * 3_600 + minute * 60
    if take(0x3A) {
      guard let second = digits(2), second <= 60 else { return nil }
      seconds += second
      if take(0x2E) || take(0x2C) {
        var weight = 100_000
        let start = index
        while index < bytes.count, bytes[index] &- 0x30 < 10 {
          micros += Int(bytes[index] &- 0x30) * weight
          weight /= 10
          index += 1
        }
        if index == start { return nil }
      }
    }
    if index < bytes.count && !take(0x5A) && !take(0x7A) {  // Z or z
      _ = take(0x20)
      let sign = take(0x2B) ? 1 : take(0x2D) ? -1 : 0
      guard sign != 0, let hours = digits(2), hours < 24 else { return nil }
      var minutes = 0
      if index < bytes.count {
        _ = take(0x3A)
        guard let found = digits(2), found < 60 else { return nil }
        minutes = found
      }
      seconds -= sign * (hours * 3_600 + minutes * 60)
    }
    if index != bytes.count { return nil }
    return micros == 0 ? Double(seconds) : Double(seconds * 1_000_000 + micros) / 1e6
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar; the year begins in March, so that the leap day is last.
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The bytes without blanks and tabs at either end.
  static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var start = 0
    var end = bytes.count
    while start < end, bytes[start] == 32 || bytes[start] == 9 { start += 1 }
    while start < end, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }
}
