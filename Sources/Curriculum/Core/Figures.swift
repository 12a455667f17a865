import Foundation

/// A number with some places after its point.
func decimals(_ value: Double, places: Int = 3) -> String { String(format: "%.*f", places, value) }

/// A share of 1 in percent, with some places after its point.
func percent(_ share: Double, places: Int = 1) -> String { String(format: "%.*f%%", places, 100 * share) }

/// The mean of some numbers; not a number where there are none.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
