"""`python -m caseloop` is the same as `caseloop`."""

import sys

from caseloop.cli import main

sys.exit(main())
