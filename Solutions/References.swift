import Contracts

/// The reference implementation of every exercise, by the exercise's name.
public let references: [String: any ExerciseContract.Type] = Dictionary(
  uniqueKeysWithValues: referenceTypes.map { ("\($0)", $0) })

private let referenceTypes: [any ExerciseContract.Type] = [
  ROCIsNotAccuracy.self,
  AlertCostThreshold.self,
  MNISTCNNFromScratch.self,
  GANTransposedConvImages.self,
  ItemCFShrinkage.self,
  NextClickPrediction.self,
  LSTMCell.self,
  StackedLSTMSwitchDetector.self,
  IsolationForestPathLength.self,
  AnomalyThresholdCalibration.self,
  MergeableStandardizer.self,
  StreamBatchParity.self,
  AnomalyLogPipelineCLI.self,
  CollectiveAnomalyRing.self,
  GCNNormalizedPropagation.self,
  DQNReplayTarget.self,
  Sessionization.self,
  SequenceTensorTND.self,
]
