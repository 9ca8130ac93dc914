#!/bin/sh
# ./test.sh                 every check and every test
# ./test.sh checks unit     some parts: checks, unit, e2e, browser, crash
# Installs what is missing, stops at the first failure.
set -eu

root=$(CDPATH='' cd -P -- "$(dirname "$0")" && pwd)
. "$root/scripts/install.sh"
install_dependencies "$root"
cd "$root"
export PATH="$root/node_modules/.bin:$PATH" # the pinned Node and tools come first

step() {
	name=$1
	shift
	printf '\n=== %s\n' "$name"
	"$@" || {
		status=$?
		printf '\n=== FAILED: %s\n' "$name" >&2
		exit "$status"
	}
}

# node_tests NAME FLAGS -- FILES…
node_tests() {
	name=$1 flags=$2
	shift 3
	if [ $# -eq 0 ]; then
		printf '\n=== %s: no test files yet\n' "$name"
		return
	fi
	# shellcheck disable=SC2086
	step "$name" node --test --test-reporter=spec $flags "$@"
}

checks() {
	build_dashboard "$root" # the linter reads its types
	step "format" oxfmt --check
	step "lint" oxlint
	step "types" tsc
	step "types of the dashboard" tsc -p dashboard
	step "dead code" knip
}

# One process for all files, as they share nothing: many times faster than a process each.
unit() {
	# shellcheck disable=SC2046
	node_tests "unit tests" "--test-isolation=none --test-timeout=120000" -- \
		$(find test -name '*.test.ts' ! -path 'test/e2e/*' ! -path 'test/browser/*' ! -path 'test/crash/*' | sort)
}

# Real sockets and processes: a process for each file, one file at a time.
e2e() {
	# shellcheck disable=SC2046
	node_tests "end-to-end tests" "--test-concurrency=1 --test-timeout=300000" -- \
		$(find test/e2e -name '*.test.ts' 2>/dev/null | sort)
}

# The dashboard in chromium; screenshots go to test-artifacts/.
browser() {
	build_dashboard "$root"
	# shellcheck disable=SC2046
	node_tests "browser tests" "--test-concurrency=1 --test-timeout=300000" -- \
		$(find test/browser -name '*.test.ts' 2>/dev/null | sort)
}

crash() {
	# shellcheck disable=SC2046
	node_tests "crash tests" "--test-concurrency=1 --test-timeout=1800000" -- \
		$(find test/crash -name '*.test.ts' 2>/dev/null | sort)
}

[ $# -gt 0 ] || set -- checks unit e2e browser crash
for part in "$@"; do
	case $part in
	checks | unit | e2e | browser | crash) ;;
	*)
		echo "usage: ./test.sh [checks|unit|e2e|browser|crash]…" >&2
		exit 2
		;;
	esac
done
case " $* " in *" unit "* | *" e2e "* | *" browser "*) install_test_packages ;; esac
for part in "$@"; do "$part"; done
