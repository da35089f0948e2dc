"""The verbs `generations` and `rollback`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import EXIT_CODES, json_option, out_option
from pipeline.cli.output import print_json


@click.command(name="generations", epilog=EXIT_CODES, short_help="List the generations, newest first.")
@out_option
@json_option
def list_generations(out: Path, as_json: bool) -> None:
    """List the generations, newest first, with id, rows, size and version, and say which one is published.

    \b
    For example:
      qaledger generations
    """
    from pipeline.storage.generations import listed

    found = listed(out)
    if as_json:
        print_json([generation.to_dict() for generation in found])
    else:
        click.echo("\n".join(map(str, found)))


@click.command(epilog=EXIT_CODES, short_help="Publish an older generation again.")
@click.argument("generation", required=False)
@out_option
@json_option
def rollback(generation: str | None, out: Path, as_json: bool) -> None:
    """Publish an older GENERATION again, by default the newest one that is older than the published one.

    Nothing is lost: the generation that was published before is not deleted. The next run starts from the generation
    that this command publishes. `qaledger generations` lists the ids.

    \b
    For example:
      qaledger rollback
    """
    from pipeline.refresh.rollback import rollback as publish_older

    manifest = publish_older(out, generation)
    if as_json:
        print_json({"generation": manifest.generation, "created_at": manifest.created_at})
    else:
        click.echo(f"published {out / 'qa.duckdb'}: generation {manifest.generation} again")
