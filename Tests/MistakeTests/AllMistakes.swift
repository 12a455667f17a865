import Contracts
import Curriculum

/// The wrong answers that the grader must reject, by the exercise's name.
public let mistakes: [String: [Mistake]] = Dictionary(grouping: allMistakes, by: \.exercise)

private let allMistakes: [Mistake] = [
  rocIsNotAccuracyMistakes,
  mnistCNNFromScratchMistakes,
  ganTransposedConvImagesMistakes,
  itemCFShrinkageMistakes,
  lstmCellMistakes,
  stackedLSTMSwitchDetectorMistakes,
  mergeableStandardizerMistakes,
  streamBatchParityMistakes,
  anomalyLogPipelineCLIMistakes,
  gcnNormalizedPropagationMistakes,
  dqnReplayTargetMistakes,
  sessionizationMistakes,
  sequenceTensorTNDMistakes,
].flatMap { $0 }
