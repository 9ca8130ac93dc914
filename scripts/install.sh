# Sourced by start.sh and test.sh: install_dependencies ROOT installs what package-lock.json names, if that is not there yet.
# npm ci removes node_modules before it fills it, so two at once would spoil each other: only one holds the lock.
# shellcheck shell=sh

dependencies_are_installed() {
	# npm writes its hidden lockfile last: an install that was cut short has none.
	[ -x "$1/node_modules/.bin/node" ] &&
		[ -f "$1/node_modules/.package-lock.json" ] &&
		[ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]
}

fail_install() {
	echo "headgate: $*" >&2
	exit 1
}

lock_install() {
	lock=$1/.install.lock
	said=
	until mkdir "$lock" 2>/dev/null; do
		[ -d "$lock" ] || fail_install "cannot write to $1."
		holder=$(cat "$lock/pid" 2>/dev/null) || holder=
		if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
			# The holder died. Renaming succeeds for one of those who wait.
			mv "$lock" "$lock.$$" 2>/dev/null && rm -rf "$lock.$$"
			continue
		fi
		[ -n "$said" ] || echo "headgate: waiting for another install to finish ($lock)" >&2
		said=yes
		sleep 1
	done
	echo "$$" >"$lock/pid"
	trap 'rm -rf "$lock"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

unlock_install() {
	rm -rf "$lock"
	trap - EXIT INT TERM
}

# npm ci empties the folder that a link names, and that is somebody else's, such as another checkout's.
is_linked() {
	[ -L "$1/node_modules" ] || return 1
	echo "headgate: $1/node_modules is a link: what it names is used as it is, nothing is installed." >&2
}

install_dependencies() {
	dependencies_are_installed "$1" && return
	if is_linked "$1"; then
		"$1/node_modules/.bin/node" --version >/dev/null 2>&1 ||
			fail_install "the pinned Node is not there. Install where the link leads, or remove the link."
		return
	fi
	command -v node >/dev/null 2>&1 || fail_install "Node.js is needed to install (any version from 20 on; the server then runs on the pinned Node 26)."
	command -v npm >/dev/null 2>&1 || fail_install "npm is needed to install, and was not found on the PATH."
	lock_install "$1"
	if ! dependencies_are_installed "$1"; then
		echo "headgate: installing dependencies (once)" >&2
		# The pinned Node is a development dependency: it must come even where NODE_ENV=production.
		(cd "$1" && npm ci --include=dev --loglevel=error --no-progress >&2) || fail_install "npm ci failed."
		"$1/node_modules/.bin/node" --version >/dev/null 2>&1 ||
			fail_install "the pinned Node did not install. Are install scripts turned off? Run 'npm rebuild node --ignore-scripts=false' in $1."
		# A checkout may stamp package-lock.json later than npm stamped its own.
		touch "$1/node_modules/.package-lock.json"
	fi
	unlock_install
}

dashboard_is_built() {
	[ -f "$1/dashboard/dist/index.html" ] &&
		[ -z "$(find "$1/dashboard" "$1/client" -name node_modules -prune -o -name dist -prune -o -type f -newer "$1/dashboard/dist/index.html" -print 2>/dev/null | head -n 1)" ]
}

# The pages of the dashboard, built from their sources. Without them everything else works.
build_dashboard() {
	dashboard_is_built "$1" && return
	lock_install "$1"
	if ! dashboard_is_built "$1"; then
		echo "headgate: building the dashboard (once)" >&2
		(
			PATH="$1/node_modules/.bin:$PATH" && cd "$1/dashboard" &&
				{ is_linked "$1/dashboard" || npm ci --loglevel=error --no-progress >&2; } && npm run --silent build >&2
		) || echo "headgate: WARNING: the dashboard could not be built; it is missing, the rest works." >&2
	fi
	unlock_install
}

# Debian packages that tests drive: real services, and strace to make system calls fail. Each line: a file, its package.
test_packages() {
	cat <<-END
		/usr/bin/curl curl
		/usr/bin/jq jq
		/usr/bin/python3 python3
		/usr/bin/sqlite3 sqlite3
		/usr/bin/strace strace
		/usr/sbin/nginx nginx-light
		/usr/bin/promtool prometheus
		/usr/lib/python3/dist-packages/fastapi python3-fastapi
		/usr/lib/python3/dist-packages/uvicorn python3-uvicorn
		/usr/lib/python3/dist-packages/httpx python3-httpx
		/usr/lib/python3/dist-packages/pytest python3-pytest
		/usr/bin/mypy mypy
		/usr/bin/zsh zsh
		/usr/bin/fish fish
		/usr/bin/chromium chromium
		/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc fonts-wqy-zenhei
	END
}

missing_test_packages() {
	test_packages | while read -r file package; do
		[ -e "$file" ] || printf '%s ' "$package"
	done
}

# Without them a few tests are skipped, and say so; that is said here too, before they are.
install_test_packages() {
	packages=$(missing_test_packages)
	[ -n "$packages" ] || return 0
	if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
		echo "headgate: installing for the tests (once): $packages" >&2
		# shellcheck disable=SC2086
		apt_install_quietly $packages || true
	fi
	packages=$(missing_test_packages)
	[ -z "$packages" ] || echo "headgate: WARNING: tests that need these packages are skipped: $packages" >&2
}

apt_install_quietly() (
	export DEBIAN_FRONTEND=noninteractive
	# Tests start services themselves, on ports of their own: Debian must not start them as well.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
		trap 'rm -f "$policy"' EXIT
	fi
	{ apt-get update -qq -o DPkg::Lock::Timeout=300 && apt-get install -y -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 --no-install-recommends "$@"; } >&2
)
