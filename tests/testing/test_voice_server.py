"""The whole server over real TLS and UDP, with a client that follows the specification by hand."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from testing.scripted_client import CHANNEL, DEADLINE_S, GUILD, USER, joined, scripted
from voxlink.errors import NotHeardInTime, UnknownMember
from voxlink.testing import LinkTrouble, ServerUpdate, VoiceServer


@pytest.fixture
async def server():
    async with VoiceServer() as server:
        yield server


async def test_hears_what_a_client_sends(server: VoiceServer) -> None:
    async with joined(server) as client:
        for number in range(20):
            client.send(client.packet(b"frame %d" % number))
        heard = server.listener(GUILD, USER)
        await heard.wait_frames(20, DEADLINE_S)
    assert [frame.opus for frame in heard.frames] == [b"frame %d" % number for number in range(20)]
    assert heard.faults == []
    assert heard.missing == 0
    assert heard.frames[5].sequence == 0, "the sequence number wrapped"


async def test_the_login_of_admit_opens_the_door(server: VoiceServer) -> None:
    login = server.admit(GUILD, USER, CHANNEL)
    assert login.endpoint == server.endpoint
    assert login.token not in repr(login)


async def test_a_client_that_does_not_trust_the_authority_refuses(server: VoiceServer) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.ws_connect(f"wss://{server.endpoint}/?v=8")


async def test_names_every_fault_of_a_sender(server: VoiceServer) -> None:
    async with joined(server) as client:
        heard = server.listener(GUILD, USER)
        client.send(client.packet(b"one"))
        client.send(client.packet(b"two", nonce=1))
        client.send(client.packet(b"three")[:-1] + b"\xff")
        client.send(client.packet(b"video", head=b"\x80\x65"))
        client.send(client.packet(b"four"))
        await heard.wait_frames(2, DEADLINE_S)
    assert [frame.opus for frame in heard.frames] == [b"one", b"four"]
    assert len(heard.faults) == 3
    assert "used twice" in heard.faults[0]
    assert "does not open" in heard.faults[1]
    assert "payload type 101" in heard.faults[2]
    assert heard.missing == 3


async def test_waiting_for_more_than_comes_ends_with_an_error_of_ours(server: VoiceServer) -> None:
    with pytest.raises(NotHeardInTime) as caught:
        await server.listener(GUILD, USER).wait_frames(1, 0.01)
    assert (caught.value.wanted, caught.value.heard) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"token": "wrong"}, 4004), ({"session_id": "wrong"}, 4004), ({"user_id": "7"}, 4004), ({"server_id": "7"}, 4004)],
)
async def test_refuses_who_is_not_admitted(server: VoiceServer, changes: dict[str, str], code: int) -> None:
    async with scripted(server) as client:
        await client.open()
        await client.identify(**changes)
        assert await client.expect_close() == code


async def test_refuses_a_client_that_breaks_the_protocol(server: VoiceServer) -> None:
    async with scripted(server) as client:
        await client.open()
        await client.say(1, {})
        assert await client.expect_close() == 4003
        await client.open()
        await client.websocket.send_str("not json")
        assert await client.expect_close() == 4002
        await client.open()
        await client.identify()
        await client.identify()
        assert await client.expect_close() == 4005
        await client.open()
        await client.identify()
        await client.say(
            1, {"protocol": "udp", "data": {"address": "127.0.0.1", "port": 1, "mode": "xsalsa20_poly1305"}}
        )
        assert await client.expect_close() == 4016
        await client.open()
        await client.say(99, {})
        assert await client.expect_close() == 4001


async def test_members_hear_each_other_and_learn_who_is_there(server: VoiceServer) -> None:
    async with joined(server, user=1) as first, joined(server, user=2) as second:
        assert (await first.expect(11))["user_ids"] == ["2"]
        assert (await first.expect(5))["ssrc"] == second.ready["ssrc"]
        first.send(first.packet(b"hello"))
        clear, plain = await second.hear()
        assert clear[8:12] == first.ready["ssrc"].to_bytes(4, "big")
        assert b"hello" in plain
        await second.websocket.close(code=1000)
        assert (await first.expect(13)) == {"user_id": "2"}


async def test_a_cut_connection_resumes_and_misses_nothing(server: VoiceServer) -> None:
    async with joined(server, user=1) as client:
        await server.drop(GUILD, 1)
        await client.expect_close()
        client.send(client.packet(b"while away"))
        await server.listener(GUILD, 1).wait_frames(1, DEADLINE_S)
        async with joined(server, user=2):
            await client.open()
            await client.resume()
            await client.expect(9)
            assert (await client.expect(11))["user_ids"] == ["2"]
            await client.beat()
        client.send(client.packet(b"back"))
        await server.listener(GUILD, 1).wait_frames(2, DEADLINE_S)
    assert server.listener(GUILD, 1).faults == []


async def test_replays_after_the_number_wraps() -> None:
    async with VoiceServer(first_sequence=65_535) as server, joined(server, user=1) as client:
        async with joined(server, user=2):
            await client.expect(5)
        assert client.seq_ack == 0
        await server.drop(GUILD, 1)
        await client.expect_close()
        await client.open()
        await client.resume()
        await client.expect(9)
        assert (await client.expect(13)) == {"user_id": "2"}
        assert client.seq_ack == 1


@pytest.mark.parametrize(("code", "resumes"), [(4015, True), (4009, True), (1001, True), (4006, False), (4014, False)])
async def test_closes_with_any_code_and_keeps_the_session_where_discord_does(
    server: VoiceServer, code: int, resumes: bool
) -> None:
    async with joined(server) as client:
        await server.close_session(GUILD, USER, code)
        assert await client.expect_close() == code
        await client.open()
        await client.resume()
        if resumes:
            await client.expect(9)
        else:
            assert await client.expect_close() == 4006


async def test_a_client_may_identify_again_unless_its_session_ended(server: VoiceServer) -> None:
    async with joined(server) as client:
        first = client.ready["ssrc"]
        await server.close_session(GUILD, USER, 4001)
        assert await client.expect_close() == 4001
        await client.join()
        assert client.ready["ssrc"] != first
        await server.close_session(GUILD, USER, 4006)
        assert await client.expect_close() == 4006
        await client.open()
        await client.identify()
        assert await client.expect_close() == 4006


async def test_a_session_that_nobody_resumes_ends() -> None:
    async with VoiceServer(resume_window_s=0) as server, joined(server, user=1) as client, joined(server, user=2):
        await client.expect(11)
        await server.drop(GUILD, 2)
        assert (await client.expect(13)) == {"user_id": "2"}


async def test_leaves_discoveries_and_heartbeats_unanswered_when_told(server: VoiceServer) -> None:
    async with scripted(server) as client:
        await client.open()
        await client.identify()
        client.ready = await client.expect(2)
        server.lose_discoveries(1)
        client.send(b"\x00\x01\x00\x46" + client.ready["ssrc"].to_bytes(4, "big") + bytes(66))
        assert (await client.discover())[0] == "127.0.0.1"
        server.withhold_heartbeat_acks()
        await client.say(3, {"t": 1, "seq_ack": -1})
        await client.identify()
        assert await client.next_message() == 4005, "no acknowledgement came first"


async def test_answers_pings_of_the_media_socket(server: VoiceServer) -> None:
    async with joined(server) as client:
        client.send(b"\x13\x37\xca\xfe\x00\x00\x00\x07")
        async with asyncio.timeout(DEADLINE_S):
            answer = await asyncio.get_running_loop().sock_recv(client.media, 100)
        assert answer == b"\x13\x37\xf0\x0d\x00\x00\x00\x07"


async def test_counts_strays(server: VoiceServer) -> None:
    async with joined(server) as client:
        client.ready["ssrc"] += 77
        client.send(client.packet(b"whose?"))
        client.ready["ssrc"] -= 77
        client.send(client.packet(b"mine"))
        await server.listener(GUILD, USER).wait_frames(1, DEADLINE_S)
    assert server.strays == 1


async def test_trouble_for_an_unknown_member_is_refused(server: VoiceServer) -> None:
    with pytest.raises(UnknownMember):
        await server.drop(GUILD, 999)
    with pytest.raises(UnknownMember):
        await server.close_session(GUILD, 999, 4006)


async def test_a_heartbeat_that_acknowledges_the_future_is_a_fault(server: VoiceServer) -> None:
    async with joined(server) as client:
        client.seq_ack = 500
        await client.beat()
    assert "never sent" in server.listener(GUILD, USER).faults[0]


async def test_a_stalled_connection_is_open_and_says_nothing(server: VoiceServer) -> None:
    async with joined(server) as client:
        server.stall(GUILD, USER)
        await client.say(3, {"t": 1, "seq_ack": -1})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.websocket.receive()
        server.stall(GUILD, USER, stalled=False)
        assert await client.expect(6) == {"t": 1}
        server.stall(GUILD, USER)
        await server.drop(GUILD, USER)
        assert await client.expect_close() == 1006


async def test_a_message_can_come_late_and_holds_up_what_follows(server: VoiceServer) -> None:
    async with joined(server, user=1) as late:
        server.delay_messages(GUILD, 1, 11, 0.05)
        async with joined(server, user=2), joined(server, user=3):
            pass
        ops = [message["op"] for message in [await late.next_message() for _ in range(6)] if isinstance(message, dict)]
        assert ops == [11, 5, 11, 5, 13, 13]


async def test_sends_garbage_on_request_and_numbers_it(server: VoiceServer) -> None:
    async with joined(server) as client:
        server.send_garbage(GUILD, USER, 29, seed=3)
        message = await client.next_message()
        assert isinstance(message, bytes)
        assert message[:3] == b"\0\0\x1d"


async def test_a_bad_link_loses_what_the_others_hear_and_is_reported(server: VoiceServer) -> None:
    async with joined(server, user=1) as speaker, joined(server, user=2) as hearer:
        trouble = LinkTrouble(seed=1, lose=0.5)
        server.trouble_uplink(GUILD, 1, trouble)
        server.trouble_downlink(GUILD, 2, LinkTrouble(duplicate=1.0))
        for _ in range(40):
            speaker.send(speaker.packet(b"opus"))
        await server.listener(GUILD, 1).wait_frames(40, DEADLINE_S)
        copies = [(await hearer.hear())[0][2:4] for _ in range(2 * (40 - trouble.lost))]
        assert 10 < trouble.lost < 30
        assert copies[::2] == copies[1::2]
        server.report_reception()
        async with asyncio.timeout(DEADLINE_S):
            report = await asyncio.get_running_loop().sock_recv(speaker.media, 2048)
        clear, plain = speaker.unseal(report, 8)
        assert clear[1] == 201
        assert plain[:4] == speaker.ready["ssrc"].to_bytes(4, "big")
        assert int.from_bytes(plain[5:8], "big") == trouble.lost


async def test_reports_of_clients_are_judged_like_audio(server: VoiceServer) -> None:
    async with joined(server) as client:
        heard = server.listener(GUILD, USER)
        clear = b"\x80\xc8\x00\x06" + client.ready["ssrc"].to_bytes(4, "big")
        packet = client.seal(clear, bytes(20))
        client.send(packet)
        client.send(packet)
        client.send(client.packet(b"audio"))
        await heard.wait_frames(1, DEADLINE_S)
        assert heard.reports == 1
        assert len(heard.faults) == 1
        assert "used twice" in heard.faults[0]


async def test_a_client_that_cannot_encrypt_is_refused_where_encryption_is_required() -> None:
    async with VoiceServer(dave_version=1, requires_dave=True) as server, scripted(server) as client:
        await client.open()
        await client.identify()
        assert await client.expect_close() == 4017


async def test_a_call_speaks_what_all_its_members_can() -> None:
    async with VoiceServer(dave_version=1) as server, joined(server, user=1) as old:
        assert old.description["dave_protocol_version"] == 0
        async with scripted(server, user=2) as new:
            await new.join(max_dave_protocol_version=1)
            assert new.description["dave_protocol_version"] == 0
            await old.websocket.close(code=1000)
            assert await new.expect(24) == {"protocol_version": 1, "epoch": 1}
            message = await new.next_message()
            assert isinstance(message, bytes)
            assert message[2] == 25
            assert await new.expect(21) == {"transition_id": 0, "protocol_version": 1}


async def test_a_member_is_told_the_external_sender_and_its_key_package_is_checked() -> None:
    async with VoiceServer(dave_version=1) as server, scripted(server) as client:
        await client.join(max_dave_protocol_version=1)
        assert client.description["dave_protocol_version"] == 1
        await client.websocket.send_bytes(b"\x1ano key package")
        assert await client.expect_close() == 4020
        assert "read key package" in server.listener(GUILD, USER).faults[0]


async def test_a_move_tells_the_new_login_and_closes_the_old_session(server: VoiceServer) -> None:
    updates: list[ServerUpdate] = []
    server.on_server_update = updates.append
    async with VoiceServer() as other, joined(server) as client:
        login = await server.move(GUILD, USER, channel_id=99, to=other)
        assert await client.expect_close() == 4014
        assert (login.channel_id, login.endpoint) == (99, other.endpoint)
        server.announce_null_endpoint(GUILD, USER)
        assert updates == [ServerUpdate(GUILD, USER, login), ServerUpdate(GUILD, USER, None)]
