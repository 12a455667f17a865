import Charts
import Contracts

extension Exercise {
  /// A log in, alarms with type and time out, batch and live (001 §2.4).
  public static let anomalyLogPipelineCLI: Exercise = Exercise(
    (any AnomalyLogPipelineCLIExercise).self,
    topic: .anomaly, kind: .project, sources: ["001 §2.4", "001 §3.2", "001 §4.3", "001 §5"],
    title: LocalizedText(
      en: "End-to-end anomaly detection on a behaviour log: CSV in, typed and timed alarms out, batch and streaming",
      zh: "端到端行为日志异常检测：CSV 输入，输出带类型与时间的告警（批量 + 实时）"),
    difficulty: 5, minutes: 150,
    checks: AnomalyLogPipelineCLIChecks.all,
    demo: AnomalyLogPipelineCLIDemo.demo)
}
