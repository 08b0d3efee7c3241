"""Defects of Lavalink.py's connection and session (C1 to C21): each test runs on both libraries."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import weakref
from typing import Any

import pytest

from client.defects.bench import Bench, Library, bench, resumable
from client.defects.defect import defect
from client.world import GUILD
from voxlink.client import ReconnectPolicy
from voxlink.testing import FakeNode

WHOLE_ERROR = {
    "timestamp": 1, "status": 403, "error": "Forbidden", "message": "the plugin says no", "path": "/v4/info",
}  # fmt: skip


@defect("C1")
async def test_any_close_code_leads_to_another_connection(library: Library) -> None:
    async with bench(library) as made:
        await made.fake.next_connection()
        await made.fake.close_sockets(4006, "private")
        await made.fake.next_connection()


@defect("C2")
async def test_the_session_is_asked_for_after_a_lost_socket(library: Library) -> None:
    async with bench(library) as made:
        first = await made.fake.next_connection()
        await made.fake.vanish()
        second = await made.fake.next_connection()
        assert first.session is not None
        assert second.headers.get("Session-Id") == first.session.id


@defect("C3")
async def test_a_502_from_a_proxy_is_outlived(library: Library) -> None:
    async with bench(library, connect=False) as made:
        made.fake.refuse_handshakes(502)
        made.add_node(made.fake)
        await made.saw("NodeReadyEvent")


@defect("C4")
async def test_a_server_that_accepts_and_closes_is_not_hammered(library: Library) -> None:
    patient = ReconnectPolicy(initial_s=0.2, max_s=5, jitter=0)
    async with bench(library, reconnect=patient) as made:
        for _ in range(4):
            await made.fake.next_connection()
            await made.fake.close_sockets(1001)
        calls = made.fake.connections
        assert calls[3].at - calls[0].at > 1.0, "three waits of 0.2, 0.4 and 0.8 s"


@defect("C5")
async def test_a_resumed_session_is_left_alone(library: Library) -> None:
    async with resumable(library) as made:
        player = await made.join()
        await made.play(player, "song")
        before = len(made.fake.patches(GUILD))
        await made.fake.vanish()
        ready = await made.saw("NodeReadyEvent", 2)
        assert ready.resumed
        await made.settle()
        assert not made.fake.calls("DELETE")
        assert len(made.fake.patches(GUILD)) == before


@defect("C6")
async def test_a_destroyed_node_says_that_it_is_disconnected(library: Library) -> None:
    async with bench(library) as made:
        await made.node.destroy()
        await made.saw("NodeDisconnectedEvent")


@defect("C7")
async def test_the_reason_of_a_close_is_told(library: Library) -> None:
    async with bench(library) as made:
        await made.fake.close_sockets(1001, "maintenance")
        event = await made.saw("NodeDisconnectedEvent")
        assert (event.code, event.reason) == (1001, "maintenance")


@defect("C8")
async def test_a_hook_that_waits_is_held_on_to(library: Library) -> None:
    running: list[weakref.ref[Any]] = []
    began = asyncio.Event()

    async def hook(_event: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.append(weakref.ref(task))
        began.set()
        del task
        await asyncio.get_running_loop().create_future()

    async with bench(library, connect=False) as made:
        made.client.add_event_hook(hook)
        made.client._dispatch_event(library.QueueEndEvent(None))
        await began.wait()
        await asyncio.sleep(0)
        gc.collect()
        assert running[0]() is not None, "the task was collected while it ran"


@defect("C9")
async def test_events_of_a_player_are_handled_one_after_another(library: Library) -> None:
    order: list[str] = []

    class Slow(library.DefaultPlayer):  # type: ignore[misc, name-defined]
        async def handle_event(self, event: Any) -> None:
            order.append("begin")
            await self.node.get_version()
            order.append("end")

    async with bench(library) as made:
        await made.join(cls=Slow)
        for _ in range(3):
            made.fake.close_voice(GUILD, 1000)
        await made.saw("WebSocketClosedEvent", 3)
        await made.settle()
        assert order == ["begin", "end"] * 3


@defect("C10")
async def test_nothing_waits_to_be_sent_over_a_lost_socket(library: Library) -> None:
    async with bench(library) as made:
        await made.fake.vanish()
        transport = made.node._transport
        names = {
            *vars(type(transport)),
            *getattr(type(transport), "__slots__", ()),
            *getattr(transport, "__dict__", ()),
        }
        assert not {"_send", "_message_queue"} & names, "a queue of messages that Lavalink 4 does not take"


@defect("C11")
async def test_a_hook_that_is_cancelled_from_outside_ends_as_cancelled(library: Library) -> None:
    tasks: list[asyncio.Task[Any]] = []
    began = asyncio.Event()

    async def hook(_event: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        began.set()
        await asyncio.get_running_loop().create_future()

    async with bench(library, connect=False) as made:
        made.client._event_hooks.clear()
        made.client.add_event_hook(hook, event=library.QueueEndEvent)
        made.client._dispatch_event(library.QueueEndEvent(None))
        await began.wait()
        (running,) = tasks
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled(), "the cancellation was swallowed"


@defect("C12")
async def test_tokens_stay_out_of_the_debug_log(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, library.name):
        async with bench(library) as made:
            await made.join()
            await made.fake.wait_request("PATCH", "/players/")
            await made.settle()
    assert len(caplog.records) > 3
    assert "voice-token" not in caplog.text


@defect("C13")
async def test_every_log_call_has_its_arguments(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, library.name):
        async with bench(library, connect=False) as made:
            made.client.add_node("https://127.0.0.1", 2, "p", "eu", connect=False)
            logging.getLogger(f"{library.name}.transport").debug("the end")
    assert "%s" not in caplog.text


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("https://example.com/lava", 2333, "https://example.com:2333/lava"),
        ("::1", 2333, "http://[::1]:2333"),
        ("a.b:8080", 8080, "http://a.b:8080"),
    ],
)
@defect("C14")
async def test_any_spelling_of_an_address_gives_a_url(library: Library, host: str, port: int, url: str) -> None:
    async with bench(library, connect=False) as made:
        node = made.client.add_node(host, port, "p", "eu", connect=False)
        assert node._transport.http_uri == url


@defect("C15")
async def test_the_latency_of_a_node_that_is_away_is_minus_one(library: Library) -> None:
    async with bench(library) as made:
        await made.fake.stop_listening()
        assert await made.node.get_rest_latency() == -1


@defect("C16")
async def test_connect_cuts_a_wait_short(library: Library) -> None:
    knocks = asyncio.Event()

    def knock(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        knocks.set()

    server = await asyncio.start_server(knock, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with bench(library, connect=False, reconnect=ReconnectPolicy(initial_s=60, max_s=60)) as made:
        node = made.client.add_node("127.0.0.1", port, "youshallnotpass", "eu")
        await knocks.wait()
        for _ in range(5):  # what the client does about it is done by the time that others have come and gone
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            writer.close()
        server.close()
        await server.wait_closed()
        fake = FakeNode(port=port)
        try:
            await fake.listen()
            await node.connect()
            await fake.next_connection()
        finally:
            await fake.close()


@defect("C17")
async def test_a_node_is_whole_before_it_connects(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    missing: list[str] = []
    loop = asyncio.get_running_loop()
    create = loop.create_task

    def look(work: Any, **options: Any) -> Any:
        if "connect" in getattr(work, "__name__", ""):
            missing.extend(name for name in ("name", "region", "stats") if not _has(made, name))
        return create(work, **options)

    async with bench(library, connect=False) as made:
        monkeypatch.setattr(loop, "create_task", look)
        nodes: list[Any] = []
        original = library.Node.__init__

        @functools.wraps(original)
        def remember(self: Any, *args: Any, **kwargs: Any) -> None:
            nodes.append(self)
            original(self, *args, **kwargs)

        monkeypatch.setattr(library.Node, "__init__", remember)
        made.nodes = nodes
        made.client.add_node(made.fake.host, made.fake.port, made.fake.password, "eu", "n")
        await made.saw("NodeReadyEvent")
        assert nodes
        assert missing == []


def _has(made: Bench, name: str) -> bool:
    return not made.nodes or getattr(made.nodes[-1], name, None) is not None


@defect("C18")
async def test_a_403_with_a_reason_is_an_error_with_a_reason(library: Library) -> None:
    async with bench(library) as made:
        made.fake.fail_next("GET", "/v4/info", status=403, body=WHOLE_ERROR)
        with pytest.raises(library.RequestError, match="the plugin says no") as caught:
            await made.node.get_info()
        assert caught.value.status == 403


@defect("C19")
async def test_a_page_in_place_of_an_error_has_its_status_and_text(library: Library) -> None:
    async with bench(library) as made:
        made.fake.fail_next("GET", "/v4/info", status=500, body="<h1>Oh no</h1>")
        with pytest.raises(library.RequestError, match="Oh no") as caught:
            await made.node.get_info()
        assert caught.value.status == 500


@defect("C20")
async def test_requests_share_a_kept_connection(library: Library) -> None:
    async with bench(library) as made:
        await made.settle()
        await made.settle()
        # Two connections are kept: the handshake's requests may have needed both at once.
        assert len({call.peer for call in made.fake.calls("GET", "/version")[-20:]}) <= 2


@defect("C21")
async def test_a_502_is_tried_once_more(library: Library) -> None:
    async with bench(library) as made:
        made.fake.fail_next("GET", "/version", status=502, body="<h1>Bad gateway</h1>")
        assert await made.node.get_version() == "4.2.2"
