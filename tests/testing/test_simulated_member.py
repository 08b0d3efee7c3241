"""People inside the server hear and speak like clients do."""

from __future__ import annotations

import asyncio

import pytest

from voxlink.testing import VoiceServer

GUILD, CHANNEL = 1, 3
DEADLINE_S = 30.0
FRAMES = [b"\xfc" + bytes([number]) * 40 for number in range(10)]


@pytest.mark.parametrize("version", [0, 1])
async def test_seated_members_hear_each_other(version: int) -> None:
    async with VoiceServer(dave_version=version) as server:
        first, second = server.seat(GUILD, 1, CHANNEL), server.seat(GUILD, 2, CHANNEL)
        await server.wait_settled(CHANNEL, DEADLINE_S)
        await until_agreed(first, second, version=version)
        await first.speak(FRAMES)
        heard = second.listener(1)
        assert [frame.opus for frame in heard.music_frames] == FRAMES
        assert len(heard.frames) == len(FRAMES) + 5
        assert second.undecodable == {}
        assert heard.missing == 0


async def until_agreed(*members, version: int = 1) -> None:
    """The first group takes effect without an answer: let the last messages be read."""
    async with asyncio.timeout(DEADLINE_S):
        while version and len({member.privacy_code for member in members} | {None}) != 2:
            await asyncio.sleep(0)


async def test_many_members_share_one_privacy_code() -> None:
    async with VoiceServer(dave_version=1) as server:
        members = [server.seat(GUILD, user, CHANNEL) for user in range(1, 9)]
        await server.wait_settled(CHANNEL, DEADLINE_S)
        await until_agreed(*members)
        members[0].leave()
        members[0].leave()
        await server.wait_settled(CHANNEL, DEADLINE_S)
        await until_agreed(*members[1:])
        assert all(not member.errors for member in members)


async def test_a_slow_member_learns_of_a_commit_later_and_misses_what_is_said_meanwhile() -> None:
    async with VoiceServer(dave_version=1) as server:
        first, slow = server.seat(GUILD, 1, CHANNEL), server.seat(GUILD, 2, CHANNEL)
        await server.wait_settled(CHANNEL, DEADLINE_S)
        await until_agreed(first, slow)
        slow.commit_delay_s = first.commit_delay_s = 0.1
        third = server.seat(GUILD, 3, CHANNEL)
        async with asyncio.timeout(DEADLINE_S):
            while third.privacy_code is None:
                await asyncio.sleep(0)
        assert slow.epoch != third.epoch
        third.say(FRAMES[0])
        assert slow.undecodable == {3: 1}
        await server.wait_settled(CHANNEL, DEADLINE_S)
        assert slow.epoch == third.epoch
        third.say(FRAMES[1])
        assert [frame.opus for frame in slow.listener(3).frames] == [FRAMES[1]]


async def test_holes_are_counted() -> None:
    async with VoiceServer() as server:
        first, second = server.seat(GUILD, 1, CHANNEL), server.seat(GUILD, 2, CHANNEL)
        first.say(FRAMES[0])
        second._member.ear, ear = None, second._member.ear
        first.say(FRAMES[1])
        second._member.ear = ear
        first.say(FRAMES[2])
        assert second.listener(1).missing == 1
        assert [frame.position for frame in second.listener(1).frames] == [0, 2]


async def test_nothing_of_it_goes_on_when_the_server_closes() -> None:
    async with VoiceServer(dave_version=1) as server:
        first, second = server.seat(GUILD, 1, CHANNEL), server.seat(GUILD, 2, CHANNEL)
        await server.wait_settled(CHANNEL, DEADLINE_S)
        await until_agreed(first, second)
        first.commit_delay_s = second.commit_delay_s = 60.0
        server.seat(GUILD, 3, CHANNEL)
        async with asyncio.timeout(DEADLINE_S):
            while first._holding is None:
                await asyncio.sleep(0)
    assert first._holding is None
    assert second._holding is None
