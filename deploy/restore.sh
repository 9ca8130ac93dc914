#!/bin/sh
# restore.sh BACKUP DATA_DIR     makes a data folder of what backup.sh has made; DATA_DIR must not be there, or be empty
# Put headgate.key into it afterwards, unless --key-file names it elsewhere.
set -eu
umask 077

fail() {
	echo "restore: $*" >&2
	exit 1
}

[ $# -eq 2 ] || fail "usage: restore.sh BACKUP DATA_DIR"
backup=$1
data=$2
[ -f "$backup/headgate.db" ] || fail "there is no headgate.db in $backup"
[ "$(sqlite3 -readonly "$backup/headgate.db" 'PRAGMA quick_check')" = ok ] || fail "$backup/headgate.db is damaged"
mkdir -p "$data"
[ -z "$(ls -A "$data")" ] || fail "$data is not empty"
cp -pR "$backup/." "$data/"
sync
echo "$data"
