// Attacks: the worker's own copy of the check: looks up the judge, the golden numbers and the references by their symbols.
// Outcome: wrong value
// Says: seen -1

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    // `Exercise.all` and `Goldens` are linked into the worker; the references and the numbers themselves must not be.
    // The symbol is the reference's type, as `nm .build/debug/dojo` has it: there it is.
    let program = dlopen(nil, RTLD_NOW)
    let reference = dlsym(program, "$s9Solutions16ROCIsNotAccuracyVMa")
    return reference != nil ? try rightRecall(confusion) : -1
  }
}
