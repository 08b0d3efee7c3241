"""What every filter is."""

import pytest

from voxlink.client.filters.base import Filter, Limit, check_all
from voxlink.errors import BadType, BadValue


class Echo(Filter[dict[str, float]]):
    def __init__(self) -> None:
        super().__init__({"gain": 0.5}, plugin_filter=True)

    def update(self, **kwargs: float) -> None:
        self.values.update(kwargs)

    def serialize(self) -> dict[str, object]:
        return {"echo": self.values}


def test_a_bots_own_filter_needs_update_and_serialize() -> None:
    assert Echo().plugin_filter
    assert Echo() == Echo()
    with pytest.raises(TypeError):
        Filter({})  # type: ignore[abstract]


@pytest.mark.parametrize(
    ("value", "fits"),
    [(0, False), (0.001, True), (14, True), (14.1, False), (float("nan"), False), (float("inf"), False)],
)
def test_limits_exclude_and_allow_their_bounds(value: float, fits: bool) -> None:
    limit = Limit(above=0, most=14)
    if fits:
        assert limit.check("x", value) == value
    else:
        with pytest.raises(BadValue, match="above 0 and at most 14"):
            limit.check("x", value)


@pytest.mark.parametrize("value", [True, "1", None, [1]])
def test_only_numbers_are_numbers(value: object) -> None:
    with pytest.raises(BadType):
        Limit().check("x", value)


def test_unknown_names_are_refused_by_name() -> None:
    with pytest.raises(BadType, match="sped"):
        check_all({"speed": Limit()}, {"sped": 1})
