"""
Serve one of the judged applications, to try a judge on by hand.

    python -m mockserver.tests.judged playlists --dialect rails --bug lost_patch --port 9000
"""

from __future__ import annotations

import argparse
import threading

from mockserver.tests.judged.known import APPLICATIONS
from mockserver.tests.judged.switches import served


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m mockserver.tests.judged", description=__doc__)
    parser.add_argument("application", choices=sorted(APPLICATIONS))
    parser.add_argument("--dialect", default="")
    parser.add_argument("--bug", action="append", default=[])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="print the bugs and the dialects")
    chosen = parser.parse_args()
    known = APPLICATIONS[chosen.application]
    if chosen.list:
        for group, bugs in known.bugs.items():
            for name, about in bugs.items():
                print(f"{group:6} {name:28} {about}")
        print("dialects:", ", ".join(known.dialects))
        return
    with served(known.make(chosen.bug, chosen.dialect or known.dialects[0]), chosen.port) as url:
        print(f"ready on {url}, as {known.spec} says", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
