"""Which test holds us to which sentences of the API document: the player."""
# ruff: noqa: E501 - a sentence stays on one line

from __future__ import annotations

PROMISES: dict[str, list[str]] = {
    "test_player_manager::test_a_class_of_the_bots_own_is_used": [
        "All custom players must derive from BasePlayer",
    ],
    "documented/test_client::test_players_are_default_players_unless_the_bot_says_otherwise": [
        "The player that Lavalink.py uses by default.",
    ],
    "documented/test_playing::test_what_follows_an_end_is_the_loops_choice": [
        "Class attribute.",
        "Disables looping entirely.",
        "Enables looping for a single (usually currently playing) track only.",
        "Enables looping for the entire queue.",
        "When a track finishes playing, it’ll be added to the end of the queue.",
        "Whether loop is enabled, and the type of looping.",
        "This is an integer as loop supports multiple states.",
        "0 = Loop off.",
        "1 = Loop track.",
        "2 = Loop queue.",
        "if player.loop == player.LOOP_NONE: await ctx.send('Not looping.') elif player.loop == player.LOOP_SINGLE: await ctx.send(f'{player.current.title} is looping.') elif player.loop == player.LOOP_QUEUE: await ctx.send('This queue never ends!')",
        "Sets whether the player loops between a single track, queue or none.",
        "0 = off, 1 = single track, 2 = queue.",
        "The loop setting. 0 = off, 1 = single track, 2 = queue.",
    ],
    "documented/test_playing::test_pause_volume_and_place_are_set_on_the_node_and_known_here": [
        "Whether or not a player is paused.",
        "The volume at which the player is playing at.",
        "Stops the player.",
        "Sets the player’s paused state.",
        "Whether to pause the player or not.",
        "Sets the player’s volume",
        "A limit of 1000 is imposed by Lavalink.",
        "The new volume level.",
        "Seeks to a given position in the track.",
        "The new position to seek to in milliseconds.",
    ],
    "test_stateful_player::test_the_position_goes_on_stands_still_and_jumps_only_when_told": [
        "Returns the track’s elapsed playback time as an epoch timestamp.",
        "Returns the track’s elapsed playback time in milliseconds, adjusted for Lavalink stat interval.",
        "Updates the position of the player.",
        "The state that is given to update.",
    ],
    "test_player::test_shuffle_picks_without_reordering": [
        "Whether or not to mix the queue up in a random playing order.",
    ],
    "documented/test_filters::test_a_filter_that_is_set_again_takes_the_place_of_the_first": [
        "A mapping of str to Filter, representing currently active filters.",
        "This will overwrite any identical filters that are already applied.",
        "Applies the corresponding filter within Lavalink.",
        "This will overwrite the filter if it’s already applied.",
    ],
    "documented/test_playing::test_a_track_goes_to_the_end_of_the_queue_or_to_its_index_with_its_requester": [
        "A list of AudioTracks to play.",
        "Adds a track to the queue.",
        "The ID of the user who requested the track.",
        "The index at which to add the track.",
        "If index is left unspecified, the default behaviour is to append the track.",
    ],
    "documented/test_playing::test_a_player_knows_its_client_guild_node_channel_and_track": [
        "The track that is playing currently, if any.",
        "Returns the player’s track state.",
        "Returns whether the player is connected to a voicechannel or not.",
    ],
    "test_stateful_player::test_stored_values": [
        "Stores custom user data.",
        "Retrieves the related value from the stored user data.",
        "The object that should be returned if the key doesn’t exist.",
        "Removes an item from the the stored user data.",
        "Raises KeyError – If the key doesn’t exist.",
    ],
    "test_player::test_tracks_may_be_raw_dicts_and_go_anywhere_in_the_queue": [
        "Accepts either an AudioTrack or a dict representing a track returned from Lavalink.",
    ],
    "test_documented::test_play_track_leaves_queue_and_loop_alone": [
        "This method differs from BasePlayer.play_track() in that it contains additional logic to handle certain attributes, such as loop, shuffle, and loading a base64 string from DeferredAudioTrack.",
    ],
    "test_player::test_playing_takes_the_first_of_the_queue_and_goes_on_by_itself": [
        "If left unspecified, this will default to the first track in the queue.",
        "Defaults to None which plays the next song in queue.",
    ],
    "documented/test_playing::test_what_is_left_out_or_none_keeps_the_default": [
        "If left unspecified, the track will start from the beginning.",
        "If left unspecified, the track will play through to the end.",
        "If left unspecified, the volume will remain at its current setting.",
    ],
    "documented/test_playing::test_a_second_play_replaces_the_first_unless_it_is_told_not_to": [
        "If set to true, operation will be ignored if the player already has a current track.",
        "If left unspecified, the currently playing track will always be replaced.",
    ],
    "test_player::test_a_refused_play_loses_nothing": [
        "Raises ValueError – If invalid values were provided for start_time or end_time.",
        "Raises TypeError – If wrong types were provided for no_replace, volume or pause.",
    ],
    "test_player::test_skip_skips_even_what_is_repeated": [
        "Plays the next track in the queue, if any.",
    ],
    "documented/test_playing::test_a_shuffled_player_says_so": [
        "Sets the player’s shuffle state.",
        "Whether to shuffle the player or not.",
    ],
    "test_player_filters::test_filters_are_set_updated_found_and_removed": [
        "This sets multiple filters at once.",
        "Applies the corresponding filters within Lavalink.",
        "Updates a filter using the upsert method; if the filter exists within the player, its values will be updated; if the filter does not exist, it will be created with the provided values.",
        "This will not overwrite any values that have not been provided.",
        'player.update_filter(Timescale, speed=1.5) # This means that, if the Timescale filter is already applied # and it already has set values of "speed=1, pitch=1.2", pitch will remain # the same, however speed will be changed to 1.5 so the result is # "speed=1.5, pitch=1.2"',
        "Clears all currently-enabled filters.",
    ],
    "test_player_filters::test_what_is_no_filter_is_refused": [
        "Raises TypeError – If any of the provided filters is not of type Filter.",
        "Raises TypeError – If the provided _filter is not of type Filter.",
        "The filter class (not an instance of, see above example) to upsert.",
    ],
    "filters/test_effects::test_the_equalizer_takes_any_pairs": [
        "equalizer = Equalizer() equalizer.update(bands=[(0, 0.2), (1, 0.3), (2, 0.17)]) player.set_filter(equalizer)",
    ],
    "documented/test_filters::test_a_filter_that_is_not_set_is_not_found_and_one_that_is_removed_is_taken_from_the_node": [
        "Returns the corresponding filter, if it’s enabled.",
        "from lavalink.filters import Timescale timescale = player.get_filter(Timescale) # or timescale = player.get_filter('timescale')",
        "The filter name, or filter class (not an instance of, see above example), to get.",
        "Removes multiple filters from the player, undoing any effects applied to the audio.",
        "Can be filter name, or filter class (not an instance of).",
        "Removes a filter from the player, undoing any effects applied to the audio.",
        "player.remove_filter(Timescale) # or player.remove_filter('timescale')",
        "The filter name, or filter class (not an instance of, see above example), to remove.",
    ],
    "defects/test_players_and_queue::test_filters_are_removed_in_one_request": [
        "This is similar to remove_filter() but instead allows you to remove multiple filters with one call.",
    ],
    "test_track_flow::test_the_reason_decides_whether_the_queue_goes_on": [
        "Handles the given event as necessary.",
        "The event to handle.",
    ],
    "test_failover::test_a_manual_move_ends_the_player_on_the_old_node_and_not_on_the_new_one": [
        "Changes the player’s node",
        "The node the player is changed to.",
    ],
}
