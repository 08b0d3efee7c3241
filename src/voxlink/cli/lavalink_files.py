"""`voxlink download`, `config` and `info`: Lavalink's jar and its settings, for those who run that node."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from voxlink.cli.commands import Commands
from voxlink.cli.fetch import Told, fetch_file, fetch_text, web_session
from voxlink.cli.jar import find_jar, jar_version
from voxlink.cli.releases import Jar, Release, choices, pick_jar, read_version, select
from voxlink.errors import BadValue, DownloadFailed

API = "https://api.github.com"
RAW = "https://raw.githubusercontent.com"
PAGE = 100
MOST_PAGES = 10
JAR = Path("lavalink.jar")
SETTINGS = Path("application.yml")


class _Asset(msgspec.Struct):
    name: str
    browser_download_url: str
    size: int | None = None
    digest: str | None = None


class _Listed(msgspec.Struct):
    tag_name: str
    assets: list[_Asset]
    draft: bool = False
    prerelease: bool = False


def add_download(commands: Commands) -> None:
    """Add `download` to the parser."""
    parser = commands.add_parser(
        "download",
        help="fetch Lavalink's jar",
        description="Fetch a release of Lavalink to lavalink.jar. Without a version you are asked for one.",
    )
    parser.add_argument("version", nargs="?", help="like 4.1.0, '>=4.0.0', '<4', '~=4.0.2', or several with commas")
    _add_common(parser, API)
    parser.set_defaults(command=download)


def add_config(commands: Commands) -> None:
    """Add `config` to the parser."""
    parser = commands.add_parser(
        "config",
        help="fetch Lavalink's example settings",
        description="Fetch Lavalink's example to application.yml; `voxlink node --config` reads that file too.",
    )
    parser.add_argument("--fetch-dev", action="store_true", help="from the branch dev instead of master")
    _add_common(parser, RAW)
    parser.set_defaults(command=config)


def add_info(commands: Commands) -> None:
    """Add `info` to the parser."""
    parser = commands.add_parser(
        "info",
        help="show the version of a Lavalink jar",
        description="Run a jar with --version. Without FILE, lavalink.jar or Lavalink.jar of this folder.",
    )
    parser.add_argument("file", nargs="?", metavar="FILE", type=Path)
    parser.set_defaults(command=info)


def _add_common(parser: argparse.ArgumentParser, base_url: str) -> None:
    parser.add_argument("--no-overwrite", action="store_true", help="rename a file that is there to NAME.old")
    parser.add_argument("--base-url", default=base_url, metavar="URL", help="where to ask instead of %(default)s")


def download(args: argparse.Namespace) -> int:
    """Fetch a jar; DownloadFailed or BadValue if that cannot be."""
    tag = asyncio.run(_download(args, JAR))
    print(f"fetched Lavalink {tag} to {JAR.absolute()}")
    return 0


async def _download(args: argparse.Namespace, path: Path) -> str:
    async with web_session() as session:
        found = await releases(session, args.base_url)
        release = ask(choices(found)) if args.version is None else select(found, args.version)
        assert release.jar is not None  # only releases that have one are chosen
        if args.base_url.startswith("https:") and not release.jar.url.startswith("https:"):
            raise DownloadFailed(release.jar.url, "it is not served over https")
        with progress_bar(f"Lavalink {release.tag}") as told:
            await fetch_file(
                session, release.jar.url, path,
                told=told, size=release.jar.size, sha256=release.jar.sha256, keep=args.no_overwrite,
            )  # fmt: skip
    return release.tag


def config(args: argparse.Namespace) -> int:
    """Fetch the example settings; DownloadFailed if that cannot be."""
    asyncio.run(_config(args, SETTINGS))
    print(f"fetched to {SETTINGS.absolute()}")
    return 0


async def _config(args: argparse.Namespace, path: Path) -> None:
    branch = "dev" if args.fetch_dev else "master"
    base_url = args.base_url.rstrip("/")
    url = f"{base_url}/lavalink-devs/Lavalink/{branch}/LavalinkServer/application.yml.example"
    async with web_session() as session:
        with progress_bar(path.name) as told:
            await fetch_file(session, url, path, told=told, keep=args.no_overwrite)


def info(args: argparse.Namespace) -> int:
    """Print what a jar says about itself; JavaFailed or BadValue if it says nothing."""
    print(jar_version(find_jar(args.file, Path())))
    return 0


async def releases(session: aiohttp.ClientSession, base_url: str) -> list[Release]:
    """Ask GitHub for all releases but drafts; tags that are no versions are left out."""
    found: list[Release] = []
    for page in range(1, MOST_PAGES + 1):
        url = f"{base_url.rstrip('/')}/repos/lavalink-devs/Lavalink/releases?per_page={PAGE}&page={page}"
        try:
            listed = msgspec.json.decode(await fetch_text(session, url), type=list[_Listed])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DownloadFailed(url, f"the answer is no list of releases: {error}") from None
        found += _read(one for one in listed if not one.draft)
        if len(listed) < PAGE:
            break
    return found


def _read(listed: Iterable[_Listed]) -> Generator[Release, None, None]:
    for one in listed:
        try:
            version = read_version(one.tag_name)
        except BadValue:
            continue
        index = pick_jar([asset.name for asset in one.assets])
        jar = None
        if index is not None:
            asset = one.assets[index]
            kind, _, digest = (asset.digest or "").partition(":")
            jar = Jar(asset.browser_download_url, asset.size, digest if kind == "sha256" else None)
        yield Release(one.tag_name, version, jar, one.prerelease or not version.is_final)


def ask(offered: list[Release]) -> Release:
    """Let the user choose by number on standard input; BadValue for an answer that is none."""
    if not offered:
        raise BadValue("there is no release of Lavalink with a jar")
    if len(offered) == 1:
        return offered[0]
    for number, release in enumerate(offered, start=1):
        print(f"[{number}] {release.tag}{' (pre-release)' if release.is_prerelease else ''}", file=sys.stderr)
    print("Which one? ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip()
    if not (answer.isdecimal() and 1 <= int(answer) <= len(offered)):
        raise BadValue(f"{answer!r} is none of 1 to {len(offered)}; you can name a version too: voxlink download 4.1.0")
    return offered[int(answer) - 1]


@contextmanager
def progress_bar(title: str) -> Generator[Told, None, None]:
    """Show a bar with bytes and speed on stderr for the length of the block; call what it gives as bytes come."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(escape(title), total=None)
        yield lambda came, total: progress.update(task, completed=came, total=total)
