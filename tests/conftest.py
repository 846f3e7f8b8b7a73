"""
What every test shares: how many random examples are drawn, and one compile cache.

The compiled code goes where the environment says (TACOMA_CACHE_DIR, as in normal use), once for
the whole session: a test that needs an empty cache sets its own directory in a subprocess.
"""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

# The first call of a kernel compiles it, so neither a deadline nor "too slow" means anything.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}

# The same examples every time: a test that fails today failed yesterday.
settings.register_profile("ci", max_examples=50, derandomize=True, **_COMMON)
# New examples every night; `make nightly` selects it with --hypothesis-profile.
settings.register_profile("nightly", max_examples=10_000, **_COMMON)
settings.load_profile("ci")

# Subprocesses of tests start in other directories; they must meet the same cache.
for _variable in ("TACOMA_CACHE_DIR", "NUMBA_CACHE_DIR"):
    if os.environ.get(_variable):
        os.environ[_variable] = str(Path(os.environ[_variable]).absolute())
