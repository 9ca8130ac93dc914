#!/bin/sh
# A report that takes seconds, with nothing but curl and jq.
#
#   $ sh examples/curl/report.sh
#
# It needs a service and Headgate in front of it: see "Start here" in examples/README.md.
set -eu
url=${HEADGATE_URL:-http://localhost:8080}

# The request goes to the path it always went to. The answer comes at once: 202, and the id of a task that is kept on disk.
# The Idempotency-Key makes it safe to send the same request again when the network fails: it stays one task.
id=$(curl -fsS --json '{"month": "2026-02", "pages": 5}' "$url/api/report" \
	-H "Idempotency-Key: report-2026-02-$$" \
	-H "Headgate-Label: customer=acme" |
	jq -r .task_id)
echo "accepted: $id"

# What happens to it, as it happens: where it stands in the line, how far the service is, how it ends.
curl -fsSN "$url/task/$id/events" | grep --line-buffered '^event: '

# Or ask. `wait` holds the answer until the task has ended, for up to so many seconds; who needs longer asks again.
until curl -fsS "$url/task/$id?wait=30" | jq -e '.completed_at != null' >/dev/null; do :; done
curl -fsS "$url/task/$id" | jq -c '{status, duration_seconds, attempts: (.attempts | length)}'

# The service's own answer: its status, its header fields, its bytes.
curl -fsS "$url/task/$id/result"
echo

# Who can wait gets the answer in place of the receipt.
curl -fsS --json '{"pages": 1}' "$url/api/report" -H "Prefer: wait=20"
echo
