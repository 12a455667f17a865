"""Times Keras upon TensorFlow on those workloads of `Sources/Benchmarks` that Keras has layers for: one JSON object a line.

    python Tests/Peers/keras_networks.py [--threads 2] [--losses] [<workload> …]

The models, their weights and their data are those of networks.py: weights are drawn in PyTorch's order and layout and then
turned into Keras'. A step is one compiled `tf.function`: forward, backward and Adam's update; images have their channels
last, as TensorFlow's kernels on a processor want them. Which steps XLA compiles, and which recurrences are unrolled, is
what was found to be fastest. `--losses` prints the losses of three steps instead of times, to be compared with
Tests/BenchmarksTests/Goldens/workloads.json.
"""

import argparse
import json
import math
import os
import sys

import numpy

from common.measuring import report
from common.seeded import Seeded


def numbers(label):
    return Seeded(3).fork(label)


def labels(random, *shape, classes):
    return (random.uniform(math.prod(shape)) * classes).astype(numpy.int32).reshape(shape)


def drawn(random, *shape):
    return random.uniform(math.prod(shape)).astype(numpy.float32).reshape(shape)


class Weights:
    """The weights in PyTorch's order and layout."""

    def __init__(self):
        self.random = numbers("weights")

    def __call__(self, *shape, scales=False):
        bound = 0.1 if len(shape) == 1 else 1 / math.sqrt(math.prod(shape[1:]))
        middle = 1.0 if scales else 0.0
        values = middle + (2 * self.random.uniform(math.prod(shape)) - 1) * bound
        return values.astype(numpy.float32).reshape(shape)

    def dense(self, inputs, outputs):
        return [self(outputs, inputs).T, self(outputs)]

    def conv(self, channels, filters, kernel, bias=True):
        return [self(filters, channels, kernel, kernel).transpose(2, 3, 1, 0)] + ([self(filters)] if bias else [])

    def norm(self, channels):
        return [self(channels, scales=True), self(channels)]

    def recurrent(self, gates, inputs, hidden, order=None):
        """Keras' gates stand in another order in a GRU: z, r, n."""
        order = order or range(gates)
        rows = numpy.concatenate([numpy.arange(hidden) + gate * hidden for gate in order])
        return [self(gates * hidden, inputs)[rows].T, self(gates * hidden, hidden)[rows].T, self(gates * hidden)[rows]]


def set_weights(layer, values):
    """Sets those that training changes, in the layer's order."""
    assert len(layer.trainable_variables) == len(values), (layer.name, [v.shape for v in layer.trainable_variables])
    for variable, value in zip(layer.trainable_variables, values):
        variable.assign(value)


def training_step(model_variables, loss, *data, jit):
    adam = keras.optimizers.Adam(1e-3, epsilon=1e-8)
    adam.build(model_variables)

    @tf.function(jit_compile=jit)
    def step(*data):
        with tf.GradientTape() as tape:
            value = loss(*data)
        adam.apply(tape.gradient(value, model_variables), model_variables)
        return value

    data = [tf.constant(x) for x in data]
    return lambda: step(*data)


def cross_entropy(logits, classes):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits))


def binary_cross_entropy(logits, answers):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(answers, logits))


def gemm(jit=False):
    random = numbers("inputs")
    a, b = tf.constant(drawn(random, 1024, 1024)), tf.constant(drawn(random, 1024, 1024))
    product = tf.function(lambda a, b: tf.matmul(a, b)[0, 0], jit_compile=jit)
    if not jit:
        product = lambda a, b: tf.matmul(a, b)[0, 0]
    return lambda: product(a, b)


def cnn(jit=False):
    model = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
        layers.Dense(128, activation="relu"), layers.Dense(10)])
    w = Weights()
    first, second, hidden, last = w.conv(1, 32, 3), w.conv(32, 64, 3), w.dense(1600, 128), w.dense(128, 10)
    hidden[0] = hidden[0].reshape(64, 25, 128).transpose(1, 0, 2).reshape(1600, 128)  # channels last
    set_weights(model, first + second + hidden + last)
    images, digits = drawn(numbers("inputs"), 32, 1, 28, 28), labels(numbers("labels"), 32, classes=10)
    return training_step(model.trainable_variables, lambda x, y: cross_entropy(model(x, training=True), y),
                         images.transpose(0, 2, 3, 1), digits, jit=jit)


def binary_answers(recurrent, weights, jit):
    model = keras.Sequential([keras.Input((20, 16)), *recurrent, layers.Dense(1)])
    set_weights(model, weights)
    sequences = drawn(numbers("inputs"), 32, 20, 16)
    answers = labels(numbers("labels"), 32, classes=2).astype(numpy.float32)[:, None]
    return training_step(model.trainable_variables, lambda x, y: binary_cross_entropy(model(x, training=True), y),
                         sequences, answers, jit=jit)


def rnn(jit=True, unroll=True):
    w = Weights()
    return binary_answers([layers.SimpleRNN(50, unroll=unroll)], w.recurrent(1, 16, 50) + w.dense(50, 1), jit)


def lstm(jit=False, unroll=True):
    w = Weights()
    weights = w.recurrent(4, 16, 50) + w.recurrent(4, 50, 50) + w.dense(50, 1)
    return binary_answers([layers.LSTM(50, return_sequences=True, unroll=unroll), layers.LSTM(50, unroll=unroll)], weights, jit)


def gru(jit=True, unroll=True):
    w = Weights()
    rows = numpy.concatenate([numpy.arange(50) + 50 * gate for gate in (1, 0, 2)])
    weights = [w(150, 16)[rows].T, w(150, 50)[rows].T, numpy.stack([w(150)[rows], w(150)[rows]])] + w.dense(50, 1)
    return binary_answers([layers.GRU(50, unroll=unroll)], weights, jit)


def bilstm(jit=False, unroll=True):
    model = keras.Sequential([
        keras.Input((29, 12)), layers.Bidirectional(layers.LSTM(128, return_sequences=True, unroll=unroll)),
        layers.Bidirectional(layers.LSTM(128, unroll=unroll)), layers.Dense(9)])
    w = Weights()
    set_weights(model, sum([w.recurrent(4, inputs, 128) for inputs in (12, 12, 256, 256)], []) + w.dense(256, 9))
    sequences, classes = drawn(numbers("inputs"), 32, 29, 12), labels(numbers("labels"), 32, classes=9)
    return training_step(model.trainable_variables, lambda x, y: cross_entropy(model(x, training=True), y),
                         sequences, classes, jit=jit)


def transformer(jit=True):
    class Positions(layers.Layer):
        def __init__(self):
            super().__init__()
            self.table = layers.Embedding(32, 64)

        def call(self, x):
            return x + self.table(tf.range(32))

    words, positions = layers.Embedding(1000, 64), Positions()
    x = keras.Input((32,), dtype="int32")
    y = positions(words(x))
    parts = [words, positions]
    for _ in range(2):
        attention, first = layers.MultiHeadAttention(8, 8), layers.LayerNormalization(epsilon=1e-5)
        wide, narrow, second = layers.Dense(256, activation="relu"), layers.Dense(64), layers.LayerNormalization(epsilon=1e-5)
        y = first(y + attention(y, y))
        y = second(y + narrow(wide(y)))
        parts += [attention, wide, narrow, first, second]
    answer = layers.Dense(1000)
    model = keras.Model(x, answer(y))
    w = Weights()
    set_weights(words, [w(1000, 64)])
    set_weights(positions, [w(32, 64)])
    for block in range(2):
        attention, wide, narrow, first, second = parts[2 + 5 * block:7 + 5 * block]
        kernels, biases = w(192, 64).reshape(3, 64, 64), w(192).reshape(3, 8, 8)
        output = w.dense(64, 64)
        # Keras' order of the projections: query, key, value, each by heads.
        order = {"query": 0, "key": 1, "value": 2}
        values = []
        for variable in attention.trainable_variables:
            role = variable.path.split("/")[-2]
            if role == "attention_output":
                values.append(output[0].reshape(8, 8, 64) if variable.path.endswith("kernel") else output[1])
            else:
                kind = order[role]
                values.append(kernels[kind].T.reshape(64, 8, 8) if variable.path.endswith("kernel") else biases[kind])
        set_weights(attention, values)
        set_weights(wide, w.dense(64, 256))
        set_weights(narrow, w.dense(256, 64))
        set_weights(first, w.norm(64))
        set_weights(second, w.norm(64))
    set_weights(answer, w.dense(64, 1000))
    texts, targets = labels(numbers("inputs"), 32, 32, classes=1000), labels(numbers("labels"), 32, 32, classes=1000)
    return training_step(model.trainable_variables, lambda x, y: cross_entropy(model(x, training=True), y), texts, targets, jit=jit)


def textcnn(jit=False):
    model = keras.Sequential([
        keras.Input((100,), dtype="int32"), layers.Embedding(10_000, 128), layers.Conv1D(128, 5, activation="relu"),
        layers.GlobalMaxPooling1D(), layers.Dense(2)])
    w = Weights()
    set_weights(model, [w(10_000, 128), w(128, 128, 5).transpose(2, 1, 0), w(128)] + w.dense(128, 2))
    texts, answers = labels(numbers("inputs"), 32, 100, classes=10_000), labels(numbers("labels"), 32, classes=2)
    return training_step(model.trainable_variables, lambda x, y: cross_entropy(model(x, training=True), y), texts, answers, jit=jit)


def autoencoder(jit=True):
    widths, w = [784, 64, 32, 16, 8, 16, 32, 64, 784], Weights()
    model = keras.Sequential(
        [keras.Input((784,))] + [layers.Dense(n, activation="relu") for n in widths[1:-1]] + [layers.Dense(784)])
    set_weights(model, sum([w.dense(a, b) for a, b in zip(widths, widths[1:])], []))
    images = drawn(numbers("inputs"), 32, 784)
    return training_step(model.trainable_variables, lambda x: binary_cross_entropy(model(x, training=True), x), images, jit=jit)


def dcgan(jit=False):
    norm = lambda: layers.BatchNormalization(epsilon=1e-5)
    generator = keras.Sequential([
        keras.Input((100,)), layers.Dense(256 * 49), layers.Reshape((7, 7, 256)),
        layers.Conv2DTranspose(128, 4, 2, "same", use_bias=False), norm(), layers.ReLU(),
        layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh")])
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(64, 4, 2, "same"), layers.LeakyReLU(0.2),
        layers.Conv2D(128, 4, 2, "same", use_bias=False), norm(), layers.LeakyReLU(0.2), layers.Flatten(), layers.Dense(1)])
    w = Weights()
    first = w.dense(100, 256 * 49)
    first = [first[0].reshape(100, 256, 49).transpose(0, 2, 1).reshape(100, -1), first[1].reshape(256, 49).T.reshape(-1)]
    set_weights(generator, first + [w(256, 128, 4, 4).transpose(2, 3, 1, 0)] + w.norm(128) + [w(128, 1, 4, 4).transpose(2, 3, 1, 0), w(1)])
    judge = w.conv(1, 64, 4) + w.conv(64, 128, 4, bias=False) + w.norm(128) + w.dense(128 * 49, 1)
    judge[-2] = judge[-2].reshape(128, 49).T.reshape(-1, 1)
    set_weights(discriminator, judge)
    random = numbers("inputs")
    images, noise = drawn(random, 32, 1, 28, 28).transpose(0, 2, 3, 1), drawn(random, 32, 100)
    rules = [keras.optimizers.Adam(2e-4, beta_1=0.5, epsilon=1e-8) for _ in range(2)]
    for rule, model in zip(rules, (generator, discriminator)):
        rule.build(model.trainable_variables)
    ones, zeros = tf.ones((32, 1)), tf.zeros((32, 1))

    @tf.function(jit_compile=jit)
    def step(images, noise):
        with tf.GradientTape() as of_generator:
            made = generator(noise, training=True)
            with tf.GradientTape() as of_discriminator:
                judged = (binary_cross_entropy(discriminator(images, training=True), ones)
                          + binary_cross_entropy(discriminator(tf.stop_gradient(made), training=True), zeros))
            slopes = of_discriminator.gradient(judged, discriminator.trainable_variables)
            rules[1].apply(slopes, discriminator.trainable_variables)
            fooled = binary_cross_entropy(discriminator(made, training=True), ones)
        rules[0].apply(of_generator.gradient(fooled, generator.trainable_variables), generator.trainable_variables)
        return judged + fooled

    images, noise = tf.constant(images), tf.constant(noise)
    return lambda: step(images, noise)


def dqn(jit=False):
    def network():
        model = keras.Sequential([
            keras.Input((4,)), layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu"), layers.Dense(2)])
        w = Weights()
        set_weights(model, w.dense(4, 64) + w.dense(64, 64) + w.dense(64, 2))
        return model

    online, target = network(), network()
    random, chosen = numbers("inputs"), numbers("labels")
    states, following, rewards = drawn(random, 64, 4), drawn(random, 64, 4), drawn(random, 64)
    actions, goes_on = labels(chosen, 64, classes=2), labels(chosen, 64, classes=2).astype(numpy.float32)
    huber = keras.losses.Huber()

    def loss(states, following, rewards, actions, goes_on):
        wanted = rewards + tf.reduce_max(target(following), 1) * goes_on * 0.99
        found = tf.gather(online(states, training=True), actions, batch_dims=1)
        return huber(wanted, found)

    return training_step(online.trainable_variables, loss, states, following, rewards, actions, goes_on, jit=jit)


WORKLOADS = {
    "gemm-1024": gemm,
    "cnn-28x28-b32": cnn,
    "rnn50-t20-b32": rnn,
    "lstm50x2-t20-b32": lstm,
    "gru50-t20-b32": gru,
    "bilstm128x2-t29-b32": bilstm,
    "transformer-d64h8x2-t32-b32": transformer,
    "textcnn-v10k-e128-t100-b32": textcnn,
    "autoencoder-784-b32": autoencoder,
    "dcgan-28x28-b32": dcgan,
    "dqn-mlp64x2-b64": dqn,
}


def load(threads):
    """TensorFlow takes seconds to load: only when there is something to do."""
    global tf, keras, layers
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    import keras
    from keras import layers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--losses", action="store_true")
    parser.add_argument("workloads", nargs="*")
    options = parser.parse_args()
    known = [name for name in options.workloads or WORKLOADS if name in WORKLOADS]
    if not known:
        return
    try:
        load(options.threads)
    except ImportError as error:
        print(f"skipped, {error}", file=sys.stderr)
        return
    # The first use of the threads and of the product's kernels is the library's own, not a workload's.
    x = tf.ones((512, 512))
    tf.function(lambda x: tf.matmul(x, x))(x)
    for name in known:
        if options.losses:
            step = WORKLOADS[name]()
            print(json.dumps({"workload": name, "losses": [float(step()) for _ in range(3)]}), flush=True)
        else:
            report(name, WORKLOADS[name], options.threads, f"keras {keras.__version__}")


if __name__ == "__main__":
    main()
