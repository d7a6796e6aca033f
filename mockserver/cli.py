"""
The command line: one frame around the commands.

Every command lives in its own module and is imported when it is called. `serve`
must be ready after half a second of CPU, and pytest, schemathesis and Faker take
longer than that to be imported.

Exit codes: 0 good · 1 findings · 2 wrong usage, broken spec, or nothing ran ·
3 target unreachable · 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mockserver import __version__
from mockserver.errors import MockserverError, nearest

COMMANDS = {
    "serve": "Serve APIs from their contracts.",
    "check": "Hold contracts, examples, behaviours and fixtures against each other.",
    "verify": "Hold an implementation to its contract.",
    "mutate": "Serve the mock with one planted bug, to try judges on.",
    "proxy": "Forward real traffic, and hold both directions to the contract.",
    "diff": "List breaking, possibly breaking and harmless changes between two contracts.",
    "replay": "Print an answer again, byte for byte.",
    "bundle": "Pack the world of a running server into one file that serve opens.",
    "routes": "Print every operation as a URL that answers.",
}
"""Name and one line of help; the command itself is `mockserver.commands.<name>:command`."""


class Frame(click.Group):
    """A group that knows its commands' names and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return the command *cmd_name*; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mockserver.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of that name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"No such command {name!r}.{nearest(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table, so that help imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Frame,
    epilog="Example: mockserver serve openapi.yaml --port 4010",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="mockserver")
def cli() -> None:
    """Serve an API from its OpenAPI contract, and hold the real one to the same contract."""


def main(args: list[str] | None = None) -> None:
    """
    Run the command line and leave the process with its exit code.

    An error that this package raises on purpose is one clear line on stderr and
    exit code 2; Ctrl-C is 130. Anything else is our mistake and shows its traceback.
    """
    try:
        code = cli.main(args, prog_name="mockserver", standalone_mode=False)
    except click.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except MockserverError as error:
        click.secho(f"mockserver: {error}", fg="red", err=True)
        code = 2
    except KeyboardInterrupt:
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
