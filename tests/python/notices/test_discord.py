"""Laws of the sinks: what is posted, what every answer means, and what nobody gets to see."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import ValidationError
from openapi_schema_validator import OAS31Validator

from alpaca_kit import SHARED
from discord_kit import TOKEN, Discord, busy
from mqk.errors import MqkError
from mqk.notices import Lines, Receipt, Undelivered
from mqk.notices.discord import Webhook, build_payload, open_webhooks, read_ms

ORACLE = SHARED / "oracles" / "discord" / "discord-webhook-openapi.json"
SHORT: dict[str, Any] = {
    "channel": "ALERTS",
    "delivery_no": 7,
    "severity": "CRITICAL",
    "notices": 2,
    "title": "MAIN: 2 RUN_HALTED",
    "body": "2026-11-02T15:00:00Z CRITICAL RUN_HALTED, run 918f9a10: KEYS_REFUSED: 401",
}
LONG = {**SHORT, "title": "\U0001f525" * 100, "body": "\U0001f525" * 2800, "notices": 10**9}


@pytest.fixture
def discord() -> Iterator[Discord]:
    """A Discord of our own."""
    with Discord() as made:
        yield made


def refused(discord: Discord, *answers: Any) -> Undelivered:
    """What a send raises when these answers come."""
    discord.faults("alerts", *answers)
    with pytest.raises(Undelivered) as no:
        discord.webhook("alerts").send(SHORT)
    return no.value


@pytest.mark.parametrize("message", [SHORT, LONG], ids=["short", "long"])
def test_a_post_is_what_discord_documents(message: dict[str, Any]) -> None:
    if not ORACLE.exists():
        pytest.skip("Discord's document is not here (shared/oracles/discord)")
    document = json.loads(ORACLE.read_text())
    schema = {"$ref": "#/components/schemas/IncomingWebhookRequestPartial"}
    validator = OAS31Validator({**schema, "components": document["components"]})
    validator.validate(build_payload(message))
    with pytest.raises(ValidationError):
        validator.validate({**build_payload(message), "username": "x" * 81})


def test_all_embeds_together_are_below_six_thousand_however_one_counts() -> None:
    embed = build_payload(LONG)["embeds"][0]
    text = embed["title"] + embed["description"] + embed["footer"]["text"]
    assert len(text.encode("utf-16-le")) // 2 <= 6000
    assert (len(embed["title"]), len(embed["description"])) <= (256, 4096)


def test_nobody_is_mentioned_whatever_the_text_says(discord: Discord) -> None:
    discord.webhook("alerts").send({**SHORT, "body": "@everyone <@1>"})
    post = discord.posts("alerts")[0]
    assert post["allowed_mentions"] == {"parse": []}
    assert "content" not in post


def test_a_post_waits_until_it_is_stored_and_gives_its_id(discord: Discord) -> None:
    assert discord.webhook("alerts").send(SHORT) == Receipt("message 000000000000000001")
    assert discord.received[0][1] == "wait=true"


def test_a_webhook_whose_quota_is_spent_is_left_alone_until_its_reset(discord: Discord) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.25"}
    left = {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset-After": "1.25"}
    discord.faults("alerts", (200, {"id": "1"}, spent), (200, {"id": "2"}, left))
    rests = [discord.webhook("alerts").send(SHORT).rest_ms for _ in range(2)]
    assert rests == [1250, 0]


@pytest.mark.parametrize(
    ("answer", "rest_ms"),
    [(busy(0.5), 1000), (busy(2.0, header=False), 2000), ((429, [], {"Retry-After": "soon"}), 0)],
    ids=["header", "body", "unreadable"],
)
def test_a_429_is_sent_once_and_says_how_long_to_rest(
    discord: Discord, answer: Any, rest_ms: int
) -> None:
    assert refused(discord, answer).rest_ms == rest_ms
    assert len(discord.received) == 1


@pytest.mark.parametrize(
    ("answer", "is_gone"), [(401, True), (403, True), (404, True), (400, False), (500, False),
                            (502, False), (302, False)],
)  # fmt: skip
def test_a_webhook_that_is_gone_is_told_from_one_that_is_ill(
    discord: Discord, answer: int, is_gone: bool
) -> None:
    no = refused(discord, answer)
    assert (no.is_gone, len(discord.received)) == (is_gone, 1)


def test_a_webhook_that_does_not_answer_is_given_up_in_time(discord: Discord) -> None:
    assert "Timeout" in str(refused(discord, Discord.STALL))


def test_a_webhook_that_nobody_listens_at_is_undelivered(discord: Discord) -> None:
    with pytest.raises(Undelivered, match="no answer: ConnectError"):
        Webhook(f"http://127.0.0.1:1/api/webhooks/1/{TOKEN}").send(SHORT)


@pytest.mark.parametrize("answer", [404, 500, busy(1.0), Discord.STALL])
def test_no_failure_shows_the_webhook(discord: Discord, answer: Any) -> None:
    no = refused(discord, answer)
    assert TOKEN not in f"{no!r} {no.__cause__!r}"


@pytest.mark.parametrize(
    "url", ["http://discord.com/api/webhooks/1/", "ftp://x/", "nonsense", "://"]
)
def test_a_webhook_is_https_or_on_this_machine(url: str) -> None:
    with pytest.raises(MqkError, match="MQA02") as no:
        Webhook(url + TOKEN)
    assert TOKEN not in str(no.value)


def test_a_channel_without_a_webhook_has_none(discord: Discord) -> None:
    names = {"alerts": "A", "paper": "B", "live": "C", "c2": None}
    assert set(open_webhooks(names, {"A": discord.url("alerts"), "B": "  "})) == {"ALERTS"}


@pytest.mark.parametrize(
    ("seconds", "ms"),
    [
        ("1.0001", 1001),
        ("0", 0),
        ("-5", 0),
        ("nan", 0),
        ("inf", 0),
        (None, 0),
        ("99999", 3_600_000),
    ],
)
def test_a_rest_is_rounded_up_and_bounded(seconds: Any, ms: int) -> None:
    assert read_ms(seconds) == ms


def test_a_line_is_json_with_the_priority_of_syslog() -> None:
    stream = io.StringIO()
    Lines(stream).send(SHORT)
    assert json.loads(stream.getvalue()) == {**SHORT, "priority": 2}


def test_a_line_that_cannot_be_written_is_undelivered() -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(Undelivered, match="No space left"):
        Lines(Full()).send(SHORT)
