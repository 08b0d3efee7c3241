"""Which test holds us to which sentences of the API document: the codec, errors, tracks, results and utilities."""
# ruff: noqa: E501 - a sentence stays on one line

from __future__ import annotations

PROMISES: dict[str, list[str]] = {
    "../protocol/test_data_io::test_what_is_written_is_read": [
        "The amount of bytes left to be read.",
        "Reads a single byte from the stream.",
        "Reads a bool from the stream.",
        "Reads an unsigned short from the stream.",
        "Reads an int from the stream.",
        "Reads a long from the stream.",
        "Reads an optional UTF string from the stream.",
        "Internally, this just reads a bool and then a string if the bool is True.",
        "Writes a single byte to the stream.",
        "Writes a bool to the stream.",
        "Writes an unsigned short to the stream.",
        "Writes an int to the stream.",
        "Writes a long to the stream.",
        "Writes an optional string to the stream.",
        "Writes a utf string to the stream.",
        "Finalizes the stream by writing the necessary flags, byte length etc.",
        "The finalized stream.",
    ],
    "../protocol/test_data_io::test_text_is_read_in_javas_encoding_by_either_reader_of_texts": [
        "Whether to read the string as modified UTF.",
        "This method is different to read_utf() as it accounts for different encoding methods utilised by Java’s streams, which uses modified UTF for character encoding.",
    ],
    "../protocol/test_data_io::test_raw_text_bytes_come_undecoded": [
        "Reads a UTF string from the stream.",
    ],
    "../protocol/test_data_io::test_raw_bytes_of_any_kind_are_written": [
        "This can be anything BytesIO.write() accepts.",
    ],
    "test_client::test_lookups_need_a_node": [
        "Raised when something goes wrong within the client.",
    ],
    "test_rest::test_401_and_a_bare_403_are_the_password_and_a_403_with_a_reason_is_not": [
        "Raised when a request fails due to invalid authentication.",
    ],
    "test_base_player::test_what_is_no_track_is_refused": [
        "Raised when an invalid track was passed.",
    ],
    "test_base_player::test_a_deferred_track_that_finds_nothing_is_told_and_plays_nothing": [
        "Raised when a track fails to load.",
        "E.g. if a DeferredAudioTrack fails to find an equivalent.",
    ],
    "test_rest::test_an_error_of_any_form_is_a_request_error_with_its_status": [
        "Raised when a request to the Lavalink server fails.",
    ],
    "documented/test_client::test_a_request_error_says_what_went_wrong": [
        "The HTTP status code returned by the server.",
        "The epoch timestamp in milliseconds, at which the error occurred.",
        "The HTTP status code message.",
        "The error message.",
        "The request path.",
        "The stack trace of the error.",
        "The parameters passed to the request that errored.",
    ],
    "test_documented::test_a_traceback_is_there_if_it_was_asked_for": [
        "This will only be present if trace=true was provided in the query parameters of the request.",
    ],
    "../protocol/test_audio_track::test_a_copy_keeps_the_requester_and_merges_extras": [
        "The data to initialise an AudioTrack from.",
        "The requester of the track.",
        "Any extra information to store in this AudioTrack.",
    ],
    "../protocol/test_audio_track::test_a_track_comes_from_lavalinks_answer_or_from_its_info_alone": [
        "The base64-encoded string representing a Lavalink-readable AudioTrack.",
        "This is marked optional as it could be None when it’s not set by a custom Source, which is expected behaviour when the subclass is a DeferredAudioTrack.",
        "The track’s id.",
        "Whether the track supports seeking.",
        "The track’s uploader.",
        "The duration of the track, in milliseconds.",
        "Whether the track is a live-stream.",
        "The title of the track.",
        "The full URL of track.",
        "A URL pointing to the track’s artwork, if applicable.",
        "The ISRC for the track, if applicable.",
        "The playback position of the track, in milliseconds.",
        "The name of the source that this track was created by.",
        "The ID of the user that requested this track.",
        "Addition track info provided by plugins.",
        "The user data that was attached to the track, if any.",
        "Any extra properties given to this AudioTrack will be stored here.",
        "Property indicating whether this track is a stream.",
        "Deprecated since version 5.3.0: To be consistent with attribute naming, this property has been deprecated in favour of is_stream.",
    ],
    "../protocol/test_audio_track::test_the_position_cannot_be_set": [
        "This is a read-only property; setting it won’t have any effect.",
    ],
    "../protocol/test_enums::test_only_a_natural_end_starts_the_next_track": [
        "Returns whether the next track may be started from this event.",
        "Whether the next track may be started.",
    ],
    "test_track_flow::test_the_reason_decides_whether_the_queue_goes_on": [
        "This is mostly used as a hint to determine whether the track_end_event should be responsible for playing the next track.",
    ],
    "../protocol/test_load_result::test_each_answer_of_lavalink_is_read": [
        "The name of the playlist.",
        "The index of the selected/highlighted track.",
        "The severity of the error.",
        "The cause of the error.",
        "The load type of this result.",
        "The tracks in this result.",
        "The playlist metadata for this result.",
        "The PlaylistInfo could contain empty/false data if the LoadType is not LoadType.PLAYLIST.",
        "Additional playlist info provided by plugins.",
        "The error associated with this LoadResult.",
        "Convenience method for returning the selected track using PlaylistInfo.selected_track.",
    ],
    "../protocol/test_load_result::test_a_source_can_build_results_of_its_own": [
        "This will be -1 if there is no selected track.",
    ],
    "../protocol/test_load_result::test_nothing_found_needs_no_data": [
        "This will be None if load_type is not LoadType.ERROR.",
    ],
    "../protocol/test_load_result::test_there_is_no_selected_track_beyond_the_list": [
        "This could be None if playlist_info is None, or PlaylistInfo.selected_track is an invalid number.",
    ],
    "../protocol/test_load_result::test_a_plugin_has_a_name_and_a_version": [
        "The data to initialise a Plugin from.",
        "The name of the plugin.",
        "The version of the plugin.",
    ],
    "../protocol/test_time_text::test_a_timestamp_is_that_many_milliseconds": [
        "Converts a timestamp such as 03:28 or 02:15:53 to milliseconds.",
        "await player.play(track, start_time=timestamp_to_millis('01:13'))",
        "The timestamp to convert into milliseconds.",
        "The millisecond value of the timestamp.",
    ],
    "../protocol/test_time_text::test_a_second_that_has_not_passed_does_not_count": [
        "Formats the given time into HH:MM:SS.",
        "The time in milliseconds.",
    ],
    "../protocol/test_time_text::test_the_parts_are_those_of_lavalink_py": [
        "Parses the given time into days, hours, minutes and seconds.",
    ],
    "../protocol/test_track_codec::test_the_worked_examples_go_through_a_track_and_a_dict_unchanged": [
        "Decodes a base64 track string into an AudioTrack object.",
        "Encodes a track dict into a base64 string, readable by the Lavalink server.",
    ],
    "../protocol/test_track_codec::test_the_users_decoder_comes_first": [
        "A mapping of source-specific decoders to use.",
        "Some Lavaplayer sources have additional fields encoded on a per-source manager basis, so you can specify a mapping of decoders that will handle decoding these additional fields.",
        "To overwrite library-provided decoders, just specify them within the mapping and the new decoders will be used.",
    ],
    "../protocol/test_track_codec::test_a_missing_key_is_named": [
        "A track should have at least the following keys: title, author, length, identifier, isStream, uri, sourceName and position.",
        "Raises InvalidTrack – If the track has unexpected, or missing keys, possibly due to an incompatible version or another reason.",
    ],
    "../protocol/test_track_codec::test_version_3_needs_artwork_and_isrc": [
        "If the track is a v3 track, it should have the following additional fields: artworkUrl and isrc. isrc can be None if not applicable.",
    ],
    "../protocol/test_track_codec::test_the_users_encoder_comes_first": [
        "A mapping of source-specific encoders to use.",
        "Some Lavaplayer sources have additional fields encoded on a per-source manager basis, so you can specify a mapping of encoders that will handle encoding these additional fields.",
        "The mapping must be in the format of something like {'http': http_encoder_function}, where the key str is the name of the source.",
        "These functions will only be called if track’s sourceName field matches.",
    ],
    "../protocol/test_track_codec::test_the_keys_of_a_dict_choose_the_version": [
        "A tuple containing (track_version, encoded_track).",
        "For example, if a track was encoded as version 3, the return value will be (3, '...really long track string...').",
    ],
}
