// Attacks: the tensors: adds what cannot be added.
// Outcome: wrong shape
// Says: [3]
// Line: yes

import Contracts
import Tensors

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    print(Tensor([1, 2, 3], shape: [3]) + Tensor([1, 2], shape: [2]))
    return 0
  }
}
