import Contracts

extension Exercise {
  /// Every exercise, in the order in which they are listed.
  public static let all: [Exercise] = [
    .rocIsNotAccuracy,
    .sessionization,
    .sequenceTensorTND,
    .itemCFShrinkage,
    .nextClickPrediction,
    .lstmCell,
    .stackedLSTMSwitchDetector,
    .isolationForestPathLength,
    .anomalyThresholdCalibration,
    .mergeableStandardizer,
    .streamBatchParity,
    .anomalyLogPipelineCLI,
    .alertCostThreshold,
    .collectiveAnomalyRing,
    .gcnNormalizedPropagation,
    .mnistCNNFromScratch,
    .dqnReplayTarget,
    .ganTransposedConvImages,
  ]

  /// The exercise with an id or a name.
  public static func named(_ idOrName: String) -> Exercise? {
    all.first { $0.id == idOrName || $0.name == idOrName }
  }
}
