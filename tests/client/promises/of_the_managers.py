"""Which test holds us to which sentences of the API document: the managers and statistics."""
# ruff: noqa: E501 - a sentence stays on one line

from __future__ import annotations

PROMISES: dict[str, list[str]] = {
    "documented/test_managers::test_managers_are_counted_and_gone_through": [
        "Returns the total number of nodes.",
        "Returns an iterator of all the stored nodes.",
        "Cache of all the nodes that Lavalink has created.",
        "Returns a list of available nodes.",
        "Returns the total number of stored players.",
        "Returns an iterator of all the stored players.",
        "Cache of all the players that Lavalink has created.",
        "Returns an iterator that yields only values.",
    ],
    "documented/test_client::test_a_node_is_added_where_and_as_it_was_said": [
        "Adds a node to this node manager.",
    ],
    "documented/test_managers::test_a_node_is_removed_under_both_names": [
        "Removes a node.",
        "Deprecated since version 5.2.0: To be consistent with function naming, this method has been deprecated in favour of remove().",
    ],
    "documented/test_managers::test_a_region_has_all_its_nodes_ready_or_not": [
        "Get a list of nodes by their region.",
        "This does not account for node availability, so the nodes returned could be either available or unavailable.",
        "A list of nodes.",
        "Could be empty if no nodes were found with the specified region key.",
    ],
    "test_documented::test_regions_are_asia_eu_and_us_or_those_that_are_given": [
        "If you haven’t specified your own regions, this will be one of asia, eu or us, otherwise, it’ll be one of the keys within the dict you provided.",
    ],
    "test_regions::test_old_and_new_endpoints_are_known": [
        "Returns a Lavalink.py-friendly region from a Discord voice server address.",
    ],
    "documented/test_managers::test_the_ideal_node_is_the_least_used_of_its_region": [
        "Finds the best (least used) node in the given region, if applicable.",
        "The region to find a node in.",
        "A list of nodes to exclude from the choice.",
    ],
    "documented/test_managers::test_players_are_found_by_guild_or_by_what_they_are": [
        "Returns a list of players that match the given predicate.",
        "A predicate to return specific players.",
        "Gets a player from cache.",
        "The guild_id associated with the player to get.",
        "Removes a player from the internal cache.",
        "The player to remove from cache.",
        "The guild_id to associate with the player.",
    ],
    "documented/test_client::test_players_are_default_players_unless_the_bot_says_otherwise": [
        "This could be a DefaultPlayer if no custom player implementation was provided.",
        "The player class to use when instantiating a new player.",
        "Defaults to None which uses the player class provided to Client.",
        "If no class was provided, this will typically be DefaultPlayer.",
        "A class that inherits BasePlayer.",
        "By default, the actual class returned will be DefaultPlayer, however if you have specified a custom player implementation, then this will be different.",
    ],
    "documented/test_managers::test_a_player_goes_to_its_node_its_region_or_the_least_used_node": [
        "Creates a player if one doesn’t exist with the given information.",
        "If node is provided, a player will be created on that node.",
        "If region is provided, a player will be created on a node in the given region.",
        "If endpoint is provided, Lavalink.py will attempt to parse the region from the endpoint and return a node in the parsed region.",
        "If node, region and endpoint are left unspecified, or region/endpoint selection fails, Lavalink.py will fall back to the node with the lowest penalty.",
        "Region can be omitted if node is specified and vice-versa.",
        "The region to use when selecting a Lavalink node.",
        "The node to put the player on.",
        "Defaults to None, which selects the node with the lowest penalty.",
    ],
    "test_documented::test_a_player_that_is_there_is_given_whatever_class_is_asked_for": [
        "This function could return a player of a different type to that specified in cls, if a player was created before with a different class type.",
    ],
    "test_player_manager::test_a_class_of_the_bots_own_is_used": [
        "Raises ValueError – If the provided cls is not a valid subclass of BasePlayer.",
    ],
    "documented/test_managers::test_destroying_forgets_the_player_here_and_on_its_node": [
        "Removes a player from cache, and also Lavalink if applicable.",
    ],
    "documented/test_client::test_statistics_are_a_guess_until_the_node_sends_some": [
        "Whether or not the stats are accurate.",
        "This should only be True when the node has not yet received any statistics from the Lavalink server.",
    ],
    "test_stats::test_every_figure_has_its_name": [
        "How long the node has been running for, in milliseconds.",
        "The number of players connected to the node.",
        "The number of players that are playing in the node.",
        "The amount of memory free to the node, in bytes.",
        "The amount of memory that is used by the node, in bytes.",
        "The amount of memory allocated to the node, in bytes.",
        "The amount of memory reservable to the node, in bytes.",
        "The amount of cpu cores the system of the node has.",
        "The overall CPU load of the system.",
        "The CPU load generated by Lavalink This is a number between 0-1, but can be multiplied by 100 for the percentage (0-100).",
        "The number of frames sent to Discord.",
        "The number of frames that yielded null, rather than actual data.",
        "The number of missing frames.",
    ],
    "test_stats::test_each_part_of_the_penalty_is_of_its_own_figure": [
        "The number of playing players. 1 player = 1 penalty point.",
        "The penalty incurred from system CPU usage.",
        "The penalty incurred from the average number of null frames per minute.",
        "The penalty incurred from the average number of deficit frames per minute.",
        "The overall penalty, as a sum of all other penalties.",
    ],
}
