"""Being told when a task has ended, in place of asking.

    $ PYTHONPATH=clients/python python3 examples/webhook-receiver/receiver.py

It needs httpx, and listens on port 9000. headgate.yaml, beside this file, has Headgate call it.
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from headgate import WebhookVerificationError, verify_webhook

SECRET = os.environ.get("WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")
# Messages that were dealt with. In earnest: a table in the database, with the work in one transaction.
done: "set[str]" = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            # Over the bytes as they came. Raises for what Headgate has not signed, or what is older than five minutes.
            event = verify_webhook(SECRET, self.headers, body)
        except WebhookVerificationError:
            print("refused: not signed by Headgate", flush=True)
            return self.answer(400)
        # A message whose answer was lost comes again, under the same id.
        if self.headers["webhook-id"] not in done:
            done.add(self.headers["webhook-id"])
            data = event["data"]
            print(f"{event['type']}: {data['path']}, its answer is at {data['result_url']}", flush=True)
        # Anything but a 2xx, or none within a few seconds, and it is tried again, for hours. 410: never again.
        return self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not each request."""


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 9000))), Receiver)
print(f"The receiver listens on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
