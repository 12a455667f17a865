/// The middle value.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// The mean and the standard deviation.
func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  return (mean, variance.squareRoot())
}

/// The probability that a positive scores above a negative, ties counting one half.
func areaUnderROC(negatives: [Double], positives: [Double]) -> Double {
  var wins = 0.0
  for positive in positives {
    for negative in negatives { wins += positive > negative ? 1 : positive == negative ? 0.5 : 0 }
  }
  return wins / Double(negatives.count * positives.count)
}

/// The F1 of predicted positives.
func f1(_ predicted: [Bool], _ labels: [Int]) -> Double {
  var hits = 0.0
  var sum = 0.0
  for (guess, label) in zip(predicted, labels) {
    if guess && label == 1 { hits += 1 }
    sum += (guess ? 1 : 0) + Double(label)
  }
  return 2 * hits / sum
}
