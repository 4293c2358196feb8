"""Counts what a test run did, case by case, and prints the closing line.

Reads Bazel's build events, the test.xml of every test they name and the report
of repository_checks.py. A configured test without a summary counts as failed.
"""

import argparse
import json
import os
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def local_path(uri):
    return urllib.parse.unquote(urllib.parse.urlparse(uri).path)


def case_outcomes(path, whole_passed):
    """The (outcome, name, reason) of each case of a test.xml."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return []
    outcomes = []
    for case in root.iter("testcase"):
        name = "%s.%s" % (case.get("classname", ""), case.get("name", ""))
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcomes.append((FAILED, name, ""))
        elif skipped is not None or case.get("result") == "skipped":
            reason = "" if skipped is None else (
                skipped.get("message") or skipped.text or "")
            outcomes.append((SKIPPED, name, reason.strip()))
        else:
            outcomes.append((PASSED, name, ""))
    if not whole_passed and all(o[0] != FAILED for o in outcomes):
        # A crash or a time-out: the cases that ran tell only half of it.
        outcomes.append((FAILED, "the test as a whole", ""))
    return outcomes


def read_events(path):
    """Configured test labels, and per label its status and test.xml files."""
    configured, results = set(), {}
    with open(path, encoding="utf-8") as events:
        for line in events:
            event = json.loads(line)
            ident = event.get("id", {})
            if "targetConfigured" in ident and \
                    event.get("configured", {}).get("testSize"):
                configured.add(ident["targetConfigured"]["label"])
            if "testSummary" in ident:
                label = ident["testSummary"]["label"]
                results.setdefault(label, {})["status"] = \
                    event["testSummary"]["overallStatus"]
            if "testResult" in ident:
                label = ident["testResult"]["label"]
                for output in event["testResult"].get("testActionOutput", []):
                    if output["name"] == "test.xml":
                        results.setdefault(label, {}).setdefault(
                            "xml", []).append(local_path(output["uri"]))
    return configured, results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", required=True)
    parser.add_argument("--checks", required=True)
    parser.add_argument("--bazel-status", type=int, required=True)
    arguments = parser.parse_args()

    outcomes = [("repository checks", o)
                for o in case_outcomes(arguments.checks, True)]
    configured, results = set(), {}
    if os.path.exists(arguments.events):
        configured, results = read_events(arguments.events)
    for label in sorted(configured | set(results)):
        result = results.get(label, {})
        passed = result.get("status") in ("PASSED", "FLAKY")
        cases = []
        # A test that was tried again has one test.xml a try; the last counts.
        for path in result.get("xml", [])[-1:]:
            cases = case_outcomes(path, passed)
        if not cases:
            cases = [(PASSED if passed else FAILED, "the test as a whole", "")]
        outcomes += [(label, case) for case in cases]

    counts = {PASSED: 0, FAILED: 0, SKIPPED: 0}
    for label, (outcome, name, reason) in outcomes:
        counts[outcome] += 1
        if outcome == FAILED:
            print("failed: %s %s" % (label, name))
        if outcome == SKIPPED:
            print("skipped: %s %s: %s" % (label, name, reason))
    # What did not build has no test of its own to count.
    if arguments.bazel_status not in (0, 3, 4) and counts[FAILED] == 0:
        print("failed: bazel ended with %d" % arguments.bazel_status)
        counts[FAILED] += 1
    print("%d passed, %d failed, %d skipped" % (
        counts[PASSED], counts[FAILED], counts[SKIPPED]))
    return 1 if counts[FAILED] or arguments.bazel_status else 0


if __name__ == "__main__":
    sys.exit(main())
