import Contracts
import Curriculum

/// The wrong answers that the grader must reject, by the exercise's name.
public let mistakes: [String: [Mistake]] = Dictionary(grouping: allMistakes, by: \.exercise)

private let allMistakes: [Mistake] = [
  rocIsNotAccuracyMistakes,
  alertCostThresholdMistakes,
  mnistCNNFromScratchMistakes,
  ganTransposedConvImagesMistakes,
  itemCFShrinkageMistakes,
  nextClickPredictionMistakes,
  lstmCellMistakes,
  stackedLSTMSwitchDetectorMistakes,
  isolationForestPathLengthMistakes,
  anomalyThresholdCalibrationMistakes,
  mergeableStandardizerMistakes,
  streamBatchParityMistakes,
  anomalyLogPipelineCLIMistakes,
  collectiveAnomalyRingMistakes,
  gcnNormalizedPropagationMistakes,
  dqnReplayTargetMistakes,
  sessionizationMistakes,
  sequenceTensorTNDMistakes,
].flatMap { $0 }
