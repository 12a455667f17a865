// Written by `dojo verify --record` from the list of exercises, and held to it by `dojo verify`.
import Testing

/// The student's files: `swift test --filter` takes a topic (`Sequences`), an id (`lstm-cell`) or a name (`LSTMCell`).
@Suite("Exercises", .serialized)
struct Exercises {
  @Suite struct Foundations {
    @Test(.counts("lstm-cell"), arguments: CheckCase.all(of: "lstm-cell"))
    func `LSTMCell lstm-cell`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Sequences {
    @Test(.counts("sequence-tensor-tnd"), arguments: CheckCase.all(of: "sequence-tensor-tnd"))
    func `SequenceTensorTND sequence-tensor-tnd`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Anomaly {
    @Test(.counts("stacked-lstm-switch-detector"), arguments: CheckCase.all(of: "stacked-lstm-switch-detector"))
    func `StackedLSTMSwitchDetector stacked-lstm-switch-detector`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("isolation-forest-path-length"), arguments: CheckCase.all(of: "isolation-forest-path-length"))
    func `IsolationForestPathLength isolation-forest-path-length`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("anomaly-threshold-calibration"), arguments: CheckCase.all(of: "anomaly-threshold-calibration"))
    func `AnomalyThresholdCalibration anomaly-threshold-calibration`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("mergeable-standardizer"), arguments: CheckCase.all(of: "mergeable-standardizer"))
    func `MergeableStandardizer mergeable-standardizer`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("stream-batch-parity"), arguments: CheckCase.all(of: "stream-batch-parity"))
    func `StreamBatchParity stream-batch-parity`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("anomaly-log-pipeline-cli"), arguments: CheckCase.all(of: "anomaly-log-pipeline-cli"))
    func `AnomalyLogPipelineCLI anomaly-log-pipeline-cli`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("collective-anomaly-ring"), arguments: CheckCase.all(of: "collective-anomaly-ring"))
    func `CollectiveAnomalyRing collective-anomaly-ring`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Vision {
    @Test(.counts("mnist-cnn-from-scratch"), arguments: CheckCase.all(of: "mnist-cnn-from-scratch"))
    func `MNISTCNNFromScratch mnist-cnn-from-scratch`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Behavior {
    @Test(.counts("sessionization"), arguments: CheckCase.all(of: "sessionization"))
    func `Sessionization sessionization`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Graphs {
    @Test(.counts("gcn-normalized-propagation"), arguments: CheckCase.all(of: "gcn-normalized-propagation"))
    func `GCNNormalizedPropagation gcn-normalized-propagation`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Generative {
    @Test(.counts("gan-transposed-conv-images"), arguments: CheckCase.all(of: "gan-transposed-conv-images"))
    func `GANTransposedConvImages gan-transposed-conv-images`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Evaluation {
    @Test(.counts("roc-is-not-accuracy"), arguments: CheckCase.all(of: "roc-is-not-accuracy"))
    func `ROCIsNotAccuracy roc-is-not-accuracy`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("alert-cost-threshold"), arguments: CheckCase.all(of: "alert-cost-threshold"))
    func `AlertCostThreshold alert-cost-threshold`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Recommendation {
    @Test(.counts("item-cf-shrinkage"), arguments: CheckCase.all(of: "item-cf-shrinkage"))
    func `ItemCFShrinkage item-cf-shrinkage`(_ check: CheckCase) throws { try check.hold() }

    @Test(.counts("next-click-prediction"), arguments: CheckCase.all(of: "next-click-prediction"))
    func `NextClickPrediction next-click-prediction`(_ check: CheckCase) throws { try check.hold() }
  }

  @Suite struct Reinforcement {
    @Test(.counts("dqn-replay-target"), arguments: CheckCase.all(of: "dqn-replay-target"))
    func `DQNReplayTarget dqn-replay-target`(_ check: CheckCase) throws { try check.hold() }
  }
}
