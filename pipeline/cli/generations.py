"""The verbs `generations` and `rollback`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import EXIT_CODES, json_option, out_option
from pipeline.cli.output import print_json


@click.group(
    name="generations",
    invoke_without_command=True,
    epilog=EXIT_CODES,
    short_help="List generations, or pin one so that no run removes it.",
)
@out_option
@json_option
@click.pass_context
def list_generations(context: click.Context, out: Path, as_json: bool) -> None:
    """List the generations, newest first, with id, rows, size and version, and say which are published or pinned.

    A run with --keep N removes all but the newest N generations, those that are pinned, and those that are being read.

    \b
    For example:
      qaledger generations
      qaledger generations pin 20261129T160106.590189Z
    """
    if context.invoked_subcommand:
        return
    from pipeline.storage.generations import listed

    found = listed(out)
    if as_json:
        print_json([generation.to_dict() for generation in found])
    else:
        click.echo("\n".join(map(str, found)))


@list_generations.command(epilog=EXIT_CODES, short_help="Keep a generation, so that no run removes it.")
@click.argument("generation")
@out_option
def pin(generation: str, out: Path) -> None:
    """Pin a GENERATION, so that no run removes it. Pin those whose numbers you cite.

    \b
    For example:
      qaledger generations pin 20261129T160106.590189Z
    """
    _pin(out, generation, True)


@list_generations.command(epilog=EXIT_CODES, short_help="Let runs remove a generation again.")
@click.argument("generation")
@out_option
def unpin(generation: str, out: Path) -> None:
    """Unpin a GENERATION, so that a later run may remove it.

    \b
    For example:
      qaledger generations unpin 20261129T160106.590189Z
    """
    _pin(out, generation, False)


def _pin(out: Path, generation: str, pinned: bool) -> None:
    from pipeline.storage.generations import pin as set_pin

    set_pin(out, generation, pinned)
    click.echo(f"{generation} is {'pinned' if pinned else 'not pinned'}")


@click.command(epilog=EXIT_CODES, short_help="Publish an older generation again.")
@click.argument("generation", required=False)
@out_option
@json_option
def rollback(generation: str | None, out: Path, as_json: bool) -> None:
    """Publish an older GENERATION again, by default the one before the published one.

    The generation that is replaced is not deleted. The next run starts from the generation that this command publishes.
    `qaledger generations` lists the ids.

    \b
    For example:
      qaledger rollback
    """
    from pipeline.refresh.rollback import rollback as publish_older
    from pipeline.storage.generations import published_link

    manifest = publish_older(out, generation)
    if as_json:
        print_json({"generation": manifest.generation, "created_at": manifest.created_at})
    else:
        click.echo(f"published {published_link(out)}: generation {manifest.generation} again")
