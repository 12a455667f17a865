import Behavior
import Foundation

/// A CSV file whose first row names the columns.
///
///     let table = try CSVTable(contentsOf: url)
///     let prices = try table.numbers("price")
public struct CSVTable: Sendable {
  /// The name of the file, for messages.
  public let file: String
  /// The names of the columns.
  public let columns: [String]
  /// The rows, each with one field per column.
  public let rows: [[String]]
  private let lines: [Int]

  /// Reads a file.
  ///
  /// - Throws: `DatasetError` that names the file and the line.
  public init(contentsOf url: URL) throws(DatasetError) {
    try self.init(Resources.text(url), file: url.path)
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - file: the name to use in messages.
  /// - Throws: `DatasetError.badLine`.
  public init(_ text: String, file: String) throws(DatasetError) {
    let records = CSV.records(text)
    guard let header = records.first else {
      throw .badLine(file: file, line: 1, reason: "the file is empty; the first row must name the columns")
    }
    for record in records {
      if let fault = record.fault { throw .badLine(file: file, line: record.line, reason: fault) }
      if record.fields.count != header.fields.count {
        throw .badLine(
          file: file, line: record.line,
          reason: "\(header.fields.count) fields expected, found \(record.fields.count)")
      }
    }
    self.file = file
    columns = header.fields
    rows = records.dropFirst().map(\.fields)
    lines = records.dropFirst().map(\.line)
  }

  /// A column as text.
  ///
  /// - Throws: `DatasetError.badLine` if there is no such column.
  public func texts(_ column: String) throws(DatasetError) -> [String] {
    guard let position = columns.firstIndex(of: column) else {
      throw .badLine(file: file, line: 1, reason: "no column \"\(column)\"; found \(columns.joined(separator: ", "))")
    }
    return rows.map { $0[position] }
  }

  /// A column as numbers.
  ///
  /// - Throws: `DatasetError.badLine` for a missing column or a field that is not a finite number.
  public func numbers(_ column: String) throws(DatasetError) -> [Double] {
    var numbers: [Double] = []
    for (row, text) in try texts(column).enumerated() {
      guard let number = Double(text), number.isFinite else {
        throw .badLine(file: file, line: lines[row], reason: "\(column): \"\(text)\" is not a number")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// A column as whole numbers.
  ///
  /// - Throws: `DatasetError.badLine` for a missing column or a field that is not a whole number.
  public func integers(_ column: String) throws(DatasetError) -> [Int] {
    var numbers: [Int] = []
    for (row, text) in try texts(column).enumerated() {
      guard let number = Int(text) else {
        throw .badLine(file: file, line: lines[row], reason: "\(column): \"\(text)\" is not a whole number")
      }
      numbers.append(number)
    }
    return numbers
  }
}
