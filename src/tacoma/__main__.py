"""`python -m tacoma` is the command line."""

import sys

from tacoma.cli import main

sys.exit(main())
