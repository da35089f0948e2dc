"""The verbs of `qaledger topics`: print the taxonomy, test it, preview another one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipeline.cli.options import EXIT_CODES, OrderedGroup, json_option, out_option, topics_option
from pipeline.cli.output import print_json, printable_lines


@click.group(cls=OrderedGroup, short_help="Print, test or preview the file that defines the topics.")
def topics() -> None:
    """Print, test or preview the taxonomy, the file that defines the topics and the phrases that are evidence for them.

    \b
    For example, to make your own taxonomy:
      qaledger topics show > topics.toml
      qaledger topics lint --topics topics.toml
      qaledger topics preview --topics topics.toml
      qaledger run data/raw --topics topics.toml
    """


@topics.command(short_help="Print the taxonomy file.")
@topics_option
@json_option
def show(topics: Path | None, as_json: bool) -> None:
    """Print the taxonomy file, by default the built-in one; with --json, print its topics.

    \b
    For example:
      qaledger topics show > topics.toml
    """
    from pipeline.topics.tagging import topic_table
    from pipeline.topics.taxonomy import load_taxonomy, taxonomy_text

    taxonomy = load_taxonomy(topics)
    if as_json:
        print_json(topic_table(taxonomy).to_dict("records"))
    else:
        click.echo(taxonomy_text(topics), nl=False)


@topics.command(epilog=EXIT_CODES, short_help="Test the examples of a taxonomy, and report what each cue does.")
@topics_option
@out_option
@json_option
def lint(topics: Path | None, out: Path, as_json: bool) -> None:
    """Run the taxonomy's examples as tests, and report what each cue does on the published rows.

    It exits with 1 if an example does not get its topic, or if a counter-example does. The report names cues that match
    nothing, cues that a heavier cue always replaces, and cues that match mostly where other cues disagree.
    With --json it lists every cue with the number of rows that it matches, alone and with others.

    \b
    For example:
      qaledger topics lint
      qaledger topics lint --topics topics.toml
    """
    from pipeline.ledger.ledger import Ledger
    from pipeline.topics.lint import cue_uses, lint_report, lint_taxonomy
    from pipeline.topics.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(topics)
    failures = lint_taxonomy(taxonomy)
    with Ledger(out) as ledger:
        qa = ledger.qa
    uses = cue_uses(qa, taxonomy)
    if as_json:
        print_json(
            {
                "taxonomy_version": taxonomy.version,
                "failures": [failure.to_dict() for failure in failures],
                "rows": len(qa),
                "cues": [use.to_dict() for use in uses],
            }
        )
    else:
        click.echo(printable_lines(lint_report(taxonomy, failures, uses, len(qa))))
    sys.exit(1 if failures else 0)


@topics.command(epilog=EXIT_CODES, short_help="Show what another taxonomy would change.")
@topics_option
@out_option
@json_option
def preview(topics: Path | None, out: Path, as_json: bool) -> None:
    """Show which published rows would gain or lose which tag with the taxonomy in FILE, and why; write nothing.

    Each row is shown with its scores before and after, the cues that only the new taxonomy finds (+), and those that
    only the old one found (-).

    \b
    For example:
      qaledger topics preview --topics topics.toml
    """
    from pipeline.ledger.ledger import Ledger
    from pipeline.topics.preview import count_sentence
    from pipeline.topics.preview import preview as compare
    from pipeline.topics.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(topics)
    with Ledger(out) as ledger:
        changes = compare(ledger.qa, ledger.qa_topics, taxonomy)
    if as_json:
        print_json([change.to_dict() for change in changes])
    else:
        click.echo(printable_lines("\n".join([*map(str, changes), f"{count_sentence(changes)}; nothing was written"])))
