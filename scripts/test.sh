#!/usr/bin/env bash
# Runs everything that must hold: checks of the source, all tests, the race
# detector, and two minutes of fuzzing. It goes on after a failure, so that one
# run shows all of them, and its last line counts what passed and failed.
#
# STANCH_TEST_POSTGRES names a PostgreSQL server to use in place of our own.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/postgres.sh
. scripts/postgres.sh
exec </dev/null
export CGO_ENABLED=0

began=$SECONDS
work=$(mktemp -d)
export COUNTS=$work/counts
broken=()
finish() {
	postgres_stop
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# step NAME COMMAND...: a heading, the command, and how long it took.
step() {
	local name=$1 start=$SECONDS result=ok
	shift
	printf '\n== %s\n' "$name"
	if ! "$@"; then
		broken+=("$name")
		result=FAILED
	fi
	printf -- '-- %s: %s, %d s\n' "$name" "$result" $((SECONDS - start))
}

# check NAME COMMAND...: a step that counts as one test.
check() {
	local before=${#broken[@]}
	step "$@"
	if [ ${#broken[@]} -eq "$before" ]; then echo "1 0 0"; else echo "0 1 0"; fi >>"$COUNTS"
}

formatted() {
	local files
	files=$(gofmt -l .) || return
	[ -z "$files" ] || { printf 'not formatted (make fmt): %s\n' $files; return 1; }
}

# vulnerabilities fails on a finding. Its database is on the network: if that
# cannot be reached the run goes on, and says so.
vulnerabilities() {
	local out=$work/govulncheck code=0
	timeout 300 go tool govulncheck ./... >"$out" 2>&1 || code=$?
	case $code in
	0) tail -n 1 "$out" ;;
	3) cat "$out" && return 1 ;; # vulnerabilities that our code reaches
	*)
		if grep -qiE 'vuln\.go\.dev|dial tcp|no such host|proxyconnect|i/o timeout' "$out" || [ $code -eq 124 ]; then
			echo "govulncheck: NOT RUN: $(grep -m 1 . "$out" || echo "no answer from its database")"
		else
			cat "$out"
			return 1
		fi
		;;
	esac
}

# Programs for other systems are built by `make release`; this finds what would
# not compile there, tests included, in a fraction of the time.
other_systems() {
	go run ./scripts/compiles windows/amd64 windows/arm64 darwin/amd64 darwin/arm64 linux/arm64
}

all_tests() {
	go test -json -count=1 -timeout 15m ./... 2>&1 | "$work/tally" -counts "$COUNTS"
}

# The race detector makes everything several times slower, so it gets the
# packages that start goroutines or guard anything against them, in code or in
# tests; what those call runs under it with them. Left out besides:
#   scripts     programs that run from top to bottom
#   bench       measures time, which the detector distorts
concurrent() {
	local package folder
	go list -f '{{.ImportPath}} {{.Dir}}' ./... | grep -vE '^github.com/stanch/stanch/(packaging|scripts|bench)(/| )' |
		while read -r package folder; do
			if grep -qE '^\s*go (func|[a-zA-Z.]+\()|\.Go\(|sync\.|atomic\.|t\.Parallel\(' "$folder"/*.go; then echo "$package"; fi
		done
}
race() {
	local packages
	packages=$(concurrent)
	[ "$(wc -w <<<"$packages")" -ge 15 ] || { echo "found too few packages with goroutines: $packages"; return 1; }
	CGO_ENABLED=1 go test -json -race -short -count=1 -timeout 15m $packages 2>&1 | "$work/tally" -counts "$COUNTS"
}

postgres() {
	if [ -n "${STANCH_TEST_POSTGRES:-}" ]; then
		echo "using STANCH_TEST_POSTGRES"
	else
		postgres_start
	fi
}

step "what the tests need" scripts/needs.sh
check "gofmt" formatted
check "go vet" go vet ./...
check "staticcheck" go tool staticcheck ./...
check "govulncheck" vulnerabilities
check "other systems" other_systems
step "build" go build -o "$work/tally" ./scripts/tally
check "PostgreSQL" postgres
step "tests" all_tests
step "race detector" race
step "fuzzing, rotating" scripts/fuzz.sh rotating 120

printf '\n'
if [ ${#broken[@]} -gt 0 ]; then
	printf 'failed: %s\n' "${broken[@]}"
fi
awk -v s=$((SECONDS - began)) '{p += $1; f += $2; k += $3} END {printf "%d passed, %d failed, %d skipped in %d min %02d s\n", p, f, k, s / 60, s % 60}' "$COUNTS"
[ ${#broken[@]} -eq 0 ]
