enum StackedLSTMSwitchDetectorChecks {
  static let all: [Check<any StackedLSTMSwitchDetectorExercise>] = []
}
