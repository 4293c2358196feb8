"""The example overlay says what is known of Universe's dependencies."""

import csv
import glob
import json
import os
import re
import unittest

RELATIONS = os.path.join(os.environ.get("TEST_SRCDIR", ""),
                         os.environ.get("TEST_WORKSPACE", "orrery"),
                         "examples/relations/repo/packages")
TABLE = os.path.join(os.environ.get("ORRERY_TEST_DATA", ""),
                     "universe-dependencies.tsv")
# Kinds of resolver.md §5.7 that no relations.json has: package.json says it, or
# nothing can be required.
ELSEWHERE = ("manager", "external")
# Names of the table for what is a fact.
FACTS = {"DC/OS": ("@dcos", "@edition", "@security", "@feature:"),
         "Enterprise": ("@edition",)}
# Their option is a text with more in it than an output can fill.
UNBOUND = {("logstash", "elasticsearch"),
           ("gestalt-framework", "marathon-lb")}


def alternatives(requirement):
    return requirement.get("anyOf", [requirement])


def requirements(document):
    yield from document.get("requires", [])
    for feature in document.get("features", {}).values():
        yield from feature.get("requires", [])


def named(document):
    """Packages, capabilities and facts that it requires or bounds."""
    targets = [t for r in requirements(document) for t in
               alternatives(r) + r.get("when", [])]
    targets += document.get("bounds", []) + document.get("conflicts", [])
    names = {t[k] for t in targets for k in ("package", "capability", "fact")
             if k in t}
    return names | set(document.get("platform", {}))


@unittest.skipUnless(os.path.isfile(TABLE), "ORRERY_TEST_DATA has no table")
class RelationsTableTest(unittest.TestCase):

    def setUp(self):
        self.documents = {}
        for path in glob.glob(RELATIONS + "/*/*/*/relations.json"):
            package = path.split(os.sep)[-3]
            with open(path, encoding="utf-8") as file:
                self.documents.setdefault(package, []).append(json.load(file))
        with open(TABLE, encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file, delimiter="\t",
                                            quoting=csv.QUOTE_NONE))

    def names_of(self, package):
        documents = self.documents.get(package, [])
        return set().union(*[named(document) for document in documents])

    def wanted(self, row):
        """What a row names, without what stands in brackets."""
        text = re.sub(r"\(.*?\)", "", row["requires"])
        if text.startswith("DC/OS"):
            return []
        return re.findall(r"(?<![a-z0-9-])[a-z][a-z0-9-]+", text)

    def test_every_row_is_there(self):
        missing = []
        checked = 0
        for row in self.rows:
            if row["kind"].split()[0].rstrip(",") in ELSEWHERE:
                continue
            checked += 1
            have = self.names_of(row["package"])
            for name in self.wanted(row):
                if name not in have:
                    missing.append((row["package"], name))
            for word, facts in FACTS.items():
                if row["requires"].startswith(word) and not any(
                        name.startswith(facts) for name in have):
                    missing.append((row["package"], word))
        self.assertEqual(missing, [])
        self.assertGreater(checked, 130)

    def test_alternatives_are_in_one_requirement(self):
        checked = 0
        for row in self.rows:
            if "anyof" not in row["kind"]:
                continue
            wanted = set(self.wanted(row))
            self.assertGreater(len(wanted), 1, row)
            checked += 1
            together = [
                {a.get("package") for a in alternatives(requirement)}
                for document in self.documents[row["package"]]
                for requirement in requirements(document)]
            self.assertTrue(any(wanted <= names for names in together),
                            "%s: %s" % (row["package"], wanted))
        self.assertGreater(checked, 5)

    def test_default_is_a_binding_unless_the_option_is_given(self):
        unfit = []
        checked = 0
        for row in self.rows:
            if row["kind"].split()[0].rstrip(",") != "default":
                continue
            for name in self.wanted(row):
                checked += 1
                shapes = [
                    (bool(alternative.get("bind")),
                     any(c.get("set") is False
                         for c in requirement.get("when", [])))
                    for document in self.documents[row["package"]]
                    for requirement in requirements(document)
                    for alternative in alternatives(requirement)
                    if alternative.get("package") == name]
                pair = (row["package"], name)
                if (pair not in UNBOUND, True) not in shapes:
                    unfit.append((pair, shapes))
        self.assertEqual(unfit, [])
        self.assertGreater(checked, 15)


if __name__ == "__main__":
    unittest.main()
