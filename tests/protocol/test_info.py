"""What a node says about itself."""

from protocol.exact import exact
from voxlink.protocol import Info, PluginInfo, Version

TEXT = (
    '{"version":{"semver":"4.2.2","major":4,"minor":2,"patch":2,"preRelease":""},"buildTime":1,'
    '"git":{"branch":"b","commit":"c","commitTime":0},"jvm":"17","lavaplayer":"2.2.6","sourceManagers":["http","local"],'
    '"filters":["volume"],"plugins":[{"name":"n","version":"v"}]}'
)


def test_info_is_written_in_lavalinks_order() -> None:
    info = exact(TEXT, Info)
    assert info.version == Version("4.2.2", 4, 2, 2, "")
    assert info.plugins == [PluginInfo("n", "v")]


def test_a_version_that_is_no_semantic_version_has_no_pre_release() -> None:
    assert exact(TEXT.replace('"preRelease":""', '"preRelease":null'), Info).version.pre_release is None


def test_the_build_that_older_nodes_name_is_kept() -> None:
    info = exact(TEXT.replace('"preRelease":""', '"preRelease":"","build":"x"'), Info)
    assert info.version.unknown == {"build": "x"}
