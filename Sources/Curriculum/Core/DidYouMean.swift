/// `" Did you mean 'x'?"` if one of some words is near, else nothing.
///
/// - Parameters:
///   - word: what somebody wrote.
///   - known: what they may have meant.
/// - Returns: the question with a space before it, or an empty text.
public func didYouMean(_ word: String, _ known: [String]) -> String {
  let near = known.map { (word: $0, distance: editDistance(word, $0)) }.min { $0.distance < $1.distance }
  guard let near, near.distance <= max(2, word.count / 3) else { return "" }
  return " Did you mean '\(near.word)'?"
}

/// How many letters must be inserted, removed, replaced or swapped with a neighbour (Damerau 1964).
private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a)
  let b = Array(b)
  var rows = [Array(0...b.count)]
  for i in 1..<(a.count + 1) {
    var row = [i]
    for j in 1..<(b.count + 1) {
      var cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, rows[i - 2][j - 2] + 1) }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
