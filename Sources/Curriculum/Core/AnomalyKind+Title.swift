import Charts
import Simulation

extension AnomalyKind {
  /// What the kind is called in tables and charts.
  public var title: LocalizedText {
    switch self {
    case .takeover: LocalizedText(en: "takeover", zh: "账号接管")
    case .bot: LocalizedText(en: "bot", zh: "机器人")
    case .brushing: LocalizedText(en: "brushing", zh: "刷单")
    case .clickFarm: LocalizedText(en: "click farm", zh: "点击农场")
    case .fakeReview: LocalizedText(en: "fake reviews", zh: "虚假评论")
    case .cardTesting: LocalizedText(en: "card testing", zh: "盗卡试刷")
    case .couponAbuse: LocalizedText(en: "coupon abuse", zh: "薅羊毛")
    case .churn: LocalizedText(en: "churn", zh: "流失")
    }
  }
}
