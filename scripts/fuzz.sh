#!/usr/bin/env bash
# Fuzzes: fuzz.sh rotating SECONDS gives six targets an equal share of SECONDS,
# other targets each day so that all get their turn; fuzz.sh all TIME gives every
# target TIME. A crash fails and prints the seed, which belongs in testdata/fuzz.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=${1:-rotating}
amount=${2:-120}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Lines of "folder target", sorted, so that every machine has the same order.
mapfile -t targets < <(grep -rE --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' . |
	sed -E 's|^\./(.*)/[^/]+:func (Fuzz.*)$|\1 \2|' | LC_ALL=C sort)
count=${#targets[@]}
if [ "$count" -eq 0 ]; then
	echo "no fuzz targets"
	exit 0
fi

chosen=("${targets[@]}")
time=$amount
if [ "$mode" = rotating ]; then
	share=$((count < 6 ? count : 6))
	time=$((amount / share))s
	first=$((10#$(date -u +%j) * share % count))
	chosen=()
	for ((i = 0; i < share; i++)); do
		chosen+=("${targets[(first + i) % count]}")
	done
fi

# fuzz FOLDER TARGET: minimising an input may not take the time of finding one.
fuzz() {
	go test "./$1" -run='^$' -fuzz="^$2\$" -fuzztime="$time" -fuzzminimizetime=100x >"$log" 2>&1 </dev/null
}
# out_of_time: the run says nothing but that its time was over while a worker
# was at work, which go test calls a failure though no input failed.
out_of_time() {
	grep -q 'context deadline exceeded' "$log" && ! grep -qE 'Failing input written|panic|hung or terminated|_test\.go:' "$log"
}

passed=0 failed=0
for line in "${chosen[@]}"; do
	read -r folder target <<<"$line"
	echo "$folder $target for $time"
	if fuzz "$folder" "$target" || out_of_time; then
		passed=$((passed + 1))
		continue
	fi
	failed=$((failed + 1))
	cat "$log"
	sed -nE 's|.*Failing input written to (testdata/fuzz/[^ ]+).*|\1|p' "$log" | while read -r seed; do
		echo "seed $folder/$seed:"
		cat "$folder/$seed"
	done
done
[ -z "${COUNTS:-}" ] || echo "$passed $failed 0" >>"$COUNTS"
echo "$passed of ${#chosen[@]} targets held; there are $count in all"
[ "$failed" -eq 0 ]
