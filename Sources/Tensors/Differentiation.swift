/// How a tensor was computed: the tensors it came from, and how a gradient flows back to them.
///
/// Reverse-mode differentiation over a recorded graph (Griewank & Walther, "Evaluating Derivatives", 2008, ch. 3).
/// A leaf (`Tensor.tracked()`) has no inputs.
final class History: @unchecked Sendable {
  /// The histories of the operands that have one, in the order of the gradients that `pullback` returns.
  private(set) var inputs: [History]

  /// From the gradient of the result to the gradients of `inputs`.
  let pullback: (Tensor) -> [Tensor]

  /// For rows taken from the one input: their numbers.
  let lookup: [Int]?

  init(inputs: [History] = [], lookup: [Int]? = nil, pullback: @escaping (Tensor) -> [Tensor] = { _ in [] }) {
    self.inputs = inputs
    self.lookup = lookup
    self.pullback = pullback
  }

  /// Lets go of a long chain one by one: the compiler's own way would call itself for every link.
  deinit {
    var pending = inputs
    inputs = []
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) {
        pending += node.inputs
        node.inputs = []
      }
    }
  }
}

extension Tensor {
  /// This value as a leaf of the graph: what is computed from it can be differentiated with respect to it.
  public func tracked() -> Tensor {
    var leaf = self
    leaf.history = History()
    return leaf
  }

  /// This value without its history: gradients stop here.
  public func detached() -> Tensor {
    var value = self
    value.history = nil
    return value
  }

  /// Whether operations on this tensor are recorded.
  public var isTracked: Bool { history != nil }

  /// The gradients of this single number with respect to `leaves`, one of each leaf's shape.
  ///
  /// A leaf on which the number does not depend has a gradient of zeros.
  ///
  /// - Precondition: the tensor holds one number, and every leaf is tracked.
  public func gradients(of leaves: [Tensor]) -> [Tensor] {
    requireShape(count == 1, "gradients: only a single number has gradients without an upstream one, found \(shape)")
    return gradients(of: leaves, upstream: Tensor(repeating: 1, shape: shape))
  }

  /// The gradients of Σ upstream · self with respect to `leaves`, one of each leaf's shape.
  ///
  /// - Precondition: `upstream` has this tensor's shape, and every leaf is tracked.
  public func gradients(of leaves: [Tensor], upstream: Tensor) -> [Tensor] {
    requireShape(upstream.shape == shape, "gradients: upstream \(upstream.shape) against \(shape)")
    let arrived = arrivals(at: leaves, upstream: upstream, keepsLookups: false).gradients
    return leaves.map { arrived[ObjectIdentifier($0.leafHistory("gradients"))] ?? Tensor.zeros($0.shape) }
  }

  /// The gradients that arrive at each leaf's history.
  ///
  /// - Parameters:
  ///   - leaves: what to differentiate with respect to.
  ///   - upstream: the gradient of this tensor.
  ///   - keepsLookups: whether gradients of rows that were taken from a leaf stay as they are, in the order in which
  ///     they arrive, instead of being put into a tensor of the leaf's shape.
  /// - Returns: by history, the sum of what arrived there; and the rows that were kept out of the sum.
  func arrivals(
    at leaves: [Tensor], upstream: Tensor, keepsLookups: Bool
  ) -> (gradients: [ObjectIdentifier: Tensor], lookups: [ObjectIdentifier: [(indices: [Int], values: Tensor)]]) {
    var arrived: [ObjectIdentifier: Tensor] = [:]
    var lookups: [ObjectIdentifier: [(indices: [Int], values: Tensor)]] = [:]
    if let history {
      arrived[ObjectIdentifier(history)] = upstream.detached()
      let wanted = Set(leaves.compactMap { $0.history.map(ObjectIdentifier.init) })
      for node in history.reverseTopologicalOrder() {
        guard let gradient = arrived[ObjectIdentifier(node)], !node.inputs.isEmpty else { continue }
        if !wanted.contains(ObjectIdentifier(node)) { arrived[ObjectIdentifier(node)] = nil }
        if keepsLookups, let indices = node.lookup, node.inputs[0].inputs.isEmpty {
          lookups[ObjectIdentifier(node.inputs[0]), default: []].append((indices, gradient))
          continue
        }
        for (input, share) in zip(node.inputs, node.pullback(gradient)) {
          arrived[ObjectIdentifier(input)].accumulate(share)
        }
      }
    }
    return (arrived, lookups)
  }

  /// The history of a tensor that gradients are asked of.
  func leafHistory(_ operation: String) -> History {
    guard let history else {
      shapeFailure("\(operation): a tensor of shape \(shape) is not tracked; call tracked() before using it")
    }
    return history
  }

  /// Rows taken from a table, with a way back to it if it is tracked.
  func recordingLookup(of table: Tensor, _ indices: [Int], pullback: @escaping (Tensor) -> Tensor) -> Tensor {
    guard let input = table.history else { return self }
    var result = self
    result.history = History(inputs: [input], lookup: indices) { [pullback($0)] }
    return result
  }

  /// The result of an operation, with a way back to those operands that are tracked.
  ///
  /// The pullback works on plain values: it captures operands `detached()`, or it would be recorded itself.
  ///
  /// - Parameters:
  ///   - operands: what the result was computed from.
  ///   - pullback: the gradient of each operand, in order, from the gradient of the result. It is asked only for
  ///     operands that are tracked: `wanted[i]` says which.
  /// - Returns: this value, recorded if an operand is.
  package func recording(
    _ operands: [Tensor], pullback: @escaping (_ upstream: Tensor, _ wanted: [Bool]) -> [Tensor?]
  ) -> Tensor {
    let wanted = operands.map(\.isTracked)
    guard wanted.contains(true) else { return self }
    var result = self
    result.history = History(inputs: operands.compactMap(\.history)) { upstream in
      var gradients: [Tensor] = []
      for (index, gradient) in pullback(upstream, wanted).enumerated() where wanted[index] {
        guard let gradient else { shapeFailure("a pullback returned no gradient for its operand \(index)") }
        gradients.append(gradient)
      }
      return gradients
    }
    return result
  }
}

extension History {
  /// All histories that lead here, each before those it was computed from. A loop, not a recursion: a long
  /// sequence makes a deep graph.
  fileprivate func reverseTopologicalOrder() -> [History] {
    var order: [History] = []
    var visited: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
    var stack: [(node: History, next: Int)] = [(self, 0)]
    while let (node, next) = stack.last {
      if next < node.inputs.count {
        stack[stack.count - 1].next += 1
        let input = node.inputs[next]
        if visited.insert(ObjectIdentifier(input)).inserted { stack.append((input, 0)) }
      } else {
        order.append(node)
        stack.removeLast()
      }
    }
    return order.reversed()
  }
}

extension Optional where Wrapped == Tensor {
  fileprivate mutating func accumulate(_ share: Tensor) {
    guard var sum = self else {
      self = share
      return
    }
    self = .none  // so that the sum may be made in place
    sum.add(share)
    self = sum
  }
}
