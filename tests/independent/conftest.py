"""recompute.py is a program of its own: it finds the files beside it by their names, here as when it is run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
