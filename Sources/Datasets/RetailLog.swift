import Behavior
import Foundation

/// What 1,000 regular customers of a British online shop bought in two years (Online Retail II).
///
///     let shop = try Datasets.onlineRetail()
///     shop.invoices.count        // 16,872
///     shop.items[0].name         // "WHITE HANGING HEART T-LIGHT HOLDER"
public struct RetailLog: Sendable, Hashable {
  /// A customer; many are shops themselves.
  public struct Customer: Sendable, Hashable {
    /// The number in the original data.
    public let number: Int
    /// Where they live.
    public let country: String
  }

  /// An article.
  public struct Item: Sendable, Hashable {
    /// The code in the original data.
    public let code: String
    /// What it is.
    public let name: String
    /// The median price, in pounds.
    public let price: Double
  }

  /// One line of an invoice.
  public struct Line: Sendable, Hashable {
    /// The article's position in `items`.
    public let item: Int
    /// How many; negative when they were sent back.
    public let quantity: Int
  }

  /// What one customer bought, or sent back, at one time.
  public struct Invoice: Sendable, Hashable {
    /// The customer's position in `customers`.
    public let customer: Int
    /// When, in seconds since 1970, taking the shop's clock for UTC.
    public let time: Double
    /// What.
    public let lines: [Line]

    /// Whether goods were sent back.
    public var isCancellation: Bool { lines.contains { $0.quantity < 0 } }
  }

  /// One purchase of one article.
  public struct Purchase: Sendable, Hashable {
    /// The customer's position in `customers`.
    public let customer: Int
    /// The article's position in `items`.
    public let item: Int
    /// When, in seconds since 1970.
    public let time: Double
    /// How many.
    public let quantity: Int
  }

  /// The customers.
  public let customers: [Customer]
  /// The articles, those on most lines first.
  public let items: [Item]
  /// The invoices by time.
  public let invoices: [Invoice]

  /// Every line that was bought, by time; what was sent back is left out.
  public var purchases: [Purchase] {
    invoices.flatMap { invoice in
      invoice.lines.filter { $0.quantity > 0 }.map { line in
        Purchase(customer: invoice.customer, item: line.item, time: invoice.time, quantity: line.quantity)
      }
    }
  }

  /// The purchases as events; the value is the price times the quantity.
  public var events: [Event] {
    purchases.map { purchase in
      Event(
        user: "\(customers[purchase.customer].number)", time: purchase.time, action: .purchase,
        item: items[purchase.item].code, value: items[purchase.item].price * Double(purchase.quantity),
        region: customers[purchase.customer].country)
    }
  }
}

extension Datasets {
  /// What 1,000 regular customers of a British online shop bought in two years.
  ///
  /// - Throws: `DatasetError` if the files are missing or damaged.
  public static func onlineRetail() throws -> RetailLog {
    let people = try CSVTable(contentsOf: Resources.url("retail/customers.csv"))
    let articles = try CSVTable(contentsOf: Resources.url("retail/items.csv"))
    let customers = zip(try people.integers("customer"), try people.texts("country")).map { number, country in
      RetailLog.Customer(number: number, country: country)
    }
    let codes = try articles.texts("code")
    let names = try articles.texts("name")
    let prices = try articles.numbers("price")
    let items = codes.indices.map { RetailLog.Item(code: codes[$0], name: names[$0], price: prices[$0]) }
    let url = try Resources.url("retail/invoices.bin")
    return RetailLog(
      customers: customers, items: items,
      invoices: try RetailLog.invoices(
        [UInt8](Resources.read(url)), file: url.path, customers: customers.count, items: items.count))
  }
}

extension RetailLog {
  /// Reads `invoices.bin`: "RETAIL01", the numbers of invoices n and of lines m (32 bits each), then column after
  /// column: n minutes since 2009-12-01 (32 bits), n customers, n line counts, m items, m quantities (16 bits each, the
  /// last signed). Everything is little-endian.
  static func invoices(
    _ file: [UInt8], file name: String, customers: Int, items: Int
  ) throws(DatasetError) -> [Invoice] {
    func malformed(_ expected: String, _ found: String) -> DatasetError {
      .malformed(file: name, expected: expected, found: found)
    }
    guard file.count >= 16, file.starts(with: Array("RETAIL01".utf8)) else {
      throw malformed("\"RETAIL01\" and two numbers", "\(file.count) bytes that begin otherwise")
    }
    func unsigned16(_ offset: Int) -> Int { Int(file[offset]) | Int(file[offset + 1]) << 8 }
    func unsigned32(_ offset: Int) -> Int { unsigned16(offset) | unsigned16(offset + 2) << 16 }
    let n = unsigned32(8)
    let m = unsigned32(12)
    guard file.count == 16 + 8 * n + 4 * m else {
      throw malformed("\(16 + 8 * n + 4 * m) bytes for \(n) invoices and \(m) lines", "\(file.count)")
    }
    let people = 16 + 4 * n
    let counts = people + 2 * n
    let articles = counts + 2 * n
    let quantities = articles + 2 * m
    let start = 1_259_625_600.0  // 2009-12-01 00:00
    var invoices: [Invoice] = []
    invoices.reserveCapacity(n)
    var next = 0
    for index in 0..<n {
      let customer = unsigned16(people + 2 * index)
      let count = unsigned16(counts + 2 * index)
      guard customer < customers else {
        throw malformed("customers below \(customers)", "\(customer) in invoice \(index)")
      }
      guard next + count <= m else { throw malformed("\(m) lines in all", "more by invoice \(index)") }
      var lines: [Line] = []
      for line in next..<(next + count) {
        let item = unsigned16(articles + 2 * line)
        guard item < items else { throw malformed("items below \(items)", "\(item) in line \(line)") }
        let quantity = Int16(truncatingIfNeeded: unsigned16(quantities + 2 * line))
        lines.append(Line(item: item, quantity: Int(quantity)))
      }
      next += count
      invoices.append(
        Invoice(customer: customer, time: start + 60 * Double(unsigned32(16 + 4 * index)), lines: lines))
    }
    guard next == m else { throw malformed("\(m) lines in all", "\(next)") }
    return invoices
  }
}
