import Tensors
import Testing

@Test("the same seed gives the same numbers, and SplitMix64's published first ones")
func splitMixIsReproducible() {
  var random = SeededRandom(seed: 1_234_567)
  #expect([random.next(), random.next()] == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973])
}
