import Contracts
import Tensors

// Behaviour logs of different lengths as one tensor. `dojo show sequence-tensor-tnd` has the question, `dojo hint` helps.
//
// T steps, N users, D numbers an event. Time-major [T, N, D] keeps entry (t, n, d) at offset (t·N + n)·D + d. A Matrix
// has rows, columns and m[row, column]. Where an input makes no sense, throw an error: `throw BadInput("…")`.

struct SequenceTensorTND: SequenceTensorTNDExercise {
  /// N matrices [Tₙ, D], oldest event first → a time-major tensor, the lengths and the mask [T][N].
  ///
  /// T is the longest length, but at most maxT. Of longer users keep the most recent T events; shorter ones begin at
  /// step 0 and end in zeros. Refuse no users, widths that differ, and a maxT below 1.
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    throw Unfinished()
  }

  /// [T, N, D] → [N, T, D]: out(n, t, d) = x(t, n, d). Refuse a negative size and an x that does not hold t·n·d numbers.
  func toBatchMajor(_ x: [Double], t: Int, n: Int, d: Int) throws -> [Double] {
    throw Unfinished()
  }

  /// Each user's mean over the first lengths[n] steps, [N, D]; zeros where the length is 0.
  ///
  /// Padding may hold anything, even NaN. Refuse what `toBatchMajor` refuses, and lengths that are not N or not in 0...T.
  func maskedMean(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) throws -> Matrix {
    throw Unfinished()
  }
}
