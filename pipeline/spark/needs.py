"""Checks, before any work is done, what a run on Spark needs: pyspark, Java, and a master that answers.

Nothing heavy is imported here, and pyspark is not.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.errors import PipelineError

JAVA = 17  # the oldest that Spark 4 runs on
_TIMEOUT = 5.0  # seconds; a master on the same network answers within a tenth of one


class SparkMissing(PipelineError):
    """pyspark, or a Java that it runs on, is not installed."""

    exit_code = 2


class MasterUnreachable(PipelineError):
    """The master does not answer, or provides no worker."""

    def __init__(self, master: str, why: str) -> None:
        self.master = master
        super().__init__(
            f"{master}: {why}. Nothing was published; start the cluster, or run without --engine spark to use this "
            "machine alone."
        )


def refuse_without_spark() -> None:
    """Raise `SparkMissing` when pyspark or Java is missing. Starts neither."""
    if find_spec("pyspark") is None:
        raise SparkMissing(
            "--engine spark needs pyspark, which is not installed. Install it: pip install 'qaledger[spark]' "
            "(in a copy of the source: pip install '.[spark]')"
        )
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if java is None:
        where = f"there is none in JAVA_HOME ({home})" if home else "there is none on the PATH"
        raise SparkMissing(f"--engine spark needs Java {JAVA} or newer, and {where}. Install one, or set JAVA_HOME.")
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?([0-9]+)', output)
    if version is None or int(version[1]) < JAVA:
        found = output.splitlines()[0] if output else "a program that does not print its version"
        raise SparkMissing(
            f"--engine spark needs Java {JAVA} or newer; {java} is {found}. Install one, or set JAVA_HOME."
        )


def refuse_unreachable(master: str) -> None:
    """Raise `MasterUnreachable` when a master with an address does not answer; Spark itself needs a minute for that."""
    found = re.fullmatch(r"(?:spark|k8s)://(?:https?://)?([^/]+)/?", master)
    addresses = [urlsplit(f"//{address}") for address in found[1].split(",")] if found else []
    causes = [_failure(address.hostname or "", address.port) for address in addresses if address.port]
    if causes and all(causes):
        raise MasterUnreachable(master, f"no server answers there ({causes[0]})")


def _failure(host: str, port: int) -> str:
    """Why no connection to this address is possible; empty when it is."""
    try:
        socket.create_connection((host, port), _TIMEOUT).close()
    except OSError as err:
        return err.strerror or str(err)
    return ""
