#!/usr/bin/env bash
# Builds the release of HEAD twice, in folders of different names and depth,
# with caches, time zones, languages and umasks of their own, and compares.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
commit=$(git rev-parse HEAD) # HEAD may move while this runs
version=$(git show "$commit:VERSION")
epoch=$(git log -1 --format=%ct "$commit")

build() { # build FOLDER CACHE ZONE LANGUAGE UMASK
	mkdir -p "$1"
	git archive "$commit" | tar -x -C "$1"
	(
		umask "$5"
		cd "$1"
		GOCACHE=$2 TZ=$3 LANG=$4 STANCH_VERSION=$version SOURCE_DATE_EPOCH=$epoch GOFLAGS= scripts/release.sh dist >release.log 2>&1 </dev/null ||
			{ cat release.log && exit 1; }
	)
}
build "$work/a" "$(go env GOCACHE)" Asia/Shanghai zh_CN.UTF-8 077
build "$work/elsewhere/and deeper/b" "$work/cache" America/New_York C 022

cat "$work/a/dist/SHA256SUMS"
if ! diff -r "$work/a/dist" "$work/elsewhere/and deeper/b/dist"; then
	echo "NOT reproducible: the two builds differ"
	exit 1
fi
echo "reproducible: two builds of ${commit:0:12} are the same, byte for byte"
