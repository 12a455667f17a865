// Attacks: the contract: a protocol of the same name that asks for nothing.
// Outcome: does not compile
// Says: 

import Contracts
import Foundation

protocol ROCIsNotAccuracyExercise {}
struct Confusion { var falseNegatives = 0 }

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return try rightRecall(confusion)
  }
}
