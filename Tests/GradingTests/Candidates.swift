import Curriculum
import Foundation

@testable import Grading

/// A right implementation of the exercise that these tests grade; it stands for the reference.
struct RightMetrics: ROCIsNotAccuracyExercise {
  init() {}
  func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion { throw Unfinished() }
  func precision(_ c: Confusion) throws -> Double? { 0.8 }
  func recall(_ c: Confusion) throws -> Double? { 0.2 }
  func f1(_ c: Confusion) throws -> Double? { 0.32 }
  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] { throw Unfinished() }
  func auc(_ y: [Int], scores: [Double]) throws -> Double { throw Unfinished() }
  func brier(_ y: [Int], p: [Double]) throws -> Double { throw Unfinished() }
}
