"""Logs as anybody can make them who has the keys: records, catalog, tiles,
checkpoints, served as files. Knows the specification alone (trust.md)."""

import base64
import hashlib
import io
import os
import struct
import tarfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

ZERO = "sha256:" + "0" * 64
COMMIT = "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68"


def sha256(data):
    return hashlib.sha256(data).digest()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tree_root(hashes):
    """Of RFC 6962."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\1" + tree_root(hashes[:half]) + tree_root(hashes[half:]))


def tile_name(number, width=256):
    name = "%03d" % (number % 1000)
    while number >= 1000:
        number //= 1000
        name = "x%03d/%s" % (number % 1000, name)
    return name if width == 256 else "%s.p/%d" % (name, width)


class Key:
    """A key of signed notes."""

    def __init__(self, name, kind, seed):
        self.name = name
        self.private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        self.material = bytes([kind]) + self.private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.id = sha256(name.encode() + b"\n" + self.material)[:4]

    @classmethod
    def make(cls, name, kind):
        return cls(name, kind, os.urandom(32))

    @classmethod
    def load(cls, path):
        """As a registry keeps it."""
        with open(path, encoding="ascii") as file:
            name, _, material = file.read().strip().split("+", 4)[2:]
        material = base64.b64decode(material)
        return cls(name, material[0], material[1:])

    def vkey(self):
        return "%s+%s+%s" % (self.name, self.id.hex(),
                             base64.b64encode(self.material).decode())

    def line(self, signature):
        return "\u2014 %s %s\n" % (
            self.name, base64.b64encode(self.id + signature).decode())

    def sign(self, text):
        return self.line(self.private.sign(text.encode()))

    def cosign(self, text, time):
        message = "cosignature/v1\ntime %d\n%s" % (time, text)
        return self.line(struct.pack(">Q", time) +
                         self.private.sign(message.encode()))


def tree_hash(package, release, files):
    lines = sorted((path, data) for path, data in files.items())
    text = "".join("%s  %s@%d/%s\n" % (hashlib.sha256(data).hexdigest(),
                                       package, release, path)
                   for path, data in lines)
    return "h1:" + base64.b64encode(sha256(text.encode())).decode()


class Revision:
    def __init__(self, tree, version, requires):
        self.tree = tree
        self.version = version
        self.requires = requires


class Forge:
    """A log that grows by whatever it is given, right or wrong."""

    def __init__(self, origin, log_key, cosigners, leaves=(), blobs=None):
        self.origin = origin
        self.log_key = log_key
        self.cosigners = list(cosigners)
        self.leaves = list(leaves)
        self.blobs = dict(blobs or {})
        # Leaf index → code of what breaks a rule.
        self.void = {}

    def copy(self):
        other = Forge(self.origin, self.log_key, self.cosigners, self.leaves,
                      self.blobs)
        other.void = dict(self.void)
        return other

    # Records.

    def chain(self, *head):
        """seq and prev of the next record whose statement has these lines."""
        seq, prev = 0, ZERO
        for index, leaf in enumerate(self.leaves):
            statement = leaf.split(b"\n\n", 1)[0] + b"\n"
            lines = statement.decode("latin-1").split("\n")
            if index not in self.void and all(line in lines for line in head):
                if not any(line.startswith("seq ") for line in lines):
                    continue
                seq += 1
                prev = digest_of(statement)
        return ["seq %d" % (seq + 1), "prev " + prev]

    def statement(self, kind, *lines):
        return "\n".join(["orrery/record/v1", "kind " + kind,
                          "log " + self.origin, *lines]) + "\n"

    def append(self, statement, void=None):
        if isinstance(statement, str):
            statement = statement.encode("latin-1")
        return self.append_leaf(statement + b"\n", void)

    def append_leaf(self, leaf, void=None):
        if void:
            self.void[len(self.leaves)] = void
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def source(self, name, mode="mutable", priority=100, admit="observed",
               role="base", void=None):
        return self.append(self.statement(
            "source", "source " + name,
            *self.chain("kind source", "source " + name),
            "git https://git.example/%s.git refs/heads/main ." % name,
            "layout universe", "role " + role, "priority %d" % priority,
            "mode " + mode, "admit " + admit), void)

    def source_line(self, name):
        found = None
        for index, leaf in enumerate(self.leaves):
            if index in self.void:
                continue
            if leaf.startswith(self.statement(
                    "source", "source " + name).encode()):
                found = leaf.split(b"\n\n", 1)[0] + b"\n"
        return "source %s %s" % (name, digest_of(found or b""))

    def in_chain(self, kind, source, package, *lines, head=None):
        chain = head
        if chain is None:
            chain = ["seq 1", "prev " + ZERO]
            seq = 0
            for index, leaf in enumerate(self.leaves):
                text = leaf.split(b"\n\n", 1)[0].decode("latin-1") + "\n"
                if index in self.void or "\npackage %s\n" % package not in \
                        text or "\nsource %s sha256:" % source not in text:
                    continue
                seq += 1
                chain = ["seq %d" % (seq + 1),
                         "prev " + digest_of(text.encode("latin-1"))]
        return self.statement(kind, "package " + package, *chain,
                              self.source_line(source), "commit " + COMMIT,
                              *lines)

    def content(self, package, release, files, revision=1, replaces=None,
                version="1.0.0", requires=(), tree=None):
        lines = ["release %d" % release, "revision %d" % revision]
        if replaces:
            lines.append("replaces " + replaces)
        lines += ["version " + version,
                  "tree " + (tree or tree_hash(package, release, files))]
        for path in sorted(files):
            lines.append("file %s %d %s" % (digest_of(files[path]),
                                            len(files[path]), path))
            self.blobs[digest_of(files[path])] = files[path]
        return lines + ["requires " + text for text in requires]

    def observed(self, source, package, release, files, void=None, head=None,
                 **content):
        return self.append(self.in_chain(
            "observed", source, package,
            *self.content(package, release, files, **content), head=head),
            void)

    def presence(self, kind, source, package, release, revision, tree,
                 void=None):
        return self.append(self.in_chain(
            kind, source, package, "release %d" % release,
            "revision %d" % revision, "tree " + tree), void)

    def index(self, time, catalog=None, size=None, void=None):
        text = self.catalog() if catalog is None else catalog
        self.blobs["catalog " + hashlib.sha256(text).hexdigest()] = text
        return self.append(self.statement(
            "index", "size %d" % (len(self.leaves) if size is None else size),
            "time %d" % time, "catalog %s %d" % (digest_of(text), len(text))),
            void)

    # The catalog of all leaves, a function of them and of what is void.

    def catalog(self):
        sources, packages = {}, {}
        for index, leaf in enumerate(self.leaves):
            if index not in self.void:
                _take(sources, packages, index, leaf)
        lines = ["orrery/catalog/v1", "log " + self.origin,
                 "size %d" % len(self.leaves)]
        lines += ["void %d %s" % item for item in sorted(self.void.items())]
        for name, source in sorted(sources.items()):
            lines.append("source %s %d %d %s %s %s %s %s" % (
                name, source["seq"], source["leaf"],
                source["role"].replace("overlay ", "overlay:"),
                source["priority"], source["mode"], source["admit"],
                source["statement"]))
        for name, package in sorted(packages.items()):
            lines.append("package " + name)
            lines += ["r %s %s %d %s %s" % entry for entry in
                      sorted(package["chain"], key=lambda e: (e[0],
                                                              int(e[1])))]
            for (source, number), release in sorted(
                    package["releases"].items()):
                retired = sources[source]["admit"] == "none"
                last = len(release["revisions"])
                for r, revision in enumerate(release["revisions"], 1):
                    state = "superseded" if r < last else "current"
                    if retired or (r == last and release["left"]):
                        state = "withdrawn"
                    lines.append("release %s %d %d observed %s %s %s" % (
                        source, number, r, state, revision.tree,
                        revision.version))
                    lines += ["requires " + text
                              for text in revision.requires]
        return ("\n".join(lines) + "\n").encode()

    # What is served.

    def hashes(self):
        return [sha256(b"\0" + leaf) for leaf in self.leaves]

    def text(self, size=None):
        size = len(self.leaves) if size is None else size
        root = base64.b64encode(tree_root(self.hashes()[:size])).decode()
        return "%s\n%d\n%s\n" % (self.origin, size, root)

    def checkpoint(self, time, size=None, text=None):
        text = text or self.text(size)
        return (text + "\n" + self.log_key.sign(text) + "".join(
            key.cosign(text, time) for key in self.cosigners)).encode()

    def files(self, time):
        """Path → bytes of a whole mirror."""
        files = {"log/checkpoint": self.checkpoint(time)}
        level, hashes = 0, self.hashes()
        for number in range((len(hashes) + 255) // 256):
            part = self.leaves[number * 256:number * 256 + 256]
            files["log/tile/entries/" + tile_name(number, len(part))] = \
                b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in part)
        while hashes:
            for number in range((len(hashes) + 255) // 256):
                part = hashes[number * 256:number * 256 + 256]
                files["log/tile/%d/%s" % (
                    level, tile_name(number, len(part)))] = b"".join(part)
            hashes = [tree_root(hashes[i * 256:i * 256 + 256])
                      for i in range(len(hashes) // 256)]
            level += 1
        for leaf, leaf_hash in zip(self.leaves, self.hashes()):
            files["leaf/" + leaf_hash.hex()] = leaf
        for name, data in self.blobs.items():
            if name.startswith("catalog "):
                files["catalog/" + name[8:]] = data
            else:
                files["blob/sha256/%s/%s" % (name[7:9], name[9:])] = data
        return files


def _take(sources, packages, index, leaf):
    """The effect of a leaf that breaks no rule."""
    statement = leaf.split(b"\n\n", 1)[0] + b"\n"
    lines = [line.split(" ", 1) for line in
             statement.decode().rstrip("\n").split("\n")[1:]]
    fields = {}
    for word, value in lines:
        fields.setdefault(word, value)
    kind = fields["kind"]
    if kind == "source":
        sources[fields["source"]] = {
            **fields, "leaf": index, "seq": int(fields["seq"]),
            "statement": digest_of(statement)}
        return
    if kind not in ("observed", "withdrawn", "restored"):
        return
    package = packages.setdefault(fields["package"],
                                  {"chain": [], "releases": {}})
    source = fields["source"].split(" ")[0]
    package["chain"].append((source, fields["seq"], index, kind,
                             digest_of(statement)))
    release = package["releases"].setdefault(
        (source, int(fields["release"])), {"revisions": [], "left": False})
    release["left"] = kind == "withdrawn"
    if kind == "observed":
        release["revisions"].append(Revision(
            fields["tree"], fields["version"],
            [value for word, value in lines if word == "requires"]))


def manifest_of(files):
    """The list of a bundle (§18)."""
    return "".join("%s  %s\n" % (hashlib.sha256(files[path]).hexdigest(), path)
                   for path in sorted(files)).encode()


def member(path, data=b"", **fields):
    """A member of a tar archive: header and bytes."""
    info = tarfile.TarInfo(path)
    info.size = len(data)
    for name, value in fields.items():
        setattr(info, name, value)
    body = data + bytes(-len(data) % 512)
    return info.tobuf(tarfile.USTAR_FORMAT) + body


def bundle_of(files, manifest=None):
    """A bundle as the specification has it, by Python's tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w",
                      format=tarfile.USTAR_FORMAT) as tar:
        listed = manifest if manifest is not None else manifest_of(files)
        for path, data in [("bundle.manifest", listed),
                           *sorted(files.items())]:
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def write_files(folder, files):
    """A mirror on the disk."""
    for path, data in files.items():
        whole = os.path.join(folder, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as file:
            file.write(data)
    return folder
