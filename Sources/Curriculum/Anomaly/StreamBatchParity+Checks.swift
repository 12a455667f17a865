import Contracts
import Foundation
import Tensors

enum StreamBatchParityChecks {
  typealias Scorer = any StreamBatchParityExercise

  static let all: [Check<Scorer>] = [
    countsEqualNumPy, sixEvents, parity, isolation, lateEvent, steadyStream, badInput,
  ]

  static var countsEqualNumPy: Check<Scorer> {
    Check(
      "the table counts as NumPy does, START included", points: 2,
      given: { random in
        let goldens = try Goldens("StreamBatchParity")
        var events = try goldens.integers("events")[...]
        var sessions: [[Int]] = []
        for length in try goldens.integers("lengths") {
          sessions.append(Array(events.prefix(length)))
          events = events.dropFirst(length)
        }
        let fresh = (0..<12).map { _ in (0..<(1 + random.below(9))).map { _ in random.below(4) } }
        return [
          CountQuestion(sessions: sessions, vocabulary: 5, alpha: 1),
          CountQuestion(sessions: fresh + [[]], vocabulary: 6, alpha: 0.25),
        ]
      },
      when: { scorer, questions in
        try questions.map {
          try scorer.fitMarkov($0.sessions, vocabulary: $0.vocabulary, alpha: $0.alpha).probabilities
        }
      },
      then: { (tables: [Matrix], questions, reference) in
        guard tables.count == 2 else { throw Rejection(.wrongShape, "expected two tables, seen \(tables.count)") }
        let golden = try Goldens("StreamBatchParity").numbers("table")
        for (index, question) in questions.enumerated() {
          let size = question.vocabulary
          let expected = try reference.fitMarkov(question.sessions, vocabulary: size, alpha: question.alpha)
            .probabilities
          guard tables[index].rows == size + 1, tables[index].columns == size else {
            throw Rejection(
              .wrongShape,
              "the table: expected \(size + 1)×\(size), seen \(tables[index].rows)×\(tables[index].columns)")
          }
          let joined = try reference.fitMarkov(
            [question.sessions.flatMap { $0 }], vocabulary: size, alpha: question.alpha
          ).probabilities
          try expectClose(
            tables[index].values, index == 0 ? golden : expected.values,
            index == 0 ? "P of three sessions, α = 1" : "P of 13 sessions, α = 0.25",
            suspects: [
              Suspect(
                joined.values,
                "You let a session follow from the one before it: the first event of each follows START, and the last is "
                  + "followed by nothing."),
              Suspect(
                question.table { count, total in (count + question.alpha) / (total + question.alpha) }.values,
                "Each of the V counts begins with α, so the row's total grows by α·V, not by α."),
              Suspect(
                question.table { count, total in total > 0 ? count / total : 0 }.values,
                "Without α, what has not been seen is impossible, and its surprise infinite."),
              Suspect(
                question.table(startCountsAll: true) { count, total in
                  (count + question.alpha) / (total + question.alpha * Double(size))
                }.values,
                "Your START row counts every event; it counts the first of each session alone."),
            ])
          for row in 0...size {
            try expectClose(
              tables[index].row(row).reduce(0, +), 1,
              row == size ? "the sum of the row START" : "the sum of row \(row)",
              tolerance: Tolerance(absolute: 1e-9))
          }
        }
      })
  }

  static var sixEvents: Check<Scorer> {
    Check(
      "six events by hand, τ = 10", points: 2,
      given: { _ in
        let goldens = try Goldens("StreamBatchParity")
        let numbers = try goldens.numbers("sixLog")
        return ReplayQuestion(
          log: stride(from: 0, to: numbers.count, by: 3).map {
            StreamEvent(user: Int(numbers[$0]), time: numbers[$0 + 1], event: Int(numbers[$0 + 2]))
          },
          table: Matrix(rows: 3, columns: 2, values: try goldens.numbers("sixTable")), tau: 10)
      },
      when: { scorer, question in try ReplayAnswer(scorer, question) },
      then: { (answer: ReplayAnswer, question, _) in
        let expected = try Goldens("StreamBatchParity").numbers("six")
        let suspects = question.suspects()
        try expectClose(answer.stream, expected, "push, event by event", suspects: suspects)
        try expectClose(answer.batch, expected, "batchScores", suspects: suspects)
      })
  }

  static var parity: Check<Scorer> {
    Check(
      "stream and batch agree to the last bit", points: 2,
      given: { random in (0..<50).map { _ in ReplayQuestion.random(events: 100, using: &random) } },
      when: { scorer, questions in try questions.map { try ReplayAnswer(scorer, $0) } },
      then: { (answers: [ReplayAnswer], questions, reference) in
        guard answers.count == questions.count else {
          throw Rejection(.wrongShape, "expected answers for \(questions.count) logs, seen \(answers.count)")
        }
        let tolerance = Tolerance(absolute: 1e-9, relative: 1e-9)
        for (index, (answer, question)) in zip(answers, questions).enumerated() {
          let place = "log \(index + 1) of \(questions.count)"
          let expected = try reference.batchScores(question.log, model: question.model, tau: question.tau)
          try expectClose(
            answer.stream, expected, "\(place), push by time", tolerance: tolerance, suspects: question.suspects())
          var suspects = [
            Suspect(
              StreamReplay.order(question.log).map { expected[$0] },
              "The scores are right, but in the order of time: give them in the order of the log."),
            Suspect(
              StreamReplay.dividedByLargest(question.log, scores: expected).batch,
              "You divide by the maximum of the whole sequence. When the event happens nobody knows it: a feature that "
                + "needs the future cannot be served live."),
          ]
          let unsorted =
            "You take the events as they stand in the log: the batch does not sort by time, and the stream had them sorted."
          suspects.append(Suspect(question.inOrderOfTheLog { $0 }, unsorted))
          suspects.append(Suspect(question.inOrderOfTheLog { max(0, $0) }, unsorted))
          suspects.append(Suspect(question.inOrderOfTheLog { abs($0) }, unsorted))
          try expectClose(
            answer.batch, expected, "\(place), batchScores", tolerance: tolerance, suspects: suspects)
          let different = zip(answer.stream, answer.batch).count { $0.bitPattern != $1.bitPattern }
          try expect(
            different == 0,
            "\(place): \(different) of \(expected.count) scores agree in value, but not bit for bit. Sums taken in another "
              + "order round differently; let stream and batch call one step function.")
        }
      })
  }

  static var isolation: Check<Scorer> {
    Check(
      "what other users do changes nothing", points: 1,
      given: { random in
        var question = ReplayQuestion.random(events: 80, using: &random)
        question.log = StreamReplay.order(question.log).map { question.log[$0] }
        return question
      },
      when: { scorer, question in
        let alone = question.log.filter { $0.user == question.log[0].user }
        return IsolationAnswer(
          alone: try StreamReplay.scores(scorer, alone, model: question.model, tau: question.tau),
          among: try StreamReplay.scores(scorer, question.log, model: question.model, tau: question.tau))
      },
      then: { (answer: IsolationAnswer, question, reference) in
        guard answer.among.count == question.log.count else {
          throw Rejection(.wrongShape, "expected \(question.log.count) scores, seen \(answer.among.count)")
        }
        let own = question.log.indices.filter { question.log[$0].user == question.log[0].user }
        let expected = try reference.batchScores(
          own.map { question.log[$0] }, model: question.model, tau: question.tau)
        let among = own.map { answer.among[$0] }
        try expectClose(
          among, expected, "a user's scores among \(question.log.count - own.count) events of others",
          tolerance: Tolerance(absolute: 1e-9, relative: 1e-9),
          suspects: question.suspects().map { suspect in Suspect(own.map { suspect.value[$0] }, suspect.sentence) })
        try expectEqual(
          among.map(\.bitPattern), answer.alone.map(\.bitPattern), "the bits of a user's scores, alone and among others"
        )
      })
  }

  static var lateEvent: Check<Scorer> {
    Check(
      "a late event is refused and changes nothing", points: 1,
      given: { random in
        let model = ReplayQuestion.random(events: 1, using: &random)
        let start = 100 * random.uniform()
        func event(_ user: Int, _ time: Double, _ kind: Int) -> StreamEvent {
          StreamEvent(user: user, time: start + time, event: kind)
        }
        return LateQuestion(
          table: model.table, tau: 20, before: [event(1, 0, 0), event(2, 10, 1), event(1, 12, 2), event(1, 12, 3)],
          refused: [event(1, 11.5, 1), event(2, 13, 5), event(3, 14, -1)],
          // Late is measured by the user's own clock: this one is earlier than the newest event of all.
          after: [event(2, 11, 4), event(1, 12, 0), event(3, 1, 2)])
      },
      when: { scorer, question in try LateAnswer(scorer, question) },
      then: { (answer: LateAnswer, question, reference) in
        let names = ["an event half a second before its user's last", "an unknown event 5", "an unknown event −1"]
        guard answer.states.count == names.count else { throw Rejection(.wrongShape, "expected three states") }
        for (state, name) in zip(answer.states, names) {
          guard let state else {
            throw Rejection(
              .wrongValue,
              "\(name): accepted, where an error should be thrown."
                + (name == names[0]
                  ? " The score has faded and counted in another order already; a late event cannot be put in its place."
                  : ""))
          }
          try expect(
            state == answer.before,
            "\(name) was refused, but the state had changed before. Check everything first, then write the trail.")
        }
        let expected = try reference.batchScores(
          question.before + question.after, model: MarkovTable(question.table), tau: question.tau)
        try expectClose(
          answer.after, Array(expected.suffix(question.after.count)), "the scores of the events after the refused ones")
      })
  }

  static var steadyStream: Check<Scorer> {
    Check(
      "a steady stream settles at s / (1 − exp(−Δt/τ))", points: 1,
      given: { random in
        SteadyQuestion(kinds: 2 + random.below(6), pause: random.uniform(in: 1..<5), tau: random.uniform(in: 5..<15))
      },
      when: { scorer, question in
        let table = Matrix(
          repeating: 1 / Double(question.kinds), rows: question.kinds + 1, columns: question.kinds)
        let log = (0..<400).map { StreamEvent(user: 7, time: question.pause * Double($0), event: $0 % question.kinds) }
        return try StreamReplay.scores(scorer, log, model: MarkovTable(table), tau: question.tau).last ?? .nan
      },
      then: { (seen: Double, question, _) in
        let surprise = log(Double(question.kinds))
        let kept = exp(-question.pause / question.tau)
        try expectClose(
          seen, surprise / (1 - kept),
          "the score after 400 events of surprise ln \(question.kinds), one every \(number(question.pause)) s",
          tolerance: Tolerance(absolute: 1e-9, relative: 1e-9),
          suspects: [
            Suspect(400 * surprise, "Nothing fades: the score grows without end."),
            Suspect(
              surprise / (1 - exp(-1 / question.tau)),
              "You fade once an event, whatever time has passed: use exp(−Δt/τ)."
            ),
            Suspect(surprise * kept / (1 - kept), "You fade the new surprise too; it is new: fade first, then add."),
            Suspect(
              surprise / (1 - exp2(-question.pause / question.tau)),
              "You halve after τ; with exp(−Δt/τ) a score falls to 1/e."),
          ])
      })
  }

  static var badInput: Check<Scorer> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "α = 0": { _ = try $0.fitMarkov([[0, 1]], vocabulary: 2, alpha: 0) },
        "α = −1": { _ = try $0.fitMarkov([[0, 1]], vocabulary: 2, alpha: -1) },
        "a vocabulary of no events": { _ = try $0.fitMarkov([], vocabulary: 0, alpha: 1) },
        "event 2 in a vocabulary of two": { _ = try $0.fitMarkov([[0, 2]], vocabulary: 2, alpha: 1) },
        "event −1 to count": { _ = try $0.fitMarkov([[-1]], vocabulary: 2, alpha: 1) },
        "τ = 0": { try pushOne($0, StreamEvent(user: 1, time: 0, event: 0), tau: 0) },
        "τ = −5 in a batch": {
          _ = try $0.batchScores([StreamEvent(user: 1, time: 0, event: 0)], model: even, tau: -5)
        },
        "a time that is not a number": { try pushOne($0, StreamEvent(user: 1, time: .nan, event: 0), tau: 1) },
        "an infinite time in a batch": {
          _ = try $0.batchScores([StreamEvent(user: 1, time: .infinity, event: 0)], model: even, tau: 1)
        },
        "event 2 pushed where there are two": { try pushOne($0, StreamEvent(user: 1, time: 0, event: 2), tau: 1) },
        "event −1 in a batch": {
          _ = try $0.batchScores([StreamEvent(user: 1, time: 0, event: -1)], model: even, tau: 1)
        },
      ])
  }

  private static let even = MarkovTable(Matrix(repeating: 0.5, rows: 3, columns: 2))

  private static func pushOne(_ scorer: Scorer, _ event: StreamEvent, tau: Double) throws {
    var state = StreamState()
    _ = try scorer.push(event, into: &state, model: even, tau: tau)
  }
}

// MARK: - What crosses between the processes

private struct CountQuestion: Codable {
  var sessions: [[Int]]
  var vocabulary: Int
  var alpha: Double

  /// The table by another formula of a count and its row's total.
  func table(startCountsAll: Bool = false, _ share: (_ count: Double, _ total: Double) -> Double) -> Matrix {
    var counts = Matrix(rows: vocabulary + 1, columns: vocabulary)
    for session in sessions {
      for (place, event) in session.enumerated() {
        if place > 0 { counts[session[place - 1], event] += 1 }
        if place == 0 || startCountsAll { counts[vocabulary, event] += 1 }
      }
    }
    var table = counts
    for row in 0...vocabulary {
      let total = counts.row(row).reduce(0, +)
      for event in 0..<vocabulary { table[row, event] = share(counts[row, event], total) }
    }
    return table
  }
}

private struct ReplayQuestion: Codable {
  var log: [StreamEvent]
  var table: Matrix
  var tau: Double

  var model: MarkovTable { MarkovTable(table) }

  /// Five kinds of event by four to nine users in a shuffled order, with times in half seconds, so that there are ties.
  static func random(events: Int, using random: inout SeededRandom) -> ReplayQuestion {
    let users = 4 + random.below(6)
    var table = Matrix(rows: 6, columns: 5)
    for row in 0..<6 {
      let weights = (0..<5).map { _ in 0.05 + random.uniform() }
      for event in 0..<5 { table[row, event] = weights[event] / weights.reduce(0, +) }
    }
    return ReplayQuestion(
      log: (0..<events).map { _ in
        StreamEvent(user: 10 + random.below(users), time: Double(random.below(240)) / 2, event: random.below(5))
      }, table: table, tau: random.uniform(in: 5..<30))
  }

  /// What the scores would be by time with one thing wrong.
  func suspects() -> [Suspect<[Double]>] {
    [
      Suspect(
        scores(trail: { _ in 0 }, previousTrail: { _ in 0 }),
        "You take the previous event of another user: each user has a trail of their own, previous event, time and score."
      ),
      Suspect(
        scores(previousTrail: { _ in 0 }),
        "You take the previous event of another user for P(event | previous): it is this user's own."),
      Suspect(scores(fading: { _ in 1 }), "Nothing fades: multiply the old score by exp(−Δt/τ)."),
      Suspect(
        scores(fading: { _ in exp(-1 / tau) }), "You fade once an event, whatever time has passed: use exp(−Δt/τ)."),
      Suspect(scores(fading: { exp2(-$0 / tau) }), "You halve after τ; with exp(−Δt/τ) a score falls to 1/e."),
      Suspect(scores(surprise: { -log2($0) }), "You count in bits; −ln P is in nats."),
      Suspect(scores(fadesNew: true), "You fade the new surprise too; it is new: fade first, then add."),
      Suspect(scores(surprise: { 1 - $0 }), "The surprise of an event is −ln P, not 1 − P."),
    ]
  }

  /// The scores when nobody sorts the log, with a say in what a negative pause counts for.
  func inOrderOfTheLog(_ gap: @escaping (Double) -> Double) -> [Double] {
    scores(order: Array(log.indices), fading: { exp(-gap($0) / tau) })
  }

  private func scores(
    order: [Int]? = nil, trail: (Int) -> Int = { $0 }, previousTrail: (Int) -> Int = { $0 },
    fading: ((Double) -> Double)? = nil, surprise: (Double) -> Double = { -Foundation.log($0) }, fadesNew: Bool = false
  ) -> [Double] {
    var times: [Int: Double] = [:]
    var sums: [Int: Double] = [:]
    var events: [Int: Int] = [:]
    var result = [Double](repeating: .nan, count: log.count)
    for index in order ?? StreamReplay.order(log) {
      let event = log[index]
      let user = trail(event.user)
      let pause = event.time - (times[user] ?? event.time)
      let kept = fading.map { $0(pause) } ?? exp(-pause / tau)
      let row = events[previousTrail(event.user)] ?? model.start
      let new = surprise(table[row, event.event])
      result[index] = fadesNew ? ((sums[user] ?? 0) + new) * kept : (sums[user] ?? 0) * kept + new
      times[user] = event.time
      sums[user] = result[index]
      events[previousTrail(event.user)] = event.event
    }
    return result
  }
}

private struct ReplayAnswer: Codable {
  var stream: [Double]
  var batch: [Double]

  init(_ scorer: any StreamBatchParityExercise, _ question: ReplayQuestion) throws {
    stream = try StreamReplay.scores(scorer, question.log, model: question.model, tau: question.tau)
    batch = try scorer.batchScores(question.log, model: question.model, tau: question.tau)
  }
}

private struct IsolationAnswer: Codable {
  var alone: [Double]
  var among: [Double]
}

private struct LateQuestion: Codable {
  var table: Matrix
  var tau: Double
  var before: [StreamEvent]
  var refused: [StreamEvent]
  var after: [StreamEvent]
}

private struct LateAnswer: Codable {
  var before: StreamState
  var states: [StreamState?]
  var after: [Double]

  init(_ scorer: any StreamBatchParityExercise, _ question: LateQuestion) throws {
    let model = MarkovTable(question.table)
    var state = StreamState()
    for event in question.before { _ = try scorer.push(event, into: &state, model: model, tau: question.tau) }
    before = state
    states = try question.refused.map { event in
      var state = state
      do {
        _ = try scorer.push(event, into: &state, model: model, tau: question.tau)
        return nil
      } catch let unfinished as Unfinished {
        throw unfinished
      } catch {
        return state
      }
    }
    after = try question.after.map { try scorer.push($0, into: &state, model: model, tau: question.tau) }
  }
}

private struct SteadyQuestion: Codable {
  var kinds: Int
  var pause: Double
  var tau: Double
}
