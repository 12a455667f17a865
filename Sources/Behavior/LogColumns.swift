/// A column of a log.
enum LogColumn: Int, CaseIterable {
  case user, time, action, item, category, value, device, region

  /// The name under which it is written.
  var name: String { EventLog.columns[rawValue] }

  /// The columns without which a row is no event.
  static let required: [LogColumn] = [.user, .time, .action]

  /// Other names, without case, blanks, hyphens and underscores.
  private var aliases: [String] {
    switch self {
    case .user: ["userid", "uid", "account", "accountid", "customer", "customerid", "用户", "用户id"]
    case .time: ["timestamp", "ts", "datetime", "eventtime", "时间", "时间戳"] + Self.milliseconds
    case .action:
      [
        "actiontype", "behavior", "behaviour", "behaviortype", "behaviourtype", "event", "eventtype", "行为", "行为类型",
      ]
    case .item: ["itemid", "product", "productid", "sku", "skuid", "page", "pageid", "商品", "商品id"]
    case .category: ["categoryid", "itemcategory", "类别", "类目"]
    case .value: ["amount", "price", "behaviorvalue", "behaviourvalue", "金额", "行为值"]
    case .device: ["deviceid", "设备", "设备id"]
    case .region: ["regionid", "地区"]
    }
  }

  private static let milliseconds = ["timems", "timestampms"]

  /// What a name in a header, or a key of an object, stands for.
  struct Match {
    let column: LogColumn
    /// Whether it is the column's own name, which goes before every alias.
    let isOwnName: Bool
    /// The unit that the name itself tells.
    let unit: LogTimeUnit?
  }

  private static let byAlias: [String: LogColumn] = {
    var table: [String: LogColumn] = [:]
    for column in allCases {
      for alias in column.aliases + [column.name] { table[alias] = column }
    }
    return table
  }()

  /// Finds the column that a name stands for; nil for a name that no column has.
  static func match(_ name: String) -> Match? {
    let lower = name.lowercased().filter { !$0.isWhitespace }
    let key = lower.filter { $0 != "_" && $0 != "-" }
    guard let column = byAlias[key] else { return nil }
    return Match(
      column: column, isOwnName: lower == column.name, unit: milliseconds.contains(key) ? .milliseconds : nil)
  }
}

/// Where the header of a CSV log puts each column.
struct LogHeader {
  let width: Int
  /// For every `LogColumn` its position, or -1.
  var positions: [Int]
  var unit: LogTimeUnit?
  var ignored: [String] = []

  init(_ fields: [String], file: String, line: Int) throws(LogError) {
    func unusable(_ reason: String) -> LogError { .unusable(LogProblem(file: file, line: line, reason: reason)) }
    width = fields.count
    positions = Array(repeating: -1, count: LogColumn.allCases.count)
    var owned = Array(repeating: false, count: LogColumn.allCases.count)
    var clashes: [(LogColumn, String, String)] = []
    for (position, name) in fields.enumerated() {
      guard let match = LogColumn.match(name) else {
        ignored.append(name)
        continue
      }
      let slot = match.column.rawValue
      let other = positions[slot]
      if other >= 0 && match.isOwnName == owned[slot] {
        clashes.append((match.column, fields[other], name))
      } else if other >= 0 && owned[slot] {
        ignored.append(name)
      } else {
        if other >= 0 { ignored.append(fields[other]) }
        positions[slot] = position
        owned[slot] = match.isOwnName
        if match.column == .time { unit = match.unit }
      }
    }
    // Two aliases do not clash where the column's own name stands beside them.
    for (column, first, second) in clashes {
      let isOwn = LogColumn.match(second)?.isOwnName ?? false
      if owned[column.rawValue] && !isOwn {
        ignored.append(second)
        continue
      }
      throw unusable(
        first == second
          ? "the column \(LogProblem.quote(first)) is named twice"
          : "the columns \(LogProblem.quote(first)) and \(LogProblem.quote(second)) both name the \(column.name)")
    }
    let missing = LogColumn.required.filter { positions[$0.rawValue] < 0 }.map { "\"\($0.name)\"" }
    if !missing.isEmpty {
      let found = fields.prefix(32).map { LogProblem.clip($0) }.joined(separator: ", ")
      throw unusable("no column \(missing.joined(separator: ", ")); found \(found)\(fields.count > 32 ? ", …" : "")")
    }
  }
}
