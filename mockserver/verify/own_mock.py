"""
Our own mock as a target: `mockserver serve` in a process of its own, on a free port.

A process and not a thread: what is judged is what a user starts. It logs into a
file, since a pipe that nobody empties would stop it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

from mockserver.errors import UsageError

READY = "mockserver ready on "
STOP_SECONDS = 10


@contextmanager
def own_mock(spec: str) -> Iterator[str]:
    """
    Serve *spec* (as on the command line) and yield the base URL; the process ends with the block.

    Raises:
        UsageError: It cannot be served; the text is what `serve` said.
    """
    command = [sys.executable, "-m", "mockserver", "serve", spec, "--port", "0", "--quiet"]
    command += ["--auth", "listed"]  # so that it can be seen whether credentials are looked at
    with TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith(READY):
                process.wait(STOP_SECONDS)
                log.seek(0)
                raise UsageError(f"mockserver serve {spec}: {log.read().strip() or line}")
            yield line.removeprefix(READY).strip()
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
