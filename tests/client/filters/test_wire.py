"""Filters to JSON and back."""

from voxlink.client import ChannelMix, Equalizer, Karaoke, LowPass, RawFilter, Rotation, Timescale, Volume
from voxlink.client.filters.wire import filters_from_json, filters_to_json, is_heard, speed_of


def test_what_is_written_is_read() -> None:
    made = [
        Equalizer([0.1, -0.2]),
        Karaoke(level=0.5),
        Timescale(speed=2),
        Rotation(0.5),
        LowPass(3),
        ChannelMix(0.5),
        Volume(2),
    ]
    assert list(filters_from_json(filters_to_json(made)).values()) == made


def test_plugin_filters_have_their_place_and_survive() -> None:
    echo = RawFilter("echo", {"gain": 0.5})
    body = filters_to_json([echo])
    assert body == {"pluginFilters": {"echo": {"gain": 0.5}}}
    assert filters_to_json(filters_from_json(body).values()) == body
    echo.update(gain=1)
    assert echo.serialize() == {"echo": {"gain": 1}}


def test_what_our_classes_refuse_is_kept_as_it_came() -> None:
    body = {"timescale": {"speed": 0.01, "pitch": 1, "rate": 1}, "somethingNew": {"a": 1}, "karaoke": None}
    assert filters_to_json(filters_from_json(body).values()) == {
        key: body[key] for key in ("timescale", "somethingNew")
    }


def test_a_gain_that_is_left_out_is_lavalinks_one() -> None:
    assert filters_from_json({"equalizer": [{"band": 3}]})["equalizer"].values[3] == 1.0


def test_a_filter_is_heard_unless_its_values_change_nothing() -> None:
    assert not is_heard(Timescale())
    assert is_heard(Timescale(speed=1.1))
    assert is_heard(RawFilter("timescale", {"speed": "odd"}, plugin_filter=False))
    assert is_heard(RawFilter("echo", {}))


def test_the_speed_is_that_of_the_timescale_with_its_rate() -> None:
    assert speed_of({}) == speed_of({"timescale": {}}) == speed_of({"timescale": "odd"}) == 1.0
    assert speed_of(filters_to_json([Timescale(speed=1.5, pitch=3, rate=2)])) == 3.0
