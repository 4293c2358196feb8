"""Checks of the repository as a whole: directions, format, header guards.

Each is a case of the report that count_results.py reads.
"""

import argparse
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

# (from, to, rooms or targets of `to` that are open to `from`):
# docs/ARCHITECTURE.md.
FORBIDDEN = [
    ("resolver", "registry", ()),
    ("resolver", "signing", ()),
    ("resolver", "catalog", ()),
    ("resolver", "server", ()),
    ("resolver", "cli-plugin", ()),
    ("signing", "registry", ()),
    ("signing", "resolver", ()),
    ("signing", "catalog", ()),
    ("signing", "server", ()),
    ("signing", "cli-plugin", ()),
    ("registry", "catalog", ()),
    ("registry", "server", ()),
    ("registry", "cli-plugin", ()),
    ("catalog", "server", ()),
    ("catalog", "cli-plugin", ()),
    ("server", "cli-plugin", ()),
    ("cli-plugin", "server", ()),
    ("cli-plugin", "registry",
     ("v1", "format", "judge", "status:error_details", "index:snapshot",
      "index:snapshot_reader", "index:release_relations")),
    ("cli-plugin", "catalog",
     ("v1", "options", "verify", "resolution", "rendering", "manifest")),
]


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


def tracked_files(*patterns):
    listing = run(["git", "ls-files", "--cached", "--others",
                   "--exclude-standard", "--", *patterns])
    return [f for f in listing.stdout.splitlines() if os.path.exists(f)]


def check_direction(source, target, rooms):
    """Nothing when no path leads from `source` to the closed part of `target`."""
    closed = "//%s/..." % target
    for room in rooms:
        if ":" in room:
            closed += " except //%s/%s" % (target, room)
            continue
        # A room that is planned but not there yet has nothing to leave out.
        if not os.path.exists("%s/%s/BUILD.bazel" % (target, room)):
            continue
        closed += " except //%s/%s/..." % (target, room)
    query = "somepath(//%s/..., %s)" % (source, closed)
    result = run(["bazel", "query", "--noshow_progress",
                  "--ui_event_filters=-info", query])
    if result.returncode != 0:
        return result.stderr
    if result.stdout.strip():
        return "a forbidden path:\n" + result.stdout
    return None


def check_format():
    files = tracked_files("*.h", "*.cc", "*.proto")
    result = run(["clang-format-14", "--dry-run", "--Werror", *files])
    return result.stderr if result.returncode else None


def check_header_guards():
    wrong = []
    for path in tracked_files("*.h"):
        guard = re.sub(r"[^A-Za-z0-9]", "_", path).upper() + "_"
        with open(path, encoding="utf-8") as header:
            text = header.read()
        if "#ifndef %s\n#define %s\n" % (guard, guard) not in text:
            wrong.append("%s: the guard must be %s" % (path, guard))
    return "\n".join(wrong) or None


def check_files_end_in_newline():
    wrong = []
    for path in tracked_files("*.h", "*.cc", "*.proto", "*.bazel", "*.bzl",
                              "*.py", "*.md", "*.txt"):
        with open(path, "rb") as file:
            text = file.read()
        if text and not text.endswith(b"\n") or b"\t" in text or \
                re.search(rb"[ \t]\n", text):
            wrong.append(path + ": tab, trailing space or no final newline")
    return "\n".join(wrong) or None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()

    checks = [("direction", "%s_does_not_reach_%s" % (source, target),
               lambda s=source, t=target, r=rooms: check_direction(s, t, r))
              for source, target, rooms in FORBIDDEN]
    checks += [
        ("format", "clang_format", check_format),
        ("format", "header_guards", check_header_guards),
        ("format", "text_files", check_files_end_in_newline),
    ]
    report = ElementTree.Element("testsuite", name="repository_checks")
    failed = False
    for group, name, check in checks:
        case = ElementTree.SubElement(report, "testcase", classname=group,
                                      name=name)
        fault = check()
        if fault:
            failed = True
            ElementTree.SubElement(case, "failure").text = fault
            print("%s.%s failed:\n%s" % (group, name, fault), file=sys.stderr)
    ElementTree.ElementTree(report).write(arguments.output)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
