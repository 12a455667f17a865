/// How two shapes fit together by NumPy's rules: aligned at the last axis, an axis of length 1 repeats.
///
/// Axes that both operands walk in step are merged, so that most loops have one or two levels.
struct Broadcast {
  /// The shape of the result.
  let shape: [Int]

  /// The lengths of the merged axes, outermost first.
  private var lengths: [Int] = []
  private var stepsA: [Int] = []
  private var stepsB: [Int] = []

  /// Nil if the shapes do not fit.
  init?(_ a: [Int], _ b: [Int]) {
    let rank = Swift.max(a.count, b.count)
    let a = [Int](repeating: 1, count: rank - a.count) + a
    let b = [Int](repeating: 1, count: rank - b.count) + b
    var shape: [Int] = []
    for (x, y) in zip(a, b) {
      guard x == y || x == 1 || y == 1 else { return nil }
      shape.append(x == 1 ? y : x)
    }
    self.shape = shape
    let (contiguousA, contiguousB) = (Tensor.steps(of: a), Tensor.steps(of: b))
    for axis in 0..<rank where shape[axis] != 1 {
      let stepA = a[axis] == 1 ? 0 : contiguousA[axis]
      let stepB = b[axis] == 1 ? 0 : contiguousB[axis]
      let last = lengths.count - 1
      if last >= 0 && stepsA[last] == stepA * shape[axis] && stepsB[last] == stepB * shape[axis] {
        lengths[last] *= shape[axis]
        stepsA[last] = stepA
        stepsB[last] = stepB
      } else {
        lengths.append(shape[axis])
        stepsA.append(stepA)
        stepsB.append(stepB)
      }
    }
    if lengths.isEmpty {
      lengths = [1]
      stepsA = [1]
      stepsB = [1]
    }
  }

  /// How many numbers the result holds.
  var count: Int { lengths.reduce(1, *) }

  /// Whether both operands have the result's shape.
  var isElementwise: Bool { lengths.count == 1 && stepsA == [1] && stepsB == [1] }

  /// The steps of the operands along the innermost axis: 0 or 1.
  var innerSteps: (Int, Int) { (stepsA[stepsA.count - 1], stepsB[stepsB.count - 1]) }

  /// Visits the innermost runs in row-major order.
  ///
  /// - Parameter body: receives where the run starts in each operand, its length, and the second operand's step.
  func forEachRun(_ body: (_ a: Int, _ b: Int, _ length: Int, _ innerB: Int) -> Void) {
    guard count > 0 else { return }
    let last = lengths.count - 1
    var index = [Int](repeating: 0, count: last)
    var (a, b) = (0, 0)
    while true {
      body(a, b, lengths[last], stepsB[last])
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        a += stepsA[axis]
        b += stepsB[axis]
        if index[axis] < lengths[axis] { break }
        a -= stepsA[axis] * lengths[axis]
        b -= stepsB[axis] * lengths[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension Tensor {
  /// How far apart in memory neighbours along each axis lie.
  static func steps(of shape: [Int]) -> [Int] {
    var steps = [Int](repeating: 1, count: shape.count)
    var axis = shape.count - 2
    while axis >= 0 {
      steps[axis] = steps[axis + 1] * shape[axis + 1]
      axis -= 1
    }
    return steps
  }

  /// The plan for an elementwise operation.
  static func broadcast(_ a: Tensor, _ b: Tensor, _ operation: String) -> Broadcast {
    guard let plan = Broadcast(a.shape, b.shape) else { shapeFailure("\(operation): \(a.shape) and \(b.shape)") }
    return plan
  }
}
