"""Run directories on disk: written whole or not at all, and named by what they contain."""

from tacoma.store.digest import run_digest
from tacoma.store.manifest import MANIFEST_NAME
from tacoma.store.rundir import (
    is_finished,
    read_manifest,
    read_tables,
    write_run,
)
from tacoma.store.verify import Verdict, verify

__all__ = [
    "MANIFEST_NAME",
    "Verdict",
    "is_finished",
    "read_manifest",
    "read_tables",
    "run_digest",
    "verify",
    "write_run",
]
