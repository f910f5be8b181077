# sh cluster_watch.sh HOME SECONDS: stops the cluster of HOME once no process has held a lease for SECONDS.
# Test processes end without a last one that could stop the server; this one outlives them.
home=$1
patience=$2
command -v flock >/dev/null || exit 0
exec 8>>"$home/watch.lock"
flock -n 8 || exit 0 # another one watches

held() {
	for lease in "$home"/leases/*; do
		[ -f "$lease" ] || continue
		flock -n "$lease" true || return 0
	done
	return 1
}

quiet=0
while [ "$quiet" -lt "$patience" ]; do
	sleep 1
	[ -d "$home/leases" ] || exit 0
	exec 9>>"$home/lock" && flock 9 || exit 1
	if held; then quiet=0; else quiet=$((quiet + 1)); fi
	[ "$quiet" -ge "$patience" ] || exec 9>&-
done

# Under the lock, which is given back when this process ends.
data=$home/cluster/data
pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || exit 0
tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -e "-D $data " || exit 0
kill -INT "$pid" || exit 1
while kill -0 "$pid" 2>/dev/null && [ -f "$data/postmaster.pid" ]; do
	sleep 0.1
done
