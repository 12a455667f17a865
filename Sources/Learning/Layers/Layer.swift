import Tensors

/// Something with parameters.
public protocol Layer {
  /// All parameters, in a fixed order, also the frozen ones.
  var parameters: [Parameter] { get }
}

/// A layer from one tensor to one tensor.
public protocol TensorLayer: Layer {
  /// Applies the layer.
  ///
  /// - Parameters:
  ///   - input: of the shape that the layer says.
  ///   - training: whether layers such as dropout and batch normalisation behave as they do in training.
  /// - Returns: the layer's result.
  func callAsFunction(_ input: Tensor, training: Bool) -> Tensor
}

/// A layer that can apply the activation behind it to its result while that is at hand: `Sequential` lets it.
public protocol ActivatedLayer: TensorLayer {
  /// Applies the layer, then the activation.
  func callAsFunction(_ input: Tensor, training: Bool, activation: FusedActivation) -> Tensor
}

extension ActivatedLayer {
  /// Applies the layer.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    self(input, training: training, activation: .identity)
  }

  /// Applies the layer, then an activation, together if they can.
  func callAsFunction(_ input: Tensor, training: Bool, then activation: Activation) -> Tensor {
    if let fused = activation.fused { return self(input, training: training, activation: fused) }
    return activation(self(input, training: training), training: training)
  }
}

extension TensorLayer {
  /// Applies the layer as it is used after training.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, training: false) }
}

extension Layer {
  /// How many numbers training changes.
  public var trainableCount: Int { parameters.filter { !$0.isFrozen }.reduce(0) { $0 + $1.value.count } }

  /// Leaves all parameters alone in training, or gives them back to it; running statistics stay frozen.
  public func freeze(_ isFrozen: Bool = true) {
    for parameter in parameters where !parameter.name.contains("running") { parameter.isFrozen = isFrozen }
  }
}

extension Layer {
  /// Puts a name before the names of all parameters: "weight" becomes "prefix.weight".
  public func prefixNames(_ prefix: String) {
    for parameter in parameters { parameter.name = "\(prefix).\(parameter.name)" }
  }
}

extension Layer {
  /// Gives all parameters a learning rate `factor` times the optimizer's, weight decay included: layers near the input
  /// may be tuned more gently than those near the output (Howard & Ruder 2018).
  public func setRate(factor: Float) {
    for parameter in parameters { parameter.rateFactor = factor }
  }
}

/// Layers one after the other.
///
///     let model = Sequential(
///       Dense(784, 64, using: &random), Activation.relu, Dropout(0.2, using: &random), Dense(64, 10, using: &random))
public struct Sequential: TensorLayer {
  /// The layers, first to last.
  public let layers: [any TensorLayer]

  /// A chain of layers; each parameter's name is put after its layer's number.
  public init(_ layers: any TensorLayer...) { self.init(layers) }

  /// A chain of layers; each parameter's name is put after its layer's number.
  public init(_ layers: [any TensorLayer]) {
    self.layers = layers
    for (number, layer) in layers.enumerated() {
      layer.prefixNames("\(number)")
    }
  }

  /// All layers' parameters.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) }

  /// Applies one layer after the other, some together with the activation behind them.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    var (result, number) = (input, 0)
    while number < layers.count {
      if let layer = layers[number] as? any ActivatedLayer, number + 1 < layers.count,
        let activation = (layers[number + 1] as? Activation)?.fused
      {
        if let convolution = layer as? Conv2D, number + 2 < layers.count,
          let size = (layers[number + 2] as? Activation)?.poolingSize
        {
          result = convolution(result, activation: activation, maxPooling: size)
          number += 3
        } else {
          result = layer(result, training: training, activation: activation)
          number += 2
        }
      } else {
        result = layers[number](result, training: training)
        number += 1
      }
    }
    return result
  }
}

/// A function without parameters as a layer.
public struct Activation: TensorLayer {
  private let function: (Tensor) -> Tensor
  /// The same for a layer that applies it itself, if there is such a form.
  let fused: FusedActivation?
  /// The size of the windows of max pooling side by side, which a convolution does on the way.
  let poolingSize: Int?

  /// Any function of a tensor.
  public init(_ function: @escaping (Tensor) -> Tensor) { self.init(fused: nil, function) }

  private init(fused: FusedActivation?, poolingSize: Int? = nil, _ function: @escaping (Tensor) -> Tensor) {
    self.function = function
    self.fused = fused
    self.poolingSize = poolingSize
  }

  /// None.
  public var parameters: [Parameter] { [] }

  /// Applies the function.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor { function(input) }

  /// max(x, 0).
  public static var relu: Activation { Activation(fused: .relu) { $0.relu() } }
  /// min(max(x, 0), 6): a ReLU whose range fits numbers of few bits.
  public static var relu6: Activation { Activation { $0.relu6() } }
  /// x where positive, `slope` · x elsewhere.
  public static func leakyRelu(_ slope: Float) -> Activation {
    Activation(fused: slope > 0 ? .leakyRelu(slope: slope) : nil) { $0.leakyRelu(slope: slope) }
  }
  /// The hyperbolic tangent.
  public static var tanh: Activation { Activation { $0.tanh() } }
  /// The logistic function.
  public static var sigmoid: Activation { Activation { $0.sigmoid() } }
  /// Probabilities along the last axis.
  public static var softmax: Activation { Activation { $0.softmax() } }
  /// All axes but the first as one.
  public static var flatten: Activation { Activation { $0.flattened() } }
  /// The largest number of each window.
  public static func maxPool2d(_ size: Int, stride: Int? = nil) -> Activation {
    Activation(fused: nil, poolingSize: (stride ?? size) == size ? size : nil) { $0.maxPool2d(size, stride: stride) }
  }
  /// The last step of `[N, L, H]`.
  public static var lastStep: Activation { Activation { $0.selected($0.shape[1] - 1, axis: 1) } }
}
