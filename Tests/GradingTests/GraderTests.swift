import Curriculum
import Foundation
import Testing

@testable import Grading

@Test("x") func x() throws {
  let grader = try Grader(seed: 1, references: ["ROCIsNotAccuracy": RightMetrics.self])
  for _ in 0..<3 {
    let clock = ContinuousClock.now
    let result = try grader.grade(.rocIsNotAccuracy, file: URL(filePath: "/tmp/g/ROCIsNotAccuracy.swift"))
    print(result, ContinuousClock.now - clock)
  }
  let t = ContinuousClock.now
  _ = try Toolchain.find()
  print(ContinuousClock.now - t)
}
