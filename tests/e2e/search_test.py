"""What `orrery search` finds, and what it says when there is nothing."""

import os

from tests.e2e import harness
from tests.e2e.harness import release_files


class SearchTest(harness.OrreryTestCase):

    def test_labels_that_look_like_pre_releases_hide_nothing(self):
        labels = {"pony": ["1.0.0-rc1", "1.0.0-rc2"],
                  "quail": ["1.5.3-8", "1.5.3-9"],
                  "raven": ["1.0-mesos"],
                  "mixed": ["0.9.0", "1.0.0-rc1"]}
        files = {}
        for name, versions in labels.items():
            for release, version in enumerate(versions):
                files.update(release_files(name, release, version))
        self.add_source("u", self.make_repository(files=files))
        for name, versions in labels.items():
            found = self.orrery("search", name, "-o", "json").json
            self.assertEqual([p["name"] for p in found["packages"]], [name])
            self.assertEqual(found["did_you_mean"], [])
            self.assertEqual(self.orrery("show", name, "-o", "json").json[
                "name"], name)
            listed = self.orrery("versions", name, "-o", "json").json
            self.assertEqual([r["version"] for r in listed["releases"]],
                             versions[::-1])
            for version in versions:
                shown = self.orrery("show", name + "@=" + version, "-o",
                                    "json").json
                self.assertEqual(shown["version"], version)
        for item, version in (("quail", "1.5.3-9"), ("quail@^1.5", "1.5.3-9"),
                              ("raven", "1.0-mesos"), ("mixed", "0.9.0")):
            answer = self.orrery("resolve", item, "--no-cluster", "-o",
                                 "json").json
            chosen, = answer["items"]
            self.assertEqual((chosen["version"], chosen["notes"]),
                             (version, []), item)

    def test_empty_sources_are_named_with_their_reasons(self):
        directory = "repo/packages/K/kafka/0/"
        legacy = self.make_repository("legacy", files={
            directory + "package.json": '{"name": "kafka", "version": "1"}',
            directory + "marathon.json": "{}"})
        whole = self.make_repository("whole", release_files("kafka", 0))
        self.add_source("old", legacy)
        self.add_source("elsewhere", whole, "--subdir", "deep")
        self.orrery("source", "add", "gone", self.path("gone"), "--no-check")
        self.orrery("source", "sync", "gone", code=None)
        said = self.orrery("search", "anything").err
        self.assertIn("no source has any package", said)
        self.assertNotIn("nothing matches", said)
        self.assertRegex(said, r"old \(legacy layout, 1 releases not served\)")
        self.assertRegex(said, r"elsewhere \(no repo/packages under deep; "
                               r"found it under \.\)")
        self.assertRegex(said, r"gone \([^)]*" + os.path.basename(
            self.path("gone")))
        document = self.orrery("search", "anything", "-o", "json").json
        self.assertEqual(document["packages"], [])
        self.assertEqual(sorted(document["empty_sources"]),
                         ["elsewhere", "gone", "old"])

    def test_empty_source_is_named_also_beside_full_ones(self):
        self.add_source("full", self.make_repository(
            "full", release_files("kafka", 0)))
        self.add_source("empty", self.make_repository("empty"))
        said = self.orrery("search", "anything").err
        self.assertIn('nothing matches "anything"', said)
        self.assertIn("without any package: empty", said)
        self.assertNotIn("full", said)

    def test_without_a_source_it_says_how_to_add_one(self):
        self.assertIn("orrery source add",
                      self.orrery("search", "anything").err)


if __name__ == "__main__":
    harness.main()
