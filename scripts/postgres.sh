# Sourced by test.sh: one PostgreSQL server for all packages, in a folder of its
# own, reached by a socket there. Its files need not outlive the run, so it does
# not wait for the disk.

postgres_dir=
postgres_as=()

postgres_start() {
	local bin
	bin=$(dirname "$(ls -v /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1)")
	if [ ! -x "$bin/postgres" ]; then
		echo "no PostgreSQL under /usr/lib/postgresql"
		return 1
	fi
	postgres_dir=$(mktemp -d /tmp/stanch-pg-XXXXXX)
	if [ "$(id -u)" -eq 0 ]; then # it refuses to run as root
		chown postgres: "$postgres_dir"
		postgres_as=(setpriv --reuid postgres --regid postgres --clear-groups)
	fi
	(
		cd "$postgres_dir" &&
			"${postgres_as[@]}" "$bin/initdb" -D data -U stanch -A trust -E UTF8 --locale=C.UTF-8 -N &&
			"${postgres_as[@]}" "$bin/pg_ctl" -D data -w -t 60 -l log \
				-o "-k $postgres_dir -c listen_addresses= -c max_connections=400 -c fsync=off" start
	) >"$postgres_dir.log" 2>&1 </dev/null || {
		cat "$postgres_dir.log"
		return 1
	}
	export STANCH_TEST_POSTGRES="postgres://stanch@/postgres?host=$postgres_dir"
	postgres_bin=$bin
	"$bin/postgres" --version
}

postgres_stop() {
	[ -n "$postgres_dir" ] || return 0
	if [ -e "$postgres_dir/data/postmaster.pid" ]; then
		(cd "$postgres_dir" && "${postgres_as[@]}" "$postgres_bin/pg_ctl" -D data -m immediate stop) >/dev/null 2>&1 </dev/null
	fi
	rm -rf "$postgres_dir" "$postgres_dir.log"
	postgres_dir=
}
