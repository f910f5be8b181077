#!/bin/sh
# Installs what building, testing and running muscope needs and this machine lacks, from Debian's own packages.
# Needs root, or a user with sudo. Does nothing, and at once, where everything is there.
#   sh setup.sh          install what is missing
#   sh setup.sh --check  only say it; exit status 1 where something is missing
set -eu

# there NAME: is one of these programs in PATH?
there() {
	for program in "$@"; do
		command -v "$program" >/dev/null 2>&1 && return 0
	done
	return 1
}

# exists PATTERN…: does any of these files exist?
exists() {
	for file in "$@"; do
		[ -e "$file" ] && return 0
	done
	return 1
}

# The newest PostgreSQL server here, empty where there is none.
postgres_major() {
	for dir in /usr/lib/postgresql/*/bin/postgres; do
		[ -x "$dir" ] && echo "$dir" | cut -d/ -f5
	done | sort -n | tail -n 1
}

has_postgis() {
	for control in /usr/share/postgresql/*/extension/postgis.control; do
		[ -e "$control" ] || continue
		major=$(echo "$control" | cut -d/ -f5)
		[ "$major" -ge 14 ] && [ -x "/usr/lib/postgresql/$major/bin/postgres" ] && return 0
	done
	there postgres && there pg_config && [ -e "$(pg_config --sharedir)/extension/postgis.control" ]
}

has_node() {
	there node && there npm || return 1
	major=$(node --version | sed 's/^v//; s/\..*//')
	[ "$major" -ge 18 ]
}

has_chinese_font() {
	there fc-list && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]
}

# The PostGIS package for the server that is here, or for the one the distribution brings.
postgis_package() {
	major=$(postgres_major)
	if [ -n "$major" ] && [ "$major" -ge 14 ]; then
		echo "postgresql-$major-postgis-3"
		return
	fi
	. /etc/os-release
	case "${ID:-}${VERSION_ID:-}" in
	debian12) echo "postgresql-15 postgresql-15-postgis-3" ;;
	*) echo "postgresql postgresql-postgis" ;;
	esac
}

# What is missing, as package names.
missing_packages() {
	has_postgis || postgis_package
	there psql || echo postgresql-client
	there ogr2ogr || echo gdal-bin             # second engine of the tests, and the benchmark's rival
	there cs2cs || echo proj-bin               # second engine of the projections
	there chromium chromium-browser google-chrome || echo chromium # browser test
	has_chinese_font || echo fontconfig fonts-noto-cjk             # reports and pictures of pages in Chinese
	has_node || echo nodejs npm                # web build; Debian 12's Node 18 will do
	there gcc cc || echo gcc libc6-dev         # go test -race
	there flock || echo util-linux
	exists /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem || echo ca-certificates
}

# as_root COMMAND…
as_root() {
	if [ "$(id -u)" = 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	elif there sudo; then
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	else
		echo "setup: root rights are needed, and there is no sudo. As root, run: apt-get install $packages" >&2
		exit 1
	fi
}

# retry COMMAND…: three times, since mirrors fail now and then.
retry() {
	for wait in 5 20 0; do
		"$@" && return 0
		[ "$wait" = 0 ] || { echo "setup: trying again in $wait s: $*" >&2; sleep "$wait"; }
	done
	return 1
}

# muscope runs a cluster of its own: Debian's "main" cluster is neither made nor started for it. The setting is
# there only during the installation; a PostgreSQL that was here before keeps what it has.
no_main_cluster=/etc/postgresql-common/createcluster.d/muscope-setup.conf
install_packages() {
	if [ -z "$(postgres_major)" ]; then
		as_root sh -c "mkdir -p ${no_main_cluster%/*} && echo create_main_cluster = false >$no_main_cluster"
		trap 'as_root rm -f "$no_main_cluster"' EXIT
	fi
	retry as_root apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	retry as_root apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 $packages
}

packages=$(missing_packages | tr '\n' ' ' | sed 's/ *$//')
if [ -z "$packages" ]; then
	exit 0
fi
if [ "${1:-}" = --check ]; then
	echo "setup: missing: $packages" >&2
	exit 1
fi
if ! there apt-get; then
	echo "setup: this machine has no apt-get; install by hand what these Debian packages bring: $packages" >&2
	exit 1
fi
echo "setup: installing $packages" >&2
install_packages
left=$(missing_packages | tr '\n' ' ')
if [ -n "$left" ]; then
	echo "setup: still missing after the installation: $left" >&2
	exit 1
fi
