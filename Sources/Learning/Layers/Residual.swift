import Tensors

/// A layer whose result is added to its input: x + body(x), or shortcut(x) + body(x) where the shapes differ (He et al.
/// 2016).
///
///     Residual(Sequential(Conv2D(8, 8, kernel: 3, padding: 1, using: &random), BatchNorm2D(8)), activation: .relu)
public struct Residual: TensorLayer {
  /// What is added.
  public let body: any TensorLayer
  /// What the input passes, or nil for nothing.
  public let shortcut: (any TensorLayer)?
  private let activation: Activation?

  /// A block; its parameters are called "body.…" and "shortcut.…".
  ///
  /// - Parameters:
  ///   - body: what is added.
  ///   - shortcut: what the input passes where the body changes its shape, such as a 1×1 convolution.
  ///   - activation: applied to the sum; nil for none.
  public init(_ body: any TensorLayer, shortcut: (any TensorLayer)? = nil, activation: Activation? = nil) {
    self.body = body
    self.shortcut = shortcut
    self.activation = activation
    body.prefixNames("body")
    shortcut?.prefixNames("shortcut")
  }

  /// The body's, then the shortcut's.
  public var parameters: [Parameter] { body.parameters + (shortcut?.parameters ?? []) }

  /// The sum, and the activation of it.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    let added = body(input, training: training)
    let kept = shortcut.map { $0(input, training: training) } ?? input
    requireShape(added.shape == kept.shape, "Residual: body \(added.shape) and shortcut \(kept.shape)")
    return activation.map { $0(kept + added) } ?? kept + added
  }
}
