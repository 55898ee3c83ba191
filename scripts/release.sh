#!/usr/bin/env bash
# Builds a release into a folder (dist): a static binary for each system, packed
# with its licences, Debian packages, bills of materials and checksums. The same
# commit and the same Go give the same bytes anywhere: no clock, no user name,
# no path and no order of a folder gets in.
#
# The version is VERSION if HEAD is tagged v$(cat VERSION), else a version that
# sorts before it. STANCH_VERSION and SOURCE_DATE_EPOCH are for trees without git.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 022
export LC_ALL=C TZ=UTC CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=${GOTOOLCHAIN:-auto}
unset GOEXPERIMENT

dist=${1:-dist}
version=${STANCH_VERSION:-}
if [ -z "$version" ]; then
	version=$(cat VERSION)
	if [ "$(git describe --tags --exact-match --match 'v*' 2>/dev/null || true)" != "v$version" ]; then
		version=$version-pre.$(git log -1 --format=%cd --date=format:%Y%m%d).g$(git rev-parse --short=10 HEAD)
	fi
	if [ -n "$(git status --porcelain --untracked-files=normal)" ]; then
		version=$version.dirty
		echo "the tree has changes that are not committed: this is $version, and not for others"
	fi
fi
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
echo "stanch $version, $(go version), time $epoch"

rm -rf "$dist"
mkdir -p "$dist"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for tool in sbom licences archive deb; do
	go build -o "$work/$tool" "./packaging/$tool"
done

# One licence file for all: some modules are linked on one system only.
binaries=()
for os in linux windows darwin; do
	for arch in amd64 arm64; do
		name=stanch
		[ $os != windows ] || name=stanch.exe
		binary=$work/${os}_$arch/$name
		mkdir -p "$(dirname "$binary")"
		# The levels are the lowest of each architecture: tills are old machines.
		GOOS=$os GOARCH=$arch GOAMD64=v1 GOARM64=v8.0 go build -trimpath -buildvcs=false \
			-ldflags "-s -w -buildid= -X main.release=$version" -o "$binary" ./cmd/stanch
		binaries+=("$binary")
		echo "built $os/$arch"
	done
done
"$work/licences" "${binaries[@]}" >"$work/THIRD-PARTY-LICENCES.txt"

papers=("$work/THIRD-PARTY-LICENCES.txt" LICENSE)
for page in README.md README.zh.md README.zh-CN.md; do
	[ ! -e $page ] || papers+=($page)
done
for binary in "${binaries[@]}"; do
	folder=$(basename "$(dirname "$binary")")
	full=stanch_${version}_$folder
	end=tar.gz
	[[ $folder != windows_* ]] || end=zip
	"$work/archive" -out "$dist/$full.$end" -folder "$full" -epoch "$epoch" "$binary" "${papers[@]}"
	"$work/sbom" -version "$version" "$binary" >"$dist/$full.cdx.json"
done
for arch in amd64 arm64; do
	"$work/deb" -version "$version" -arch $arch -binary "$work/linux_$arch/stanch" \
		-licences "$work/THIRD-PARTY-LICENCES.txt" -epoch "$epoch" -out "$dist/stanch_${version}_$arch.deb"
done
cp "$work/THIRD-PARTY-LICENCES.txt" "$dist/"
(cd "$dist" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
ls -l "$dist"
