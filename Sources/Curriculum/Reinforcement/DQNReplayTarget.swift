import Charts
import Contracts

extension Exercise {
  /// Deep Q-learning on the coupon shop (002 C16).
  public static let dqnReplayTarget: Exercise = Exercise(
    (any DQNReplayTargetExercise).self,
    topic: .reinforcement, kind: .task, sources: ["002 C16"],
    title: LocalizedText(
      en: "DQN with replay memory and target network on a coupon-timing environment, scored against the exact optimum",
      zh: "带经验回放与目标网络的 DQN：发券时机环境，与精确最优值对照"),
    difficulty: 4, minutes: 90,
    checks: DQNReplayTargetChecks.all,
    demo: DQNReplayTargetDemo.demo)
}
