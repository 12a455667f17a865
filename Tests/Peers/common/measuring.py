"""How every peer is measured: time as `Measurement` in Sources/Benchmarks does it, memory as `PeakMemory` there."""

import json
import statistics
import time

SECONDS = 1.0


class PeakMemory:
    """The most resident memory since this object was made, and how much of it came since then, in MiB."""

    def __init__(self):
        try:
            # Linux: 5 sets the peak back to what is resident now.
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
        except OSError:
            pass
        self.before = _status("VmRSS")

    def figures(self):
        peak = _status("VmHWM")
        if self.before is None or peak is None:
            return {}
        return {"memory": round(peak - self.before, 1), "resident": round(peak, 1)}


def _status(key):
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith(key + ":"):
                    return int(line.split()[1]) / 1024
    except OSError:
        return None


def measured(step):
    """Milliseconds of each step, after a third as long a warm-up."""
    count, start = 0, time.perf_counter()
    while count < 2 or time.perf_counter() - start < SECONDS / 3:
        float(step())
        count += 1
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < SECONDS:
        before = time.perf_counter()
        float(step())
        times.append(1000 * (time.perf_counter() - before))
    return times


def report(workload, make, threads, peer):
    """Builds a workload, measures it and prints its line."""
    memory = PeakMemory()
    times = measured(make())
    line = {"workload": workload, "ms": round(statistics.median(times), 4), "min": round(min(times), 4),
            "threads": threads, "peer": peer}
    print(json.dumps(line | memory.figures()), flush=True)
