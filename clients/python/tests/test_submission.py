"""What is sent, what is sent again, and what is not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from flows import answer, pauses, play, problem

from headgate import HeadgateError, IdempotencyMismatch, QueueFull, Unreachable
from headgate import verbs
from headgate.errors import to_error
from headgate.flow import Call
from headgate.request import to_batch_member, to_request
from headgate.submission import submit

ACCEPTED = {
    "headers": {"Headgate-Task-Id": "t1"},
    "json": {"success": True, "task_id": "t1", "status": "pending", "data": {"position": 4, "eta_seconds": 12}},
}


def fields(options, path="/x"):
    return dict(to_request(path, options).headers)


def test_options_are_sent_as_directives():
    sent = fields(
        {
            "json": {"a": "é"},
            "priority": 0,
            "delay": timedelta(minutes=10),
            "start_within": 0.5,
            "timeout": "30s",
            "not_before": datetime(2026, 2, 4, 3, 4, 5, tzinfo=timezone(timedelta(hours=8))),
            "callback": "https://example.com/hook",
            "cache": "no-store",
            "max_attempts": 3,
        }
    )
    assert sent.pop("Headgate-Idempotency-Key")
    assert sent == {
        "Content-Type": "application/json",
        "Headgate-Priority": "0",
        "Headgate-Delay": "600000ms",
        "Headgate-Start-Within": "500ms",
        "Headgate-Timeout": "30s",
        "Headgate-Not-Before": "2026-02-03T19:04:05.000Z",
        "Headgate-Callback": "https://example.com/hook",
        "Headgate-Cache": "no-store",
        "Headgate-Max-Attempts": "3",
        "Prefer": "respond-async",
        "Accept-Encoding": "identity",
    }


def test_what_the_caller_says_stands():
    given = [("content-type", "application/vnd.own+json"), ("IDEMPOTENCY-KEY", "mine"), ("prefer", "wait=5")]
    sent = to_request("/x", {"json": 1, "headers": given}).headers
    assert sent == [*given, ("Accept-Encoding", "identity")]
    assert "Idempotency-Key" not in fields({"idempotency_key": None})
    with pytest.raises(TypeError, match="json and content"):
        to_request("/x", {"json": 1, "content": b"2"})


@pytest.mark.parametrize(
    ("path", "params", "sent"),
    [
        ("api/x", {}, "/api/x"),
        ("/a%2Fb/c;d=1?q=%20", {}, "/a%2Fb/c;d=1?q=%20"),
        ("/文", {"q": "文 &"}, "/%E6%96%87?q=%E6%96%87%20%26"),
        ("/x?a=1", {"b": True, "c": None}, "/x?a=1&b=true"),
        ("/x", {"tag": ["a", "b"]}, "/x?tag=a&tag=b"),
        ("/x", [("tag", "a"), ("tag", "b")], "/x?tag=a&tag=b"),
        ("/x\r\nEvil: 1", {}, "/x%0D%0AEvil:%201"),
    ],
)
def test_paths_are_encoded_once(path, params, sent):
    assert to_request(path, {"params": params}).path == sent


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"labels": {"team": "搜索"}}, "Headgate-Label"),
        ({"headers": {"X-Two": "a\nb"}}, "X-Two"),
        ({"headers": {"X Space": "a"}}, "X Space"),
    ],
)
def test_a_header_field_that_cannot_be_sent_is_named_before_anything_is(options, named):
    with pytest.raises(ValueError, match=named):
        play(submit("/x", options), [])


def test_files_are_sent_as_the_parts_of_a_form_and_the_same_each_time():
    options = {"files": {"page": ("page.txt", b"\xff", "text/plain")}, "form": {"n": "1"}}
    lost = Unreachable("reset", was_sent=True)
    steps, _ = play(submit("/x", options), [lost, answer(202, **ACCEPTED)])
    first, second = (step for step in steps if isinstance(step, Call))
    assert (first.content, first.headers) == (second.content, second.headers)
    boundary = dict(first.headers)["Content-Type"].partition("multipart/form-data; boundary=")[2].encode()
    assert first.content.count(b"--" + boundary) == 3
    assert b'name="page"; filename="page.txt"\r\nContent-Type: text/plain\r\n\r\n\xff\r\n' in first.content
    assert b'name="n"\r\n\r\n1\r\n' in first.content


def test_of_a_head_request_only_the_header_fields_come_back():
    _, receipt = play(submit("/x", {"method": "HEAD"}), [answer(202, headers=ACCEPTED["headers"])])
    assert (receipt.task_id, receipt.position) == ("t1", None)


def test_a_batch_is_sent_again_under_one_key():
    taken = answer(202, json={"success": True, "batch_id": "b1", "task_ids": ["t1"]})
    lost = Unreachable("reset", was_sent=True)
    steps, batch = play(verbs.batch([{"path": "/x"}], None), [lost, answer(503), taken])
    assert batch["batch_id"] == "b1"
    keys = [dict(step.headers)["Idempotency-Key"] for step in steps if isinstance(step, Call)]
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_what_may_have_been_taken_is_sent_again_under_its_key():
    lost = Unreachable("reset", was_sent=True)
    steps, receipt = play(submit("/x", {}), [lost, answer(502), answer(202, **ACCEPTED)])
    calls = [step for step in steps if isinstance(step, Call)]
    assert len({dict(call.headers)["Headgate-Idempotency-Key"] for call in calls}) == 1
    assert (receipt.task_id, receipt.position, receipt.is_replay) == ("t1", 4, False)
    assert len(pauses(steps)) == 2


def test_without_a_key_only_what_was_surely_not_taken_is_sent_again():
    bare = {"idempotency_key": None}
    never = Unreachable("refused", was_sent=False)
    steps, _ = play(submit("/x", bare), [never, problem(503, "queue_full"), answer(202, **ACCEPTED)])
    assert len(pauses(steps)) == 2
    with pytest.raises(Unreachable):
        play(submit("/x", bare), [Unreachable("reset", was_sent=True)])
    for unclear in (answer(502), problem(503, "storage_failed")):
        with pytest.raises(HeadgateError):
            play(submit("/x", bare), [unclear])
    with pytest.raises(QueueFull):
        play(submit("/x", {"content": iter([b"once"])}), [problem(503, "queue_full")])


def test_retry_after_is_kept_within_reason_and_the_end_is_told():
    full = [problem(503, "queue_full", **{"Retry-After": "7"}) for _ in range(2)]
    steps, _ = play(submit("/x", {}), [*full, answer(202, **ACCEPTED)])
    assert pauses(steps) == [7, 7]
    steps, _ = play(
        submit("/x", {}), [problem(503, "queue_full", **{"Retry-After": "900"}), answer(202, **ACCEPTED)]
    )
    assert pauses(steps) == [10]
    with pytest.raises(QueueFull) as refused:
        play(submit("/x", {}), [*full, *full])
    assert (refused.value.code, refused.value.retry_after, refused.value.field) == ("queue_full", 7, "f")


def test_what_is_refused_is_not_sent_again():
    with pytest.raises(IdempotencyMismatch):
        play(submit("/x", {}), [problem(422, "idempotency_mismatch")])


def test_an_answer_of_somebody_else_is_no_task():
    with pytest.raises(HeadgateError) as other:
        play(submit("/x", {}), [answer(200, json={"task_id": "t1"})])
    assert other.value.code == "unknown"


def test_a_problem_of_the_service_is_not_taken_for_headgates():
    foreign = answer(409, json={"code": "x"}, headers={"Content-Type": "application/problem+json"})
    assert to_error(foreign).code == "unknown"


def test_requests_of_a_batch():
    assert to_batch_member({"path": "a", "json": None, "priority": 5, "labels": {"a": "1", "b": "2"}}) == {
        "method": "POST",
        "path": "/a",
        "headers": {
            "Headgate-Priority": "5",
            "Headgate-Label": ["a=1", "b=2"],
            "Content-Type": "application/json",
        },
        # Not as a `body`, where null is none; and the same bytes as of a request of its own.
        "text": "null",
    }
    assert to_batch_member({"path": "/a", "form": {"k": "v w"}, "method": "put"}) == {
        "method": "PUT",
        "path": "/a",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "text": "k=v+w",
    }
    assert to_batch_member({"path": "/a", "content": b"\xff"})["body_base64"] == "/w=="
    with pytest.raises(TypeError, match="nonsense"):
        to_batch_member({"path": "/a", "nonsense": 1})
