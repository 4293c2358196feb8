"""Prints how a clone grows over 2,000 pushes; ORRERY_PUSHES has others."""

import os

from tests.e2e import harness
from tests.perf import clone_growth


class CloneGrowth(harness.OrreryTestCase):

    def test_ratios(self):
        pushes = int(os.environ.get("ORRERY_PUSHES", "2000"))
        figures = clone_growth.measure(self, pushes)
        for name, value in figures.items():
            print("%-34s %8.3f" % (name, value))
        for name, most in (("bytes / fresh clone", 2), ("packs at most", 50),
                           ("late sync / early sync", 1.5),
                           ("sync of all at once / git fetch", 3),
                           ("read / read while nothing happens", 2)):
            with self.subTest(name):
                self.assertLessEqual(figures[name], most)


if __name__ == "__main__":
    harness.main()
