import Tensors

/// A tensor that training changes.
///
/// It is an object: a layer, an optimizer and a checkpoint speak of the same one.
public final class Parameter {
  /// What it is called in a checkpoint, such as "encoder.weight".
  public var name: String

  /// Whether optimizers leave it alone. Running statistics are frozen parameters: saved and restored, never trained.
  public var isFrozen: Bool {
    didSet { value = stored }
  }

  /// By how much optimizers multiply their learning rate for it: 0.1 lets it move ten times slower than the others.
  public var rateFactor: Float = 1

  private var stored: Tensor

  /// The current value: a leaf of the graph of what is computed from it, or a plain value if frozen.
  public var value: Tensor {
    get { stored }
    set { stored = isFrozen ? newValue.detached() : newValue.detached().tracked() }
  }

  /// A parameter with its first value.
  public init(_ name: String, _ value: Tensor, isFrozen: Bool = false) {
    self.name = name
    self.isFrozen = isFrozen
    self.stored = isFrozen ? value.detached() : value.detached().tracked()
  }

  /// Changes the numbers in place, keeping the shape.
  func update(_ change: (inout [Float]) -> Void) {
    var plain = stored.detached()
    stored = Tensor(0)
    change(&plain.scalars)
    value = plain
  }
}

extension Tensor {
  /// The gradients of this single number with respect to parameters; zeros for those that are frozen.
  public func gradients(of parameters: [Parameter]) -> [Tensor] {
    var found = gradients(of: parameters.filter { !$0.isFrozen }.map(\.value)).makeIterator()
    return parameters.map { parameter in
      (parameter.isFrozen ? nil : found.next()) ?? Tensor.zeros(parameter.value.shape)
    }
  }

  /// The same, in rows for parameters that were only looked up, such as an embedding's table.
  ///
  /// The numbers are those of `gradients(of:)`; the cost of an embedding does not grow with its vocabulary.
  public func sparseGradients(of parameters: [Parameter]) -> [Gradient] {
    var found = sparseGradients(of: parameters.filter { !$0.isFrozen }.map(\.value)).makeIterator()
    return parameters.map { parameter in
      (parameter.isFrozen ? nil : found.next()) ?? .dense(Tensor.zeros(parameter.value.shape))
    }
  }
}
