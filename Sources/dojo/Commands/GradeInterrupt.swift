import Classroom
import Foundation
import Grading
import Synchronization

/// Runs work that Ctrl-C, or a batch system whose time is over, ends early: the students' programs are ended, and what
/// was graded is kept. A second Ctrl-C ends this program at once.
func interruptible<Result>(_ body: (StopSwitch) throws -> Result) rethrows -> Result {
  GradeInterrupt.install()
  let isDone = Done()
  Thread.detachNewThread {
    while !isDone.value.load(ordering: .relaxed) {
      if GradeInterrupt.isRaised { RunningChildren.kill() }
      usleep(50_000)
    }
  }
  defer { isDone.value.store(true, ordering: .relaxed) }
  return try body(StopSwitch { GradeInterrupt.isRaised })
}

private final class Done: Sendable {
  let value = Atomic<Bool>(false)
}

private enum GradeInterrupt {
  private static let raised = Atomic<Bool>(false)

  static var isRaised: Bool { raised.load(ordering: .relaxed) }

  static func install() {
    // Who started this program may have blocked them, and a blocked signal stays blocked in a new program.
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&wanted, number) }
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in
        if GradeInterrupt.raised.exchange(true, ordering: .relaxed) { _exit(130) }
      }
    }
  }
}
