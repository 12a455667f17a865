import Charts
import Contracts
import Foundation
import Learning
import Simulation
import Tensors

enum DQNReplayTargetDemo {
  static var demo: Demo<any DQNReplayTargetExercise> {
    Demo { dqn, context in
      let shop = CouponShop()
      let best = shop.bestPolicy()
      let optimum = shop.expectedReturn(actions: best.policy)
      let steps = 30_000
      var replayLess = DQNSettings()
      (replayLess.batch, replayLess.capacity) = (1, 1)
      var targetLess = DQNSettings()
      targetLess.copyEvery = 1
      var unscaled = DQNSettings()
      unscaled.rewardUnit = 1
      let variants: [Variant] = try [
        (LocalizedText("DQN"), DQNSettings()),
        (LocalizedText(en: "without replay", zh: "无经验回放"), replayLess),
        (LocalizedText(en: "without target network", zh: "无目标网络"), targetLess),
        (LocalizedText(en: "rewards not scaled", zh: "奖励未缩放"), unscaled),
      ].map { name, settings in
        try Variant(name, settings, steps: steps, dqn, shop, context)
      }
      let learned = variants[0]

      let everywhere = { (action: Int) in [Int](repeating: action, count: CouponShop.stateCount) }
      let evenly = [[Double]](repeating: [0.25, 0.25, 0.25, 0.25], count: CouponShop.stateCount)
      let baselines: [(LocalizedText, Double)] = [
        (LocalizedText(en: "random", zh: "随机"), shop.expectedReturn(of: evenly)),
        (LocalizedText(en: "always nothing", zh: "始终不做"), shop.expectedReturn(actions: everywhere(0))),
        (LocalizedText(en: "always recommend", zh: "始终推荐"), shop.expectedReturn(actions: everywhere(1))),
        (LocalizedText(en: "always 5 %", zh: "始终 5% 券"), shop.expectedReturn(actions: everywhere(2))),
        (LocalizedText(en: "always 15 %", zh: "始终 15% 券"), shop.expectedReturn(actions: everywhere(3))),
        (
          LocalizedText(en: "myopic (γ = 0)", zh: "短视（γ = 0）"),
          shop.expectedReturn(actions: shop.bestPolicy(discount: 0).policy)
        ),
      ]
      let rows =
        baselines + variants.map { ($0.name, $0.final) } + [
          (LocalizedText(en: "the optimum (value iteration)", zh: "最优（价值迭代）"), optimum)
        ]
      let fixed = baselines[1...4].map(\.1).max() ?? 0

      return DemoReport(
        metrics: ["return": learned.final, "share of the optimum": learned.final / optimum],
        baseline: ["return": fixed, "share of the optimum": fixed / optimum],
        report: Report(
          title: LocalizedText(en: "When to show a coupon", zh: "何时发券"),
          blocks: [
            .table(
              Table(
                caption: LocalizedText(
                  en:
                    "What a policy earns per visit, discounted (γ = 0.95), computed exactly; learners: mean of the last 5,000 steps",
                  zh: "每次访问的折扣收益（γ = 0.95），精确计算；学习者取最后 5000 步的平均"),
                columns: [
                  LocalizedText(en: "policy", zh: "策略"), LocalizedText(en: "return", zh: "收益"),
                  LocalizedText(en: "of the optimum", zh: "占最优"),
                ],
                rows: rows.map { name, value in
                  [
                    name, LocalizedText(String(format: "%.3f", value)),
                    LocalizedText(String(format: "%.1f %%", 100 * value / optimum)),
                  ]
                }, highlightedRow: baselines.count)),
            .text(
              LocalizedText(
                en:
                  "Predicting what a user does next does not change it. Here the shop acts and the visitor reacts, so "
                  + "there is something to learn. The best policy waits: it gives coupons at the last moment, and 15 % to "
                  + "the very price-sensitive once their cart is full. Looking one step ahead only, or always giving "
                  + "coupons, earns less than doing nothing.",
                zh: "预测用户的下一步并不会改变它。这里由商城行动、访客反应，因而有东西可学。最优策略会等待：在最后一刻才发券，对高度价格敏感者则等购物车装满再给 15%。"
                  + "只看一步，或总是发券，还不如什么都不做。")),
            .text(
              LocalizedText(
                en:
                  "Replay carries the result. The target network does not here: a visit has six steps at most, too few for "
                  + "errors to chase each other. And rewards must be scaled: where errors exceed 1 Huber's loss pulls towards "
                  + "the median, and most steps earn nothing.",
                zh: "结果靠的是经验回放。目标网络在这里不起作用：一次访问至多六步，误差来不及互相追逐。奖励还必须缩放：误差超过 1 时，Huber 损失偏向中位数，而多数步的收益为零。")),
            .chart(
              Chart(
                title: LocalizedText(
                  en: "What the greedy policy earns during training (exact, one seed)", zh: "训练过程中贪心策略的收益（精确值，单个种子）"),
                xLabel: LocalizedText(en: "steps in the shop", zh: "商城中的步数"),
                yLabel: LocalizedText(en: "return", zh: "收益"),
                content: .lines(
                  variants.map { Chart.Series($0.name, points: $0.curve) },
                  marks: [
                    .horizontal(y: optimum, label: LocalizedText(en: "optimum", zh: "最优")),
                    .horizontal(y: fixed, label: LocalizedText(en: "best fixed action", zh: "最佳固定动作")),
                  ]))),
            .chart(policyChart(learned.policy, LocalizedText(en: "The learned policy", zh: "学到的策略"))),
            .chart(policyChart(best.policy, LocalizedText(en: "The best policy", zh: "最优策略"))),
            .text(
              LocalizedText(
                en: "0 nothing, 1 recommend, 2 a coupon of 5 %, 3 a coupon of 15 %. Rows: price sensitivity (hardly, "
                  + "somewhat, very) and cart; columns: depth of the visit; no coupon shown yet.",
                zh: "0 不做，1 推荐，2 5% 券，3 15% 券。行：价格敏感度（低、中、高）与购物车件数；列：访问深度；尚未发券。")),
          ]))
    }
  }

  /// One way to learn, and what came of it.
  private struct Variant {
    let name: LocalizedText
    let policy: [Int]
    let final: Double
    let curve: [Chart.Point]

    init(
      _ name: LocalizedText, _ settings: DQNSettings, steps: Int, _ dqn: any DQNReplayTargetExercise,
      _ shop: CouponShop, _ context: DemoContext
    ) throws {
      var random = context.random("agent")  // the same for every variant
      var agent = try newAgent(dqn, settings: settings, using: &random)
      var curve: [Chart.Point] = []
      for step in 0...steps {
        if step % 500 == 0 {
          let value = shop.expectedReturn(actions: greedyPolicy(agent.online))
          curve.append(Chart.Point(Double(step), value))
          context.progress(
            ProgressUpdate(
              name.en, fraction: Double(step) / Double(steps), details: "return \(String(format: "%.3f", value))"))
        }
        if step < steps { _ = try dqn.trainStep(&agent, settings: settings, using: &random) }
      }
      self.name = name
      policy = greedyPolicy(agent.online)
      // Greedy policies flicker between actions of nearly equal value: the mean of the last 5,000 steps says more.
      final = curve.suffix(10).map(\.y).reduce(0, +) / 10
      self.curve = curve
    }
  }

  /// The actions where no coupon was shown yet.
  private static func policyChart(_ policy: [Int], _ title: LocalizedText) -> Chart {
    var values: [[Double]] = []
    var rows: [LocalizedText] = []
    for (sensitivity, words) in [("hardly", "低"), ("somewhat", "中"), ("very", "高")].enumerated() {
      for cart in 0..<4 {
        values.append(
          (0..<6).map { depth in
            let state = CouponShop.State(depth: depth, cart: cart, sensitivity: sensitivity, couponUsed: false)
            return Double(policy[CouponShop.index(of: state)])
          })
        rows.append(LocalizedText(en: "\(words.0), \(cart) items", zh: "\(words.1)，\(cart) 件"))
      }
    }
    return Chart(
      title: title, xLabel: LocalizedText(en: "depth", zh: "深度"),
      content: .heatmap(values: values, rows: rows, columns: (0..<6).map { LocalizedText("\($0)") }, showsValues: true))
  }
}
