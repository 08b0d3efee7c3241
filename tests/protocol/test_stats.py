"""How a node is doing."""

from protocol.exact import exact
from voxlink.protocol import FrameStats, ServerStats, decode_body

TEXT = (
    '{"frameStats":null,"players":1,"playingPlayers":0,"uptime":5,'
    '"memory":{"free":1,"used":2,"allocated":3,"reservable":4},"cpu":{"cores":2,"systemLoad":0.5,"lavalinkLoad":0.0}}'
)


def test_stats_are_written_with_the_null_first() -> None:
    assert exact(TEXT, ServerStats).frame_stats is None


def test_frame_stats_may_have_a_negative_deficit() -> None:
    text = TEXT.replace("null", '{"sent":3000,"nulled":1,"deficit":-1}')
    assert exact(text, ServerStats).frame_stats == FrameStats(3000, 1, -1)


def test_a_node_may_leave_frame_stats_out() -> None:
    assert decode_body(TEXT.replace('"frameStats":null,', ""), ServerStats).frame_stats is None


def test_loads_are_spelled_as_java_spells_them() -> None:
    assert exact(TEXT.replace("0.5", "5.0E-4"), ServerStats).cpu.system_load == 0.0005
