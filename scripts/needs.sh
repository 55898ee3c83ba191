#!/usr/bin/env bash
# Installs what the tests need and this machine lacks, on Debian and Ubuntu, as
# root or by sudo without a password. What it cannot install it names in one
# line each and goes on: the tests that need it will fail, not pass silently.
set -uo pipefail

need=()
want() { # want PACKAGE COMMAND...: PACKAGE is needed unless COMMAND succeeds
	local package=$1
	shift
	"$@" >/dev/null 2>&1 || need+=("$package")
}
browser() {
	local name
	for name in chromium chromium-browser google-chrome google-chrome-stable; do
		command -v "$name" >/dev/null && return
	done
	return 1
}
look() {
	need=()
	want chromium browser
	want fonts-wqy-microhei bash -c 'fc-list :lang=zh | grep -q .'
	want postgresql bash -c 'ls /usr/lib/postgresql/*/bin/postgres'
	want mariadb-server bash -c 'command -v mariadbd || ls /usr/sbin/mariadbd'
	want systemd bash -c 'command -v journalctl'
	want systemd-journal-remote test -x /lib/systemd/systemd-journal-remote
	want acl command -v setfacl
	want attr command -v setfattr
	want gcc command -v gcc
	want libc6-dev test -e /usr/include/stdlib.h
	want git command -v git
	want bzip2 command -v bzip2
	want xz-utils command -v xz
	want zstd command -v zstd
	want lz4 command -v lz4
	want p7zip-full command -v 7z
}

look
if [ ${#need[@]} -eq 0 ]; then
	echo "everything is here"
	exit 0
fi
if ! command -v apt-get >/dev/null; then
	echo "CANNOT INSTALL: no apt-get here; install by hand what gives you: ${need[*]}"
	exit 0
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! sudo -n true 2>/dev/null; then
		echo "CANNOT INSTALL: run once as root: apt-get install -y ${need[*]}"
		exit 0
	fi
	root=(sudo -n)
fi
# fc-list, by which the font is looked for, is in fontconfig.
echo "installing: ${need[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${root[@]}" apt-get update -q &&
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends fontconfig "${need[@]}"; } >"$log" 2>&1 </dev/null; then
	grep -E '^(E|W):' "$log" || tail -n 5 "$log"
fi
look
for package in "${need[@]}"; do
	echo "CANNOT INSTALL: $package; the tests that need it will fail"
done
exit 0
