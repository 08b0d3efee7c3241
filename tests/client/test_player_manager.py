"""Players by guild."""

from __future__ import annotations

import asyncio

import pytest

from client.world import GUILD, add, client, join, server_update, state_update, track, world
from voxlink.client import (
    BasePlayer,
    Client,
    DefaultPlayer,
    DeferredAudioTrack,
    PlayerCreatedEvent,
    PlayerDestroyedEvent,
    PlayerManager,
    PlayerUpdateEvent,
    Sticky,
    VoicePing,
)
from voxlink.errors import ClientError
from voxlink.testing import FakeNode


async def test_ids_may_be_texts_everywhere() -> None:
    async with world() as (made, _node, _fake):
        manager = made.player_manager
        player = manager.create(str(GUILD))  # type: ignore[arg-type]
        assert manager.create(GUILD) is player is manager.get(str(GUILD))  # type: ignore[arg-type]
        assert (len(manager), list(manager), list(manager.values())) == (1, [(GUILD, player)], [player])
        assert manager.find_all() == [player] == manager.find_all(lambda p: p.guild_id == GUILD)
        assert manager.find_all(lambda p: p.is_playing) == []
        await manager.destroy(str(GUILD))  # type: ignore[arg-type]
        assert manager.get(GUILD) is None


async def test_a_class_of_the_bots_own_is_used() -> None:
    class Mine(DefaultPlayer):
        pass

    async with world(player=Mine) as (made, _node, _fake):
        assert type(made.player_manager.create(1)) is Mine
        assert type(made.player_manager.create(2, cls=DefaultPlayer)) is DefaultPlayer
        with pytest.raises(ValueError):
            made.player_manager.create(3, cls=int)  # type: ignore[type-var]
        with pytest.raises(ValueError):
            client(player=int)


async def test_the_node_is_chosen_by_what_is_given() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        eu, us = add(made, one, "eu"), add(made, two, "us", tags={"fast": True})
        await eu.wait_ready()
        await us.wait_ready()
        manager = made.player_manager
        assert manager.create(1, node=us).node is us
        assert manager.create(2, region="eu").node is eu
        assert manager.create(3, endpoint="us-west55.discord.media:443", region="eu").node is us
        assert manager.create(4, node_filter=lambda node: "fast" in node.tags).node is us
        assert manager.create(5, node_filter=lambda node: False).node in (eu, us)
        with pytest.raises(ValueError):
            manager.create(6, node=us, node_filter=lambda node: True)


async def test_without_a_node_there_is_no_player() -> None:
    async with client() as made:
        with pytest.raises(ClientError, match="No available nodes"):
            made.player_manager.create(1)


async def test_a_player_may_be_made_before_its_node_is_ready() -> None:
    async with FakeNode() as fake, client() as made:
        add(made, fake)
        player = await join(made)
        await player.play(track("a"))
        assert fake.player(GUILD).track is not None


async def test_creating_and_destroying_are_told() -> None:
    async with world() as (made, _node, fake):
        created, destroyed = made.stream(PlayerCreatedEvent), made.stream(PlayerDestroyedEvent)
        player = await join(made)
        await player.play(track("a"))
        assert (await anext(created)).player is player
        await player.destroy()
        assert (await anext(destroyed)).reason == "requested"
        assert not fake.has_player(GUILD)
        created.close()
        destroyed.close()
        await player.destroy()


async def test_a_player_that_could_not_be_removed_is_removed_when_its_node_is_back() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        await player.play(track("a"))
        fake.fail_next("DELETE", "/players/", status=503, times=2)
        await player.destroy()
        assert fake.has_player(GUILD)
        node.session.orphans.add(GUILD)
        await fake.vanish()
        await fake.wait_until(lambda: not fake.has_player(GUILD))
        assert made.player_manager.get(GUILD) is None


async def test_removing_forgets_the_player_and_tells_the_node_later() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        made.player_manager.remove(GUILD)
        made.player_manager.remove(GUILD)
        assert len(made.player_manager) == 0
        await fake.wait_request("DELETE", "/players/")


async def test_cleanup_is_called_once() -> None:
    calls: list[int] = []

    class Mine(DefaultPlayer):
        def cleanup(self) -> None:
            calls.append(self.guild_id)

    async with world(player=Mine) as (made, _node, _fake):
        await made.player_manager.create(1).destroy()
        assert calls == [1]
        assert issubclass(Mine, BasePlayer)


async def test_a_manager_of_the_bots_own_may_fill_the_table_itself() -> None:
    """As the bot Lava does: its manager has a `new` in place of `create`, and a table of its own."""

    class Manager(PlayerManager[DefaultPlayer]):
        def __init__(self, client: Client[DefaultPlayer]) -> None:
            super().__init__(client, DefaultPlayer)
            self.players: dict[int, DefaultPlayer] = {}

        def new(self, guild_id: int) -> DefaultPlayer:
            node = self.client.node_manager.find_ideal_node()
            assert node is not None
            self.players[guild_id] = player = DefaultPlayer(guild_id, node)
            return player

    async with FakeNode() as one, FakeNode() as two, client() as made:
        made.player_manager = manager = Manager(made)
        await add(made, one).wait_ready()
        await made.voice_update_handler(state_update())
        await made.voice_update_handler(server_update())
        player = manager.new(GUILD)
        await one.wait_until(lambda: one.has_player(GUILD))
        await player.play(track("a"))
        second = add(made, two)
        await second.wait_ready()
        await made.nodes[0].drain()
        assert (player.node, two.player(GUILD).track is not None) == (second, True)


def test_classes_may_name_the_player_that_they_hold() -> None:
    class Mine(DefaultPlayer):
        pass

    class MyClient(Client[Mine]):
        pass

    assert isinstance(MyClient(1, Mine).player_manager, PlayerManager)
    assert "Mine" in repr(PlayerManager[Mine])


async def test_the_error_without_a_node_says_what_each_node_is_doing() -> None:
    async with FakeNode() as fake, client() as made:
        node = made.add_node(fake.host, fake.port, "wrong", "eu", "main")
        with pytest.raises(ClientError, match="refused the password"):
            await node.wait_ready()
        for call in (lambda: made.player_manager.create(1), lambda: made.player_manager.create(2, region="eu")):
            with pytest.raises(ClientError, match=r"No available nodes! \(main is auth_failed\)"):
                call()


async def test_a_guild_comes_back_to_the_node_that_it_had() -> None:
    async with FakeNode() as one, FakeNode() as two, client(strategy=Sticky()) as made:
        nodes = [add(made, one), add(made, two)]
        for node in nodes:
            await node.wait_ready()
        for guild_id, node in enumerate(nodes):
            await made.player_manager.create(guild_id, node=node).destroy()
        assert [made.player_manager.create(guild_id).node for guild_id in range(2)] == nodes


async def test_the_node_with_the_best_ping_to_that_place_is_chosen_once_all_are_measured() -> None:
    async with FakeNode() as one, FakeNode() as two, client(strategy=VoicePing()) as made:
        nodes = [add(made, one), add(made, two)]
        for node in nodes:
            await node.wait_ready()
        frankfurt, dallas = "c-fra1.discord.media:443", "c-dfw2.discord.media:443"
        for guild, (fake, node, pings) in enumerate(zip((one, two), nodes, ((80, 20), (30, 90)), strict=True)):
            for number, (endpoint, ping) in enumerate(zip((frankfurt, dallas), pings, strict=True)):
                guild_id = 10 * guild + number
                assert node.voice_ping(endpoint) == -1
                made.player_manager.create(guild_id, node=node)
                await made.voice_update_handler(server_update(guild_id, endpoint=endpoint))
                updates = made.stream(PlayerUpdateEvent)
                state = {"time": 1, "position": 0, "connected": True, "ping": ping}
                fake.push({"op": "playerUpdate", "guildId": str(guild_id), "state": state})
                await anext(updates)
                updates.close()
        assert made.player_manager.create(90, endpoint="c-fra9.discord.media:443").node is nodes[1]
        assert made.player_manager.create(91, endpoint="c-dfw9.discord.media:443").node is nodes[0]
        assert nodes[0].voice_ping() == 50


async def test_a_player_that_is_gone_is_not_made_again_by_whoever_still_holds_it() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        leaving = [player.destroy(), player.play(track("b")), player.set_volume(5), player.skip()]
        results = await asyncio.gather(*leaving, return_exceptions=True)
        assert [type(result) for result in results[1:3]] == [ClientError, ClientError]
        with pytest.raises(ClientError, match="was destroyed"):
            await player.play(track("c"))
        await player.stop()
        assert not fake.has_player(GUILD)
        again = made.player_manager.create(GUILD)
        await again.play(track("d"))
        assert fake.has_player(GUILD)


async def test_destroying_does_not_wait_for_a_track_that_is_still_looked_up() -> None:
    found = asyncio.Event()

    class Slow(DeferredAudioTrack):
        async def load(self, client: Client) -> str | None:
            await found.wait()
            return track("found").track

    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        playing = asyncio.ensure_future(player.play(Slow(track("slow").raw["info"])))
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await player.destroy()
        assert not fake.has_player(GUILD)
        found.set()
        with pytest.raises(ClientError, match="was destroyed"):
            await playing
        assert not fake.has_player(GUILD)
