"""Keys and webhooks, with the real program."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import pytest
from rig import running_gateway

from headgate import AccessDenied, Headgate, NotFound, QuotaExceeded, WebhookVerificationError, verify_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="


def test_a_key_sees_what_is_its_own(target):
    with running_gateway(target.url) as gateway, Headgate(gateway.url) as nobody:
        admin = Headgate(gateway.url, key=nobody.create_key("root", "admin"))
        mine = Headgate(gateway.url, key=admin.create_key("mine", "submit", client="me"))
        other = Headgate(gateway.url, key=admin.create_key("other", "submit", rate="1/h"))
        assert [key["name"] for key in admin.keys()] == ["root", "mine", "other"]

        with pytest.raises(AccessDenied) as refused:
            nobody.submit("/x")
        assert (refused.value.status, refused.value.code) == (401, "unauthorized")
        task = mine.submit("/x", json=1)
        assert task.done(timeout=30)["client"] == "me"
        assert [found["task_id"] for found in mine.list()] == [task.id]
        assert list(other.list()) == []
        with pytest.raises(NotFound):
            other.task(task.id).result()
        with pytest.raises(AccessDenied) as refused:
            mine.cleanup()
        assert refused.value.status == 403

        other.submit("/x")
        with pytest.raises(QuotaExceeded) as used_up:
            other.submit("/x")
        assert used_up.value.retry_after is not None
        admin.remove_key("mine")
        with pytest.raises(AccessDenied):
            mine.page()
        for client in (admin, mine, other):
            client.close()


class Receiver(BaseHTTPRequestHandler):
    taken: Queue

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            type(self).taken.put(verify_webhook(SECRET, self.headers, body))
            self.send_response(204)
        except WebhookVerificationError:
            self.send_response(400)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_webhook_is_told_verified_and_told_again(target, tmp_path):
    Receiver.taken = Queue()
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, args=(0.05,), daemon=True).start()
    file = tmp_path / "headgate.yaml"
    file.write_text(f"webhooks:\n  secret: {SECRET}\n  allow: [127.0.0.1]\n")
    try:
        with running_gateway(target.url, "--config", str(file)) as gateway, Headgate(gateway.url) as client:
            task = client.submit("/x", json=1, callback=f"http://127.0.0.1:{receiver.server_port}/hook")
            told = Receiver.taken.get(timeout=30)
            assert (told["type"], told["data"]["task_id"]) == ("task.completed", task.id)
            (delivery,) = client.deliveries(task=task.id)["deliveries"]
            assert client.delivery(delivery["id"])["type"] == "task.completed"
            while client.delivery(delivery["id"])["state"] == "pending":
                pass
            client.redeliver(delivery["id"])
            assert Receiver.taken.get(timeout=30) == told
            assert client.endpoints()["endpoints"] == []
            with pytest.raises(NotFound):
                client.test_endpoint("nobody")
    finally:
        receiver.shutdown()
        receiver.server_close()
