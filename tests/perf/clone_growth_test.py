"""Prints how a clone grows over 2,000 pushes; ORRERY_PUSHES has others."""

import os

from tests.e2e import harness
from tests.perf import clone_growth


class CloneGrowth(harness.OrreryTestCase):

    def test_ratios(self):
        pushes = int(os.environ.get("ORRERY_PUSHES", "2000"))
        for name, value in clone_growth.measure(self, pushes).items():
            print("%-34s %8.3f" % (name, value))


if __name__ == "__main__":
    harness.main()
