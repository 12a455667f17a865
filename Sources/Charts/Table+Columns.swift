extension Table {
  /// Which columns hold numbers, so that their digits stand below each other.
  var numericColumns: [Bool] {
    columns.indices.map { column in
      let cells = rows.map { $0[column].en }
      return cells.contains(where: Table.isNumber) && cells.allSatisfy { Table.isNumber($0) || Table.isBlank($0) }
    }
  }

  /// Whether a text is a number, perhaps with a sign, a unit or a tolerance: `0.93`, `-12 %`, `1.2 ± 0.1 ms`, `<1e-6`.
  private static func isNumber(_ text: String) -> Bool {
    let body = text.drop { "+-−±~≈<>≤≥$¥€ ".contains($0) }
    guard let first = body.first, first.isASCII, first.isNumber else { return false }
    return body.filter(\.isLetter).count <= 4
  }

  private static func isBlank(_ text: String) -> Bool {
    ["", "-", "–", "—", "n/a", "∞", "-∞"].contains(text)
  }
}
