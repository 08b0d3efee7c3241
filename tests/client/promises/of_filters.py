"""Which test holds us to which sentences of the API document: filters."""

from __future__ import annotations

PROMISES: dict[str, list[str]] = {
    "filters/test_base::test_a_bots_own_filter_needs_update_and_serialize": [
        "All custom filters must derive from Filter",
    ],
    "documented/test_filters::test_an_equalizer_has_bands_0_to_14_with_gains_from_a_quarter_less_to_1": [
        "Allows modifying the gain of 15 bands, to boost or reduce the volume of specific frequency ranges.",
        "Modifies the gain of each specified band.",
        "There are 15 total bands (indexes 0 to 14) that can be modified.",
        "The meaningful range of each band is -0.25 (muted) to 1.0.",
        "The default gain is 0.0.",
        "0 ≤ band ≤ 14",
        "-0.25 ≤ gain ≤ 1.0",
    ],
    "filters/test_effects::test_the_equalizer_takes_any_pairs": [
        "You can provide either bands OR band and gain for the parameters.",
    ],
    "documented/test_filters::test_a_value_within_its_limits_is_taken_and_one_beyond_them_refused": [
        "The limits are:",
        "Raises ValueError",
        "0.1 ≤ speed",
        "0.1 ≤ pitch",
        "0.1 ≤ rate",
        "0 < frequency",
        "0 < depth ≤ 1",
        "0 < frequency ≤ 14",
        "0 ≤ rotation_hz",
        "1 < smoothing",
        "0 ≤ leftToLeft ≤ 1.0",
        "0 ≤ leftToRight ≤ 1.0",
        "0 ≤ rightToLeft ≤ 1.0",
        "0 ≤ rightToRight ≤ 1.0",
        "0 ≤ volume ≤ 5",
    ],
    "documented/test_filters::test_every_value_reaches_lavalink_under_its_name": [
        "The level of the Karaoke effect.",
        "The mono level of the Karaoke effect.",
        "The frequency of the band to filter.",
        "The width of the filter.",
        "The playback speed.",
        "The pitch of the audio.",
        "The playback rate.",
        "How frequently the effect should occur.",
        "The “strength” of the effect.",
        "The strength of the effect.",
        "The volume level of the audio going from the “Left” channel to the “Left” channel.",
        "The volume level of the audio going from the “Left” channel to the “Right” channel.",
        "The volume level of the audio going from the “Right” channel to the “Left” channel.",
        "The sin offset.",
        "The sin scale.",
    ],
    "documented/test_filters::test_the_volume_filter_is_not_the_players_volume": [
        "Modifies the player volume.",
        "This uses LavaDSP’s volume filter, rather than Lavaplayer’s native volume changer.",
        "The new volume of the player. 1.0 means 100%/default.",
    ],
}
