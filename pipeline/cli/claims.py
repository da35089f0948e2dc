"""The verbs of `qaledger claims`: print the file that names what figures measure, and test it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipeline.cli.options import EXIT_CODES, OrderedGroup, claims_option, json_option, out_option
from pipeline.cli.output import print_json, printable_lines


@click.group(cls=OrderedGroup, short_help="Print or test the names for what figures measure.")
def claims() -> None:
    """Print or test the claims: names for what figures measure, such as second opinion rate.

    \b
    For example, to try a change:
      qaledger claims show > claims.toml
      qaledger claims lint --claims claims.toml
    """


@claims.command(short_help="Print the file of claims.")
@claims_option
@json_option
def show(claims: Path | None, as_json: bool) -> None:
    """Print the file of claims, by default the built-in one; with --json, print the names and meanings.

    \b
    For example:
      qaledger claims show > claims.toml
    """
    from pipeline.statistics.claim_definitions import claims_text, load_claims

    if as_json:
        print_json(
            [
                {"claim": claim.name, "means": claim.means, "kinds": sorted(claim.kinds)}
                for claim in load_claims(claims).claims
            ]
        )
    else:
        click.echo(claims_text(claims), nl=False)


@claims.command(epilog=EXIT_CODES, short_help="Test the sentences of the claims; report what each claim names.")
@claims_option
@out_option
@json_option
def lint(claims: Path | None, out: Path, as_json: bool) -> None:
    """Run the sentences of the claims as tests, and report how many published figures each claim names.

    It exits with 1 if a sentence under `yes` has no figure of its claim, or if a sentence under `no` has one. It exits
    with 2 if the file is not well formed; the message names the entry and the key.

    \b
    For example:
      qaledger claims lint
      qaledger claims lint --claims claims.toml
    """
    from pipeline.ledger.ledger import Ledger
    from pipeline.statistics.claim_definitions import load_claims
    from pipeline.statistics.lint import claim_uses, lint_claims, lint_report
    from pipeline.storage.frames import query

    definitions = load_claims(claims)
    failures = lint_claims(definitions)
    with Ledger(out) as ledger:
        figures = query(ledger.db, "ledger/figures_for_claims")
    uses = claim_uses(figures, definitions)
    if as_json:
        print_json(
            {
                "failures": [failure.to_dict() for failure in failures],
                "figures": len(figures),
                "claims": [use.to_dict() for use in uses],
            }
        )
    else:
        click.echo(printable_lines(lint_report(definitions, failures, uses, len(figures))))
    sys.exit(1 if failures else 0)
