"""The numbers that reader and writer share."""

from voxlink.protocol.track_fields import CURRENT_VERSION, SIZE_MASK, VERSIONED


def test_the_header_has_two_flags_and_thirty_bits_of_size() -> None:
    assert (VERSIONED, SIZE_MASK, CURRENT_VERSION) == (0x4000_0000, 0x3FFF_FFFF, 3)
