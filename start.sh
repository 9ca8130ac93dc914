#!/bin/sh
# ./start.sh --target-host 127.0.0.1 --target-port 8000     installs what is missing, then serves
# ./start.sh check --config routes.yaml                     any other command of headgate
# ./start.sh install                                        only installs what is missing and builds the dashboard
# Paths in the arguments are relative to where you are, not to this file.
set -eu

root=$(CDPATH='' cd -P -- "$(dirname "$0")" && pwd)
. "$root/scripts/install.sh"
install_dependencies "$root"

case ${1:--} in
-*) set -- serve "$@" ;;
esac
case $1 in
serve | demo | install) build_dashboard "$root" ;;
esac
[ "$1" != install ] || exit 0
exec "$root/bin/headgate" "$@"
