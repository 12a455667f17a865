import Contracts

// From an event log to sessions and windows. `dojo show sessionization` has the question, `dojo hint` helps.
//
// A LoggedEvent has a user, a time in whole seconds, an action, an item, and its number in the order of arrival. A
// session is the list of its events. Where an input makes no sense, throw an error: `throw BadInput("…")`.

struct Sessionization: SessionizationExercise {
  /// The events by (user, time, arrival); of rows that agree in user, time, action and item only the one with the
  /// smallest arrival. Refuse a negative time.
  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] {
    throw Unfinished()
  }

  /// The sessions of the cleaned log. A new one starts iff the user's previous event lies *more* than maxGap seconds
  /// back, or there is none. Refuse a negative maxGap.
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    throw Unfinished()
  }

  /// The full windows of `length` events, one every `stride` events, from the first event on; none if the session is
  /// shorter than a window. Refuse a length or a stride below 1.
  func windows(_ session: [LoggedEvent], length: Int, stride: Int) throws -> [[LoggedEvent]] {
    throw Unfinished()
  }
}
