"""Slash commands: what a bot may register, and what Discord makes of one that somebody presses. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from voxlink.errors import UsageError
from voxlink.testing.discord import payloads
from voxlink.testing.discord.refusals import invalid_field
from voxlink.testing.discord.state import Channel, Json, User

__all__ = ["Command", "CommandBody", "CommandBook", "OptionBody", "Value"]

Value = str | int | float | bool | User | Channel
"""What a user can fill into an option."""

NAME = re.compile(r"^[-_'\w]{1,32}$")
"""Discord's rule for command and option names; for slash commands they are lower case as well."""

MAX_COMMANDS = 100
SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(
    1, 12
)


class ChoiceBody(msgspec.Struct, omit_defaults=True):
    """One of the values that an option offers."""

    name: str
    value: str | int | float
    name_localizations: dict[str, str] | None = None


class OptionBody(msgspec.Struct, omit_defaults=True):
    """An option of a command, a sub-command or a group of them."""

    type: int
    name: str
    description: str = ""
    required: bool = False
    choices: list[ChoiceBody] | None = None
    options: list[OptionBody] | None = None
    channel_types: list[int] | None = None
    min_value: float | None = None
    max_value: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    autocomplete: bool = False
    name_localizations: dict[str, str] | None = None
    description_localizations: dict[str, str] | None = None


class CommandBody(msgspec.Struct):
    """What a bot sends to register a command."""

    name: str
    description: str = ""
    type: int = 1
    options: list[OptionBody] | None = None
    default_member_permissions: str | None = None
    dm_permission: bool | None = True
    nsfw: bool = False
    contexts: list[int] | None = None
    integration_types: list[int] | None = None
    name_localizations: dict[str, str] | None = None
    description_localizations: dict[str, str] | None = None


class Command(msgspec.Struct):
    """A registered command."""

    id: int
    application_id: int
    guild_id: int | None
    version: int
    body: CommandBody

    def payload(self) -> Json:
        """The application command object."""
        built: Json = {
            **msgspec.to_builtins(self.body),
            "options": [msgspec.to_builtins(option) for option in self.body.options or []],
            "id": str(self.id),
            "application_id": str(self.application_id),
            "version": str(self.version),
            "integration_types": self.body.integration_types or [0],
        }
        return built if self.guild_id is None else {**built, "guild_id": str(self.guild_id)}


class CommandBook:
    """The commands that all bots have registered, globally and for single guilds."""

    def __init__(self, next_id: Callable[[], int]) -> None:
        self._next_id = next_id
        self._commands: dict[int, Command] = {}

    def of(self, application_id: int, guild_id: int | None) -> list[Command]:
        """The commands of one scope (`guild_id` None: the global ones)."""
        return [c for c in self._commands.values() if (c.application_id, c.guild_id) == (application_id, guild_id)]

    def by_id(self, application_id: int, guild_id: int | None, command_id: int) -> Command | None:
        """One command of a scope."""
        return next((c for c in self.of(application_id, guild_id) if c.id == command_id), None)

    def register(self, application_id: int, guild_id: int | None, body: CommandBody) -> Command:
        """Add a command, or overwrite the one of that name and type; raises `Refusal` for what Discord refuses."""
        check_command(body)
        same = [c for c in self.of(application_id, guild_id) if (c.body.name, c.body.type) == (body.name, body.type)]
        if not same and len(self.of(application_id, guild_id)) >= MAX_COMMANDS:
            raise invalid_field(
                "_", "APPLICATION_COMMANDS_LIMIT", "Maximum number of application commands reached (100)"
            )
        number = same[0].id if same else self._next_id()
        command = Command(number, application_id, guild_id, self._next_id(), body)
        self._commands[number] = command
        return command

    def replace_all(self, application_id: int, guild_id: int | None, bodies: list[CommandBody]) -> list[Command]:
        """Make these the only commands of the scope. Refused as a whole or done as a whole."""
        for position, body in enumerate(bodies):
            check_command(body, f"{position}.")
        known = {(c.body.name, c.body.type): c for c in self.of(application_id, guild_id)}
        for command in known.values():
            del self._commands[command.id]
        for body in bodies:
            old = known.get((body.name, body.type))
            number = old.id if old else self._next_id()
            self._commands[number] = Command(number, application_id, guild_id, self._next_id(), body)
        return self.of(application_id, guild_id)

    def edit(self, command: Command, body: CommandBody) -> Command:
        """Replace the body of a registered command."""
        check_command(body)
        command.body, command.version = body, self._next_id()
        return command

    def delete(self, command: Command) -> None:
        """Take a command away."""
        del self._commands[command.id]

    def find(self, guild_id: int, name: str, application_id: int | None = None) -> Command:
        """The command that somebody in the guild sees under this name; raises `UsageError` where there is none."""
        visible = [
            c
            for c in self._commands.values()
            if c.guild_id in {None, guild_id} and c.body.type == 1 and application_id in {None, c.application_id}
        ]
        for command in sorted(visible, key=lambda one: one.guild_id is None):
            if command.body.name == name:
                return command
        names = ", ".join(sorted(f"/{c.body.name}" for c in visible)) or "none"
        raise UsageError(f"no bot has registered /{name}; registered: {names}")


def check_command(body: CommandBody, where: str = "") -> None:
    """Raise the `Refusal` with which Discord answers a bad command; `where` is its path in the request."""
    is_slash = body.type == 1
    if not NAME.match(body.name) or (is_slash and body.name != body.name.lower()):
        raise invalid_field(f"{where}name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if is_slash and not 1 <= len(body.description) <= 100:
        raise invalid_field(f"{where}description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    check_options(body.options or [], f"{where}options")


def check_options(options: list[OptionBody], where: str) -> None:
    """Raise the `Refusal` with which Discord answers bad options."""
    if len(options) > 25:
        raise invalid_field(where, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    seen: set[str] = set()
    optional_before = False
    for position, option in enumerate(options):
        here = f"{where}.{position}"
        if not NAME.match(option.name) or option.name != option.name.lower():
            raise invalid_field(f"{here}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        if option.name in seen:
            raise invalid_field(
                where, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists in options"
            )
        seen.add(option.name)
        if not 1 <= len(option.description) <= 100:
            raise invalid_field(f"{here}.description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        if option.required and optional_before:
            raise invalid_field(
                here,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_before |= not option.required and option.type > SUB_COMMAND_GROUP
        check_options(option.options or [], f"{here}.options")


def pressed(command: Command, path: list[str], values: Mapping[str, Value]) -> Json:
    """The `data` of the interaction when somebody presses a command with these options filled in.

    `path` names the sub-command group and sub-command, if any. Raises `UsageError` for what a user could not press.
    """
    options = command.body.options or []
    resolved: dict[str, dict[str, Json]] = {}
    leaf = options
    for name in path:
        found = next((o for o in leaf if o.name == name and o.type <= SUB_COMMAND_GROUP), None)
        if found is None:
            raise UsageError(f"/{command.body.name} has no sub-command {name!r}")
        leaf = found.options or []
    filled = fill(command.body.name, leaf, values, resolved)
    for depth, name in reversed(list(enumerate(path))):
        kind = SUB_COMMAND if depth == len(path) - 1 else SUB_COMMAND_GROUP
        filled = [{"name": name, "type": kind, "options": filled}]
    data: Json = {"id": str(command.id), "name": command.body.name, "type": command.body.type, "options": filled}
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    return {**data, "resolved": resolved} if resolved else data


def fill(
    command: str, options: list[OptionBody], values: Mapping[str, Value], resolved: dict[str, dict[str, Json]]
) -> list[Json]:
    """The option values as Discord sends them, checked as Discord's own client checks them."""
    if any(option.type <= SUB_COMMAND_GROUP for option in options):
        raise UsageError(f"/{command} has sub-commands: name one of {[option.name for option in options]}")
    if unknown := set(values) - {option.name for option in options}:
        raise UsageError(f"/{command} has no option {sorted(unknown)}; it has {[option.name for option in options]}")
    filled: list[Json] = []
    for option in options:
        if option.name in values:
            filled.append(
                {"name": option.name, "type": option.type, "value": wire_value(command, option, values, resolved)}
            )
        elif option.required:
            raise UsageError(f"/{command} needs the option {option.name!r}")
    return filled


ACCEPTS: dict[int, tuple[type, ...]] = {
    STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), USER: (User,), CHANNEL: (Channel,), NUMBER: (int, float),
}  # fmt: skip


def wire_value(
    command: str, option: OptionBody, values: Mapping[str, Value], resolved: dict[str, dict[str, Json]]
) -> object:
    """One value in Discord's form; users and channels go into `resolved`. Raises `UsageError` for a wrong one."""
    value = values[option.name]
    is_wrong_bool = isinstance(value, bool) and option.type != BOOLEAN
    if option.type not in ACCEPTS or not isinstance(value, ACCEPTS[option.type]) or is_wrong_bool:
        raise UsageError(f"/{command}: {value!r} does not fit the option {option.name!r} of type {option.type}")
    if option.choices and value not in [choice.value for choice in option.choices]:
        raise UsageError(f"/{command}: {option.name!r} offers {[choice.value for choice in option.choices]}")
    if isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = payloads.user(value)
        return str(value.id)
    if isinstance(value, Channel):
        resolved.setdefault("channels", {})[str(value.id)] = {**payloads.channel(value), "permissions": "0"}
        return str(value.id)
    check_limits(command, option, value)
    return value


def check_limits(command: str, option: OptionBody, value: str | float) -> None:
    """Raise `UsageError` for a number or a text that Discord's client would not let a user send."""
    size = len(value) if isinstance(value, str) else value
    low, high = (
        (option.min_length, option.max_length) if isinstance(value, str) else (option.min_value, option.max_value)
    )
    if (low is not None and size < low) or (high is not None and size > high):
        raise UsageError(f"/{command}: {option.name!r} must lie between {low} and {high}, not {value!r}")
