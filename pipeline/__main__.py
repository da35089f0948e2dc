"""Starts the command `qaledger`, also as `python -m pipeline`; it can be interrupted while its libraries load."""

import sys


def main() -> None:
    """Load the command and run it."""
    try:
        from pipeline.cli.main import main as command
    except KeyboardInterrupt:  # from here on `cli.main` handles signals
        sys.stderr.write("interrupted; nothing was published\n")
        sys.exit(130)
    except (MemoryError, OSError, RuntimeError, ImportError) as err:
        from pipeline.errors import ResourcesMissing, lacks_resources

        if not lacks_resources(err):
            raise
        sys.stderr.write(f"Error: {ResourcesMissing(err)}\n")
        sys.exit(1)
    command()


if __name__ == "__main__":
    main()
