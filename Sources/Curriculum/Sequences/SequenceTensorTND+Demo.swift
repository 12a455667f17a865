import Charts
import Contracts
import Foundation
import Tensors

/// Six users of the simulated shop in one tensor: what padding does to a mean, and a reshape to a user's row.
enum SequenceTensorTNDDemo {
  static var demo: Demo<any SequenceTensorTNDExercise> {
    Demo { encoder, context in
      context.progress(.init("six users", fraction: 0))
      let shoppers = try SixShoppers(random: context.random("shop"))
      let (n, d) = (shoppers.users.count, SixShoppers.features.count)
      let batch = try encoder.pack(shoppers.users, maxT: maxT)
      let t = batch.mask.count
      try BadInput.unless(
        batch.x.count == t * n * d && batch.mask.allSatisfy { $0.count == n } && batch.lengths.count == n
          && zip(batch.lengths, shoppers.users).allSatisfy { (0...min(t, $1.rows)).contains($0) },
        "tensor, lengths and mask do not fit together; dojo check sequence-tensor-tnd")
      let masked = try encoder.maskedMean(batch.x, t: t, n: n, d: d, lengths: batch.lengths)
      try BadInput.unless(masked.rows == n && masked.columns == d, "maskedMean gives \(masked.rows)×\(masked.columns)")
      let naive = PaddedMean.overAllSteps(batch.x, t: t, n: n, d: d)

      // Whose event is it? A tensor of the users' numbers, moved as the features are.
      let owners = (0..<t).flatMap { _ in (0..<n).map { Double($0) } }
      let moved = try encoder.toBatchMajor(owners, t: t, n: n, d: 1)
      try BadInput.unless(moved.count == t * n, "toBatchMajor makes \(moved.count) numbers of \(t * n)")
      let truth = shoppers.users.enumerated().map { user, rows in
        rows.meanOfLast(batch.lengths[user], column: SixShoppers.pause)
      }
      context.progress(.init("six users", fraction: 1))

      return DemoReport(
        metrics: [
          "largestErrorOfMeanPause": largestError(masked, truth), "foreignEventsShare": foreignShare(moved, t: t, n: n),
        ],
        baseline: [
          "largestErrorOfMeanPause": largestError(naive, truth), "foreignEventsShare": foreignShare(owners, t: t, n: n),
        ],
        report: Report(
          title: LocalizedText(en: "Six users in one tensor of shape [T, N, D]", zh: "六名用户装进一个 [T, N, D] 张量"),
          blocks: [
            .text(
              LocalizedText(
                en:
                  "The users have \(list(shoppers.users.map(\.rows))) events: there is no T that fits them all. At maxT = \(maxT) the tensor is "
                  + "[\(t), \(n), \(d)], \(batch.x.count) numbers, of which \(percent(1 - realShare(batch), places: 0)) are padding. An event takes "
                  + "D = \(d) numbers: five for the action (one-hot), one for the logarithm of the pause before it, two for the hour on a "
                  + "circle.",
                zh:
                  "六名用户各有 \(list(shoppers.users.map(\.rows))) 个事件：没有哪个 T 对所有人都合适。取 maxT = \(maxT)，张量为 [\(t), \(n), \(d)]，共 "
                  + "\(batch.x.count) 个数，其中 \(percent(1 - realShare(batch), places: 0)) 是填充。一个事件占 D = \(d) 个数：动作五个（独热），之前停顿的对数一个，"
                  + "一天中的时刻（圆上的点）两个。")),
            .chart(heatmap(batch, shoppers, t: t, n: n, d: d)),
            .table(table(shoppers, masked, naive, batch)),
            .text(
              LocalizedText(
                en:
                  "The naive mean divides by T, so the quieter a user, the less he seems to do of everything; the masked mean is that of his own "
                  + "events. The mean of the action codes is a number without a meaning: half way between 'search' (0) and 'cart' (2) lies "
                  + "'view' (1), because somebody numbered them so. And step \(momentStep) of one user has nothing to do with step "
                  + "\(momentStep) of another: it happens after anything from \(duration(moments(shoppers).min() ?? 0)) to "
                  + "\(duration(moments(shoppers).max() ?? 0)), which is why the pause is a feature.",
                zh: "朴素平均除以 T，用户越安静，看上去什么都做得越少；掩码平均才是他自己事件的平均。动作编号的平均没有意义：search（0）与 cart（2）的中间是 view（1），只因为有人这样编了号。"
                  + "一名用户的第 \(momentStep) 步与另一名的第 \(momentStep) 步毫不相干：它发生在首个事件之后 \(duration(moments(shoppers).min() ?? 0)) 到 "
                  + "\(duration(moments(shoppers).max() ?? 0)) 不等，所以停顿要作为特征。")),
            .chart(
              grid(
                LocalizedText(en: "Transposed: each row is one user's", zh: "转置：每一行属于一名用户"), moved, shoppers, t: t, n: n
              )),
            .chart(
              grid(
                LocalizedText(en: "Reshaped: the same numbers, and every row is of everybody", zh: "重塑：同样的数，每一行都混着所有人"),
                owners, shoppers, t: t, n: n)),
            .text(
              LocalizedText(
                en:
                  "Both have the shape [\(n), \(t)], and nothing complains: a model trains on either. After the reshape "
                  + "\(percent(foreignShare(owners, t: t, n: n), places: 0)) of the steps in a user's row are not his.",
                zh:
                  "两者形状都是 [\(n), \(t)]，不会有任何报错，模型照样能训练。重塑之后，一名用户的行里有 \(percent(foreignShare(owners, t: t, n: n), places: 0)) 的步不是他的。"
              )),
          ]))
    }
  }

  private static let maxT = 25

  /// The step whose moments are compared, counted from 1.
  private static let momentStep = 10

  /// When the users who get that far reach the step, in seconds after their first event.
  private static func moments(_ shoppers: SixShoppers) -> [Double] {
    shoppers.seconds.filter { $0.count >= momentStep }.map { $0[momentStep - 1] }
  }

  private static func realShare(_ batch: TimeMajorBatch) -> Double {
    Double(batch.lengths.reduce(0, +)) / Double(max(1, batch.mask.count * batch.lengths.count))
  }

  private static func largestError(_ means: Matrix, _ truth: [Double]) -> Double {
    truth.enumerated().map { abs(means[$0, SixShoppers.pause] - $1) }.max() ?? 0
  }

  /// The share of the entries of `[N, T]` that do not belong to the user of their row.
  private static func foreignShare(_ owners: [Double], t: Int, n: Int) -> Double {
    Double(owners.indices.count { Int(owners[$0]) != $0 / max(1, t) }) / Double(max(1, t * n))
  }

  private static func heatmap(_ batch: TimeMajorBatch, _ shoppers: SixShoppers, t: Int, n: Int, d: Int) -> Chart {
    Chart(
      title: LocalizedText(
        en: "One feature of the tensor, the pause before each event; grey is padding", zh: "张量的一个特征：每个事件之前的停顿；灰色是填充"),
      xLabel: LocalizedText(en: "step t, log(1 + seconds)", zh: "步 t，log(1 + 秒)"),
      yLabel: LocalizedText(en: "user n", zh: "用户 n"),
      content: .heatmap(
        values: (0..<n).map { user in
          (0..<t).map { step in batch.mask[step][user] ? batch.x[(step * n + user) * d + SixShoppers.pause] : .nan }
        },
        rows: shoppers.names.map { LocalizedText($0) }, columns: [],
        showsValues: false))
  }

  private static func table(
    _ shoppers: SixShoppers, _ masked: Matrix, _ naive: Matrix, _ batch: TimeMajorBatch
  ) -> Table {
    let view = SixShoppers.actions.firstIndex(of: "view") ?? 0
    return Table(
      caption: LocalizedText(en: "Means with and without the mask", zh: "有掩码与无掩码的平均"),
      columns: [
        LocalizedText(en: "user", zh: "用户"), LocalizedText(en: "events", zh: "事件数"),
        LocalizedText(en: "kept", zh: "保留"),
        LocalizedText(en: "views, masked", zh: "浏览占比（掩码）"), LocalizedText(en: "views, naive", zh: "浏览占比（朴素）"),
        LocalizedText(en: "pause, masked", zh: "停顿（掩码）"), LocalizedText(en: "pause, naive", zh: "停顿（朴素）"),
        LocalizedText(en: "mean action code", zh: "动作编号平均"),
      ],
      rows: shoppers.names.indices.map { user in
        let codes = shoppers.codes[user].suffix(batch.lengths[user])
        return [
          LocalizedText(shoppers.names[user]), LocalizedText("\(shoppers.users[user].rows)"),
          LocalizedText("\(batch.lengths[user])"),
        ]
          + [
            masked[user, view], naive[user, view], masked[user, SixShoppers.pause], naive[user, SixShoppers.pause],
            Double(codes.reduce(0, +)) / Double(max(1, codes.count)),
          ].map { LocalizedText(String(format: "%.2f", $0)) }
      })
  }

  /// Whose number stands where; a framed cell is in another user's row.
  private static func grid(
    _ title: LocalizedText, _ owners: [Double], _ shoppers: SixShoppers, t: Int, n: Int
  ) -> Chart {
    Chart(
      title: title, xLabel: LocalizedText(en: "step", zh: "步"), yLabel: LocalizedText(en: "row", zh: "行"),
      content: .grid(
        cells: (0..<n).map { row in
          (0..<t).map { step in
            let owner = Int(owners[row * t + step])
            return Chart.Cell(group: owner, isHighlighted: owner != row)
          }
        },
        rows: shoppers.names.map { LocalizedText($0) }, columns: (0..<t).map { LocalizedText("\($0)") },
        groups: shoppers.names.map { LocalizedText($0) }))
  }

  private static func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: ", ") }

  private static func duration(_ seconds: Double) -> String {
    seconds < 3_600 ? String(format: "%.0f min", seconds / 60) : String(format: "%.1f h", seconds / 3_600)
  }
}

extension Matrix {
  /// The mean of a column over the last rows.
  fileprivate func meanOfLast(_ count: Int, column: Int) -> Double {
    guard count > 0 else { return 0 }
    return (rows - count..<rows).reduce(0) { $0 + self[$1, column] } / Double(count)
  }
}
