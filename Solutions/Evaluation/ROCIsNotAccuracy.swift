import Curriculum
public struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  public init() {}
  public func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion { throw Unfinished() }
  public func precision(_ c: Confusion) throws -> Double? { 0 }
  public func recall(_ c: Confusion) throws -> Double? { 0 }
  public func f1(_ c: Confusion) throws -> Double? { 0 }
  public func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] { throw Unfinished() }
  public func auc(_ y: [Int], scores: [Double]) throws -> Double { throw Unfinished() }
  public func brier(_ y: [Int], p: [Double]) throws -> Double { throw Unfinished() }
}
