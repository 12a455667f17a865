import Foundation
import Tensors

/// Golden numbers in Float64, written by a script in `Tests/Oracles`, under keys such as `eigen 7/values`.
public struct DoubleGoldens: Sendable {
  private struct Content: Decodable {
    struct Entry: Decodable {
      let shape: [Int]
      let values: [Double]
    }
    let values: [String: Entry]
  }

  /// What the file does not have.
  public struct Missing: Error, Sendable {
    /// The key that was asked for.
    public let key: String
  }

  private let entries: [String: Content.Entry]

  /// Reads a file.
  public init(_ url: URL) throws {
    entries = try JSONDecoder().decode(Content.self, from: Data(contentsOf: url)).values
  }

  /// The numbers under a key, whatever their shape.
  public func numbers(_ key: String) throws -> [Double] {
    guard let entry = entries[key] else { throw Missing(key: key) }
    return entry.values
  }

  /// The one number under a key.
  public func number(_ key: String) throws -> Double {
    let numbers = try numbers(key)
    guard numbers.count == 1 else { throw Missing(key: key) }
    return numbers[0]
  }

  /// The matrix under a key.
  public func matrix(_ key: String) throws -> Matrix {
    guard let entry = entries[key], entry.shape.count == 2 else { throw Missing(key: key) }
    return Matrix(rows: entry.shape[0], columns: entry.shape[1], values: entry.values)
  }

  /// The labels under a key.
  public func labels(_ key: String) throws -> [Int] { try numbers(key).map { Int($0) } }
}

/// The largest |a − b| / max(1, |b|) of two lists; infinite where their lengths differ or a number is none.
public func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  if a.count != b.count { return .infinity }
  var largest = 0.0
  for (a, b) in zip(a, b) {
    let difference = abs(a - b) / max(1, abs(b))
    if difference.isNaN { return .infinity }
    largest = max(largest, difference)
  }
  return largest
}
