#!/usr/bin/python3
"""Writes a synthetic Universe as a bare git repository.

  synthetic_registry.py --packages 100000 --releases 10 REPOSITORY

The same arguments give the same objects. Names are made of words, a few of
which are in most of them; tags and descriptions use a vocabulary whose
frequencies fall off as those of a language do. Configuration and template of a
package change with every fifth release, its package.json with each one.
Branch `main` holds everything; `changed-N` (one for each --change N) is one
commit on top of it, which edits N releases that are spread evenly.
"""

import argparse
import json
import os
import random
import subprocess
import sys

SEED = 20141112
SYLLABLES = ("ka fka sto rm lo gi cas san dra mon go re dis ela sti co uch ba "
             "se ze ppe lin spa rk fli nk hi ve pre sto dru id ni fi ku ber ne "
             "tes con sul va ult tra fik ngi nx ha pro xy gra fa na pro me the "
             "us inf lux te le graf jen kins git lab ne xus arti fac tory do "
             "cker etcd zoo kee per ma ra thon chro nos aur ora sin gu la rity "
             "ten sor flow py tor ch ju py ter my sql post gres ma ria per co "
             "na ce ph min io qu by te al lux io").split()
NAME_WORDS = ("beta enterprise server client manager proxy admin cluster agent "
              "operator node lb cli ui api db store queue stream gateway "
              "exporter monitor backup scheduler worker").split()
TEXT_WORDS = ("a the of and for is service distributed data open source high "
              "performance scalable cluster database stream processing engine "
              "platform real time management system storage file search "
              "analytics monitoring metrics logging messaging broker queue "
              "cache key value document graph relational highly available "
              "fault tolerant fast simple secure load balancer proxy container "
              "deployment continuous integration machine learning workflow "
              "scheduler backup replication consensus configuration discovery "
              "web interface enterprise edition community").split()


class Vocabulary:
    """Words by falling frequency: the first is drawn most often."""

    def __init__(self, rng, first, size):
        words = list(first)
        seen = set(words)
        while len(words) < size:
            word = "".join(rng.choice(SYLLABLES)
                           for _ in range(rng.randint(2, 3)))
            if word not in seen:
                seen.add(word)
                words.append(word)
        self.words = words
        self.weights = []
        total = 0.0
        for rank in range(1, size + 1):
            total += 1.0 / (rank + 2)
            self.weights.append(total)

    def draw(self, rng, count):
        return rng.choices(self.words, cum_weights=self.weights, k=count)


def package_names(rng, count):
    stems = Vocabulary(rng, [], 4000)
    names = set()
    while len(names) < count:
        parts = stems.draw(rng, 1)
        if rng.random() < 0.55:
            parts.append(rng.choice(NAME_WORDS))
        if rng.random() < 0.35:
            parts.extend(stems.draw(rng, 1))
        name = "-".join(parts)
        if name in names:
            name = f"{name}{rng.randint(2, 99)}"
        if len(name) <= 40:
            names.add(name)
    return sorted(names)


def config(name, generation):
    return json.dumps({
        "type": "object",
        "properties": {"service": {
            "type": "object",
            "description": f"How {name} runs, generation {generation}.",
            "properties": {
                "name": {"type": "string", "default": name},
                "count": {"type": "integer", "default": 1, "minimum": 0},
                "cpus": {"type": "number", "default": 0.5},
                "mem": {"type": "integer", "default": 512, "minimum": 32},
            },
            "required": ["name"]}}}, indent=2) + "\n"


TEMPLATE = """{
  "id": "{{service.name}}",
  "cmd": "exec ./%s --generation %d",
  "instances": {{service.count}},
  "cpus": {{service.cpus}},
  "mem": {{service.mem}}
}
"""


class Universe:
    def __init__(self, packages, releases):
        rng = random.Random(SEED)
        self.releases = releases
        self.text = Vocabulary(rng, TEXT_WORDS, 8000)
        self.tags = Vocabulary(rng, TEXT_WORDS[6:], 1500)
        self.names = package_names(rng, packages)

    def package(self, name):
        """The package.json of all releases of a package, but for two marks."""
        rng = random.Random(f"{SEED}/{name}")
        return json.dumps({
            "packagingVersion": "4.0",
            "name": name,
            "version": "@version@",
            "maintainer": f"{rng.choice(self.text.words[:400])}@example.org",
            "description": " ".join(
                self.text.draw(rng, rng.randint(6, 40))).capitalize() + ".",
            "tags": sorted(set(self.tags.draw(rng, rng.randint(1, 6)))),
            "selected": rng.random() < 0.02,
            "framework": rng.random() < 0.3,
            "upgradesFrom": ["*"],
            "lastUpdated": "@time@",
        }, indent=1) + "\n"

    @staticmethod
    def path(name, release):
        return f"repo/packages/{name[0].upper()}/{name}/{release}"


def package_json(document, release, edition=0):
    time = 1500000000 + 86400 * release + edition
    return (document.replace("@version@", f"1.{release}.{edition}")
            .replace('"@time@"', str(time)))


class FastImport:
    def __init__(self, repository):
        self.process = subprocess.Popen(
            ["git", "-C", repository, "fast-import", "--quiet", "--depth=0",
             "--done"], stdin=subprocess.PIPE)
        self.out = self.process.stdin
        self.marks = 0

    def blob(self, text):
        self.marks += 1
        data = text.encode()
        self.out.write(b"blob\nmark :%d\ndata %d\n%s\n"
                       % (self.marks, len(data), data))
        return self.marks

    def commit(self, branch, message, time, parent, files):
        self.marks += 1
        self.out.write((f"commit refs/heads/{branch}\nmark :{self.marks}\n"
                        f"committer Perf <perf@example.org> {time} +0000\n"
                        f"data {len(message)}\n{message}\n").encode())
        if parent:
            self.out.write(f"from :{parent}\n".encode())
        for path, mark in files:
            self.out.write(f"M 100644 :{mark} {path}\n".encode())
        return self.marks

    def finish(self):
        self.out.write(b"done\n")
        self.out.close()
        if self.process.wait() != 0:
            sys.exit("git fast-import failed")


def write_packages(universe, importer):
    for name in universe.names:
        document = universe.package(name)
        for release in range(universe.releases):
            path = universe.path(name, release)
            if release % 5 == 0:
                generation = release // 5
                fixed = (importer.blob(config(name, generation)),
                         importer.blob(TEMPLATE % (name, generation)))
            mark = importer.blob(package_json(document, release))
            yield f"{path}/package.json", mark
            yield f"{path}/config.json", fixed[0]
            yield f"{path}/marathon.json.mustache", fixed[1]


def write_change(universe, importer, count):
    total = len(universe.names) * universe.releases
    for i in range(count):
        place = i * total // count
        name = universe.names[place // universe.releases]
        release = place % universe.releases
        text = package_json(universe.package(name), release, edition=count)
        yield (f"{universe.path(name, release)}/package.json",
               importer.blob(text))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository")
    parser.add_argument("--packages", type=int, default=100000)
    parser.add_argument("--releases", type=int, default=10)
    parser.add_argument("--change", type=int, nargs="*", default=[1, 1000])
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main",
                    arguments.repository], check=True)
    universe = Universe(arguments.packages, arguments.releases)
    importer = FastImport(arguments.repository)
    # A commit names marks of blobs before it.
    tip = importer.commit("main", "synthetic registry", 1500000000, None,
                          list(write_packages(universe, importer)))
    for count in arguments.change:
        importer.commit(f"changed-{count}", f"edit {count} releases",
                        1600000000, tip,
                        list(write_change(universe, importer, count)))
    importer.finish()
    with open(os.path.join(arguments.repository, "names.txt"), "w",
              encoding="ascii") as names:
        names.write("\n".join(universe.names) + "\n")


if __name__ == "__main__":
    main()
