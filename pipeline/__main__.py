"""Starts the command `qaledger`, also as `python -m pipeline`; it can be interrupted while its libraries load."""

import atexit
import gc
import os
import sys

from pipeline.limits import GC_THRESHOLD


def start() -> None:
    """Run the command as a process of its own.

    It ends without taking Python and the libraries apart, which takes .01 s of processor time after `--help` and .1 s
    after a first run. What was registered with `atexit` since it started is called before.
    """
    gc.set_threshold(GC_THRESHOLD)
    codes: list[int] = []
    atexit.register(_end_at_once, codes)
    try:
        main()
        codes.append(0)
    except SystemExit as end:
        if isinstance(end.code, int):
            codes.append(end.code)
        raise


def _end_at_once(codes: list[int]) -> None:
    if codes:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(codes[0])


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
    start()
