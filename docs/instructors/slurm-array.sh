#!/bin/bash
# Grades a class as a Slurm job array, one part a task, and puts the parts together in a job that waits for all of them.
#
#   docs/instructors/slurm-array.sh <submissions> <out> <parts> [options of dojo grade, such as --policy policy.json]
#
# Set DOJO_SEED before it: a seed among the options could be read by everybody in the list of processes.
# Run it in the package's folder, on a file system that all nodes see, after `swift build`. A part that failed or ran
# out of time goes on where it stopped: run the same line again, and only what is missing is graded.
set -euo pipefail

if [ "${1:-}" = --task ]; then
  shift
  submissions=$1 out=$2; shift 2
  # --resume also begins a part that has not begun.
  exec .build/debug/dojo grade "$submissions" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
    --out "$out/parts/$SLURM_ARRAY_TASK_ID" --jobs "${SLURM_CPUS_PER_TASK:-1}" --resume "$@"
elif [ "${1:-}" = --merge ]; then
  exec .build/debug/dojo grade --merge "$2"/parts/* --out "$2/all" --resume
fi

[ $# -ge 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 64; }
submissions=$1 out=$2 parts=$3; shift 3
script=$(realpath "$0")
(umask 077; mkdir -p "$out/logs")  # the logs name the seed
array=$(sbatch --parsable --job-name=dojo --array="1-$parts" --cpus-per-task="${CPUS:-2}" --time="${TIME:-04:00:00}" \
  --signal=TERM@60 --chdir="$PWD" --output="$out/logs/part-%a.log" --wrap "'$script' --task '$submissions' '$out' ${*@Q}")
merge=$(sbatch --parsable --job-name=dojo-merge --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes \
  --chdir="$PWD" --output="$out/logs/merge.log" --wrap "'$script' --merge '$out'")
echo "array $array, then merge $merge; results will be in $out/all, logs are in $out/logs"
