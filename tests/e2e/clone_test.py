"""Clones of remotes: they stay small, whatever is pushed."""

import os

from tests.e2e import harness
from tests.e2e.git_servers import HttpRemote
from tests.e2e.harness import release_files, wait_for
from tests.perf import clone_growth


class CloneTest(harness.OrreryTestCase):

    def test_many_pushes_leave_few_packs_and_little_more_than_a_fresh_clone(
            self):
        figures = clone_growth.measure(self, 60)
        self.assertLessEqual(figures["packs at most"], 50)
        # So small a clone may be 64 KiB larger.
        self.assertLessEqual(figures["bytes / fresh clone"], 8)

    def test_rewritten_history_does_not_pile_up(self):
        repository = self.make_repository(files=release_files("p0", 0))
        remote = HttpRemote(self.scratch)
        self.addCleanup(remote.stop)
        self.add_source("u", remote.url + "/repository/.git")
        for i in range(12):
            self.git(repository, "checkout", "-q", "--orphan", "next")
            self.commit(repository, {"noise": os.urandom(100_000)})
            self.git(repository, "branch", "-M", "next", "main")
            self.orrery("source", "accept", "u", "--tip",
                        self.git(repository, "rev-parse", "main"))
        wait_for("the clone to shrink", lambda: clone_growth.pack_facts(
            self.server.data_dir + "/clones")[0] < 400_000, 20)
        self.orrery("source", "sync", "u")


if __name__ == "__main__":
    harness.main()
