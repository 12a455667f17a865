import Learning

extension Workload {
  /// The fits of the classic learners.
  static let classicLearners = ClassicWorkload.allCases.map { workload in
    Workload(workload.rawValue, multiplyAdds: nil) {
      let fit = workload.prepared()
      return { Float(try fit()) }
    }
  }
}
