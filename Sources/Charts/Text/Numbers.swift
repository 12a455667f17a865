import Foundation

/// Numbers as texts. They are written with integer arithmetic: fast, and the same on every machine and locale.
enum Numbers {
  /// A number with a fixed number of decimals, or in scientific form where that would be long.
  static func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return special(value) }
    let places = min(max(places, 0), 12)
    let scaled = (abs(value) * power(places)).rounded()
    guard scaled < 9e15 else { return scientific(value, places: 3) }
    let digits = Int(scaled)
    let unit = Int(power(places))
    var text = value < 0 && digits > 0 ? "-" : ""
    text += String(digits / unit)
    if places > 0 {
      let fraction = String(digits % unit)
      text += "." + String(repeating: "0", count: places - fraction.count) + fraction
    }
    return text
  }

  /// A number as short as three significant digits allow: `0.875`, `12`, `1.5e6`.
  static func compact(_ value: Double) -> String {
    guard value.isFinite else { return special(value) }
    let size = abs(value)
    if size < 1e-300 { return "0" }
    if size < 1e7 && value == value.rounded() { return String(Int(value)) }
    if size < 1e-3 || size >= 1e6 { return scientific(value, places: 2) }
    return trimmed(fixed(value, places: max(0, 2 - exponent(size))))
  }

  /// A number as mantissa and power of ten, without trailing zeros.
  static func scientific(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return special(value) }
    guard abs(value) >= 1e-300 else { return "0" }
    var exponent = exponent(abs(value))
    // In two steps, because a power of ten below 1e-307 has lost its precision.
    var mantissa = value / pow(10, Double(exponent / 2)) / pow(10, Double(exponent - exponent / 2))
    if abs(mantissa) + 0.5 / power(places) >= 10 {
      mantissa /= 10
      exponent += 1
    }
    return trimmed(fixed(mantissa, places: places)) + "e\(exponent)"
  }

  /// Values that stand together, with the same number of decimals; a missing one is a dash.
  static func aligned(_ values: [Double]) -> [String] {
    let sizes = values.filter(\.isFinite).map(abs)
    let largest = sizes.max() ?? 0
    if values.allSatisfy({ !$0.isFinite || ($0 == $0.rounded() && abs($0) < 1e7) }) || largest < 1e-3
      || largest >= 1e6
    {
      return values.map(compact)
    }
    let places = max(0, 2 - exponent(largest))
    return values.map { value in
      let text = fixed(value, places: places)
      return value != 0 && !text.contains(where: { "123456789".contains($0) }) ? compact(value) : text
    }
  }

  /// The labels of ticks that are a step apart.
  static func ticks(_ values: [Double], step: Double) -> [String] {
    let largest = values.map(abs).max() ?? 0
    let stepExponent = exponent(step)
    // Powers of ten are shorter for round numbers only: 2e6, but 12345678.2.
    if (largest >= 1e6 && stepExponent >= 3) || largest >= 1e12 || stepExponent < -5 {
      return values.map { value in
        let size = abs(value)
        return size < step / 2 ? "0" : scientific(value, places: min(max(exponent(size) - stepExponent, 0), 11))
      }
    }
    return values.map { fixed($0, places: max(0, -stepExponent)) }
  }

  /// The power of ten just below a positive number.
  static func exponent(_ value: Double) -> Int {
    guard value > 0, value.isFinite else { return 0 }
    // The small term keeps 1000 from being counted as 999.999….
    return Int((log10(value) + 1e-12).rounded(.down))
  }

  private static func special(_ value: Double) -> String {
    value.isNaN ? "–" : value < 0 ? "-∞" : "∞"
  }

  private static func power(_ places: Int) -> Double {
    var result = 1.0
    for _ in 0..<places { result *= 10 }
    return result
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
