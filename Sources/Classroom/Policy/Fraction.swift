import Foundation

/// An exact number: marks are sums and products of fractions, so that 62.5 is never 62.49999.
///
/// Where the exact fraction would need more than 127 bits (no real class comes near), the operands are first rounded
/// to twelve decimals.
struct Fraction: Hashable, Comparable, Sendable {
  private let top: Int128
  private let bottom: Int128

  static let zero = Fraction(0)

  /// A fraction in lowest terms; zero if the denominator is zero.
  init(_ top: Int128, _ bottom: Int128 = 1) {
    let divisor = bottom == 0 ? 1 : Self.greatestDivisor(top, bottom)
    self.top = bottom == 0 ? 0 : (bottom < 0 ? -top : top) / divisor
    self.bottom = bottom == 0 ? 1 : abs(bottom) / divisor
  }

  /// A decimal number as a person writes it: `12`, `0.5`, `-3.25`. Nil for anything else, or for more than nine digits
  /// before or six after the point.
  init?(decimal text: String) {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.joined()
    guard (1...2).contains(parts.count), (1...9).contains(parts[0].count), digits.utf8.allSatisfy({ 48...57 ~= $0 }),
      parts.count == 1 || (1...6).contains(parts[1].count), let value = Int128(digits)
    else { return nil }
    self.init(isNegative ? -value : value, parts.count == 1 ? 1 : Self.powerOfTen(parts[1].count))
  }

  var isWhole: Bool { bottom == 1 }

  static func + (a: Fraction, b: Fraction) -> Fraction {
    combined(a, b) { a, b in
      let common = a.bottom / greatestDivisor(a.bottom, b.bottom)
      guard let bottom = product(common, b.bottom), let left = product(a.top, bottom / a.bottom),
        let right = product(b.top, bottom / b.bottom)
      else { return nil }
      let (sum, overflows) = left.addingReportingOverflow(right)
      return overflows ? nil : Fraction(sum, bottom)
    }
  }

  static func * (a: Fraction, b: Fraction) -> Fraction {
    combined(a, b) { a, b in
      // Reduced crosswise first, so that the product is in lowest terms and as small as can be.
      let left = Fraction(a.top, b.bottom)
      let right = Fraction(b.top, a.bottom)
      guard let top = product(left.top, right.top), let bottom = product(left.bottom, right.bottom) else { return nil }
      return Fraction(top, bottom)
    }
  }

  static func - (a: Fraction, b: Fraction) -> Fraction { a + Fraction(-b.top, b.bottom) }

  /// The quotient; zero if `b` is zero.
  static func / (a: Fraction, b: Fraction) -> Fraction { a * Fraction(b.bottom, b.top) }

  static func < (a: Fraction, b: Fraction) -> Bool { (a - b).top < 0 }

  /// The number with some decimals; a half is rounded away from zero, as one does by hand: 62.45 → 62.5.
  func rounded(decimals: Int) -> Decimal {
    let whole = scaled(by: Self.powerOfTen(decimals))
    let digits = Decimal(string: "\(whole.magnitude)") ?? 0
    return Decimal(sign: whole < 0 ? .minus : .plus, exponent: -decimals, significand: digits)
  }

  /// The nearest whole number of some small units.
  private func scaled(by unit: Int128) -> Int128 {
    guard let top = Self.product(top, 2 * unit), let twice = Self.product(bottom, 2) else {
      return (top / bottom) * unit  // beyond any mark
    }
    let half = top < 0 ? -bottom : bottom
    return (top + half) / twice
  }

  private static func combined(
    _ a: Fraction, _ b: Fraction, _ exact: (Fraction, Fraction) -> Fraction?
  ) -> Fraction {
    if let result = exact(a, b) { return result }
    let unit = powerOfTen(12)
    return exact(Fraction(a.scaled(by: unit), unit), Fraction(b.scaled(by: unit), unit)) ?? zero
  }

  private static func product(_ a: Int128, _ b: Int128) -> Int128? {
    let (result, overflows) = a.multipliedReportingOverflow(by: b)
    return overflows ? nil : result
  }

  private static func greatestDivisor(_ a: Int128, _ b: Int128) -> Int128 {
    var (a, b) = (abs(a), abs(b))
    while b != 0 { (a, b) = (b, a % b) }
    return max(a, 1)
  }

  private static func powerOfTen(_ count: Int) -> Int128 { (0..<count).reduce(1) { power, _ in power * 10 } }
}
