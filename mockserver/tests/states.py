"""
Where state is kept in tests: in memory, in a file, in a PostgreSQL.

The PostgreSQL is the one that MOCKSERVER_TEST_POSTGRES names (a URL whose user may
make schemas), else the one at 127.0.0.1:5432, user postgres, without a password.
Each test has a schema of its own, so that any database will do. Where there is
none, those tests are skipped, and say so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

POSTGRES = os.environ.get("MOCKSERVER_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
KINDS = ("memory", "sqlite", "postgresql")

_numbers = count()


@cache
def absent() -> str:
    """Return why there is no PostgreSQL, "" where there is one."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=2, autocommit=True).close()
    except psycopg.OperationalError as error:
        return f"no PostgreSQL at {POSTGRES} (MOCKSERVER_TEST_POSTGRES names another): {error}"
    return ""


@contextmanager
def state_url(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty state of that kind; it is taken away afterwards."""
    if kind == "memory":
        yield "memory:"
    elif kind == "sqlite":
        yield f"sqlite:///{folder / 'state.db'}"
    else:
        if why := absent():
            pytest.skip(why)
        schema = f"mockserver_test_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        mark = "&" if "?" in POSTGRES else "?"
        try:
            yield f"{POSTGRES}{mark}options=-csearch_path%3D{schema}"
        finally:
            with psycopg.connect(POSTGRES, autocommit=True) as connection:
                connection.execute(f"DROP SCHEMA {schema} CASCADE")
