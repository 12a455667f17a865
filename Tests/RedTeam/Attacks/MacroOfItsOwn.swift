// Attacks: the compiler: has it load a plugin.
// Outcome: does not compile
// Says: 

import Contracts
import Foundation

@freestanding(expression) macro steal(_ value: Confusion) -> Double? = #externalMacro(module: "Hostile", type: "Steal")

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return #steal(confusion)
  }
}
