"""Signatures against one that the npm package standardwebhooks made, and reports of progress."""

from __future__ import annotations

import asyncio

import pytest
from rig import running_target

from headgate import WebhookVerificationError, report_progress, report_progress_async, verify_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": "1614265330",
    "Webhook-Signature": "v1,bm9uZQ== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,x",
}


def clock():
    return 1614265330 + 200.0


def test_what_was_signed_is_taken():
    assert verify_webhook(SECRET, HEADERS, BODY, clock=clock) == {"test": 2432232314}
    assert verify_webhook(SECRET[6:], HEADERS, BODY.decode(), clock=clock) == {"test": 2432232314}


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({}, b'{"test": 2432232315}'),
        ({"Webhook-Id": "msg_other"}, BODY),
        ({"Webhook-Timestamp": "1614265331"}, BODY),
        ({"Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="}, BODY),
        ({"Webhook-Signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, BODY),
        ({"Webhook-Signature": "v1,é"}, BODY),
        ({"Webhook-Signature": ""}, BODY),
    ],
)
def test_what_was_not_is_refused(changed, body):
    with pytest.raises(WebhookVerificationError):
        verify_webhook(SECRET, {**HEADERS, **changed}, body, clock=clock)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_message_of_another_time_is_refused(seconds):
    with pytest.raises(WebhookVerificationError, match="too long ago"):
        verify_webhook(SECRET, HEADERS, BODY, clock=lambda: 1614265330 + seconds)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***"])
def test_a_secret_that_is_none_is_the_receivers_mistake(secret):
    with pytest.raises(ValueError, match="secret"):
        verify_webhook(secret, HEADERS, BODY, clock=clock)


def test_progress_is_reported_where_the_request_says():
    with running_target() as gate:
        came = {"headgate-progress-url": f"{gate.url}/task/t1/progress", "HEADGATE-PROGRESS-TOKEN": "secret"}
        assert report_progress(came, 50, "half")
        assert asyncio.run(report_progress_async(came, percent=100, only_to=gate.url))
        assert [(m, p, h["Headgate-Progress-Token"], b) for m, p, h, b in gate.seen] == [
            ("PUT", "/task/t1/progress", "secret", b'{"percent": 50, "message": "half"}'),
            ("PUT", "/task/t1/progress", "secret", b'{"percent": 100}'),
        ]
        assert not report_progress(came, 1, only_to="http://gate.example")
        assert len(gate.seen) == 2
    assert not report_progress(came, 60), "nobody is there any more"
    assert not report_progress({}, 60), "the request did not come through Headgate"
    with pytest.raises(ValueError, match="percent"):
        report_progress(came)
