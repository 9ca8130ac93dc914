#!/bin/sh
# backup.sh DATA_DIR BACKUP_DIR     copies the data of a Headgate, also while it runs, into a new folder of BACKUP_DIR
# Needs sqlite3. The key of the secrets (headgate.key) is left out on purpose: keep a copy of it somewhere else.
set -eu
umask 077

fail() {
	echo "backup: $*" >&2
	exit 1
}

[ $# -eq 2 ] || fail "usage: backup.sh DATA_DIR BACKUP_DIR"
data=$1
[ -f "$data/headgate.db" ] || fail "there is no headgate.db in $data"
command -v sqlite3 >/dev/null || fail "sqlite3 is needed"
whole=$2/$(date -u +%Y%m%dT%H%M%SZ)
part=$whole.part
[ ! -e "$whole" ] || fail "$whole is there already"
mkdir -p "$part/bodies"

# Bodies never change once they have their name. One may go meanwhile, with its task.
copy_bodies() {
	for body in "$data"/bodies/*; do
		case $body in *.part) continue ;; esac
		copy=$part/bodies/${body##*/}
		[ -e "$copy" ] || [ ! -e "$body" ] || cp -p "$body" "$copy" || [ ! -e "$body" ] || fail "cannot copy $body"
	done
}

# Before the database for those that are deleted soon, after it for those that are new in it.
copy_bodies
# One transaction that reads: a busy writer neither waits for it nor makes it begin again, as it would sqlite3's .backup.
sqlite3 -readonly "$data/headgate.db" "VACUUM INTO '$(printf %s "$part/headgate.db" | sed "s/'/''/g")'"
copy_bodies
for file in node key-mark; do
	[ ! -f "$data/$file" ] || cp -p "$data/$file" "$part/$file"
done
[ "$(sqlite3 -readonly "$part/headgate.db" 'PRAGMA quick_check')" = ok ] || fail "the copy is damaged: $part"
sync
mv "$part" "$whole"
echo "$whole"
