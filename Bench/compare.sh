#!/bin/sh
# Measures this engine and its peer in turns, group by group, and lays the figures side by side.
#   Bench/compare.sh PEERS OUT [THREADS] [ROUNDS] [GROUPS] [ONLY]
# PEERS: the folder with torch_bench.py and table.py (PEERS_WORK, if set, tells them where their files are). OUT: a folder for the lines.
set -eu
peers=$1 out=$2 threads=${3:-2} rounds=${4:-3} groups=${5:-"A B C E F G"} only=${6:-}
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
mkdir -p "$out"
out=$(cd "$out" && pwd)
dotnet build -c Release "$here" -v quiet
bench="$here/bin/Release/net10.0/Gradwright.Bench"
for round in $(seq "$rounds"); do
    for group in $groups; do
        "$bench" compare --threads "$threads" --group "$group" --only "$only" --pass "$round" --out "$out/engine.jsonl" >/dev/null
        (cd "$peers" && "$python" torch_bench.py --threads "$threads" --profile tuned --group "$group" --only "$only" --pass "$round" --out "$out/peer.jsonl" >/dev/null)
    done
done
"$python" "$peers/table.py" "$out/peer.jsonl" "$out/engine.jsonl" | tee "$out/table.txt"
