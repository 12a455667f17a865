import Behavior
import Foundation

/// Reads ratings in the format of MovieLens 100K's `u.data`.
///
/// A line is `user⇥item⇥stars⇥time`, separated by tabs or blanks. The file itself may not be passed on: download it from
/// GroupLens, or let `RatingsGenerator` make one up.
public enum MovieLens {
  /// The ratings of a file, in its order.
  ///
  /// - Throws: `DatasetError` that names the file and the line.
  public static func ratings(contentsOf url: URL) throws(DatasetError) -> [Rating] {
    try ratings(Resources.text(url), file: url.path)
  }

  /// Reads the ratings of a text.
  ///
  /// - Parameters:
  ///   - text: the text; empty lines are skipped.
  ///   - file: the name to use in messages.
  /// - Returns: the ratings in the order of the text.
  /// - Throws: `DatasetError.badLine` for anything but four whole numbers, users and items from 1, stars 1 to 5.
  public static func ratings(_ text: String, file: String = "u.data") throws(DatasetError) -> [Rating] {
    var ratings: [Rating] = []
    var number = 0
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let fields = line.split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
      if fields.isEmpty { continue }
      func bad(_ reason: String) -> DatasetError { .badLine(file: file, line: number, reason: reason) }
      if fields.count != 4 { throw bad("user, item, stars and time expected, found \(fields.count) fields") }
      var values: [Int] = []
      for field in fields {
        guard let value = Int(String(Substring(field))) else {
          throw bad("\"\(Substring(field))\" is not a whole number")
        }
        values.append(value)
      }
      if values[0] < 1 || values[1] < 1 {
        throw bad("users and items are numbered from 1, found \(values[0]), \(values[1])")
      }
      if !(1...5).contains(values[2]) { throw bad("stars from 1 to 5 expected, found \(values[2])") }
      ratings.append(Rating(user: values[0], item: values[1], stars: values[2], time: values[3]))
    }
    return ratings
  }
}
