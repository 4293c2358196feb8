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

from tests.e2e.tlog_tree import tile_name, tree_root

ZERO = "sha256:" + "0" * 64
COMMIT = "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68"

# Ed25519 keys of low order, by their 32 bytes (§7.4).
WEAK_KEYS = """
0100000000000000000000000000000000000000000000000000000000000000
0100000000000000000000000000000000000000000000000000000000000080
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
0000000000000000000000000000000000000000000000000000000000000000
0000000000000000000000000000000000000000000000000000000000000080
26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05
26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85
c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a
c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa
eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
""".split()


def sha256(data):
    return hashlib.sha256(data).digest()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


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


def ssh_string(data):
    """As SSH writes one."""
    return struct.pack(">I", len(data)) + data


def armor(blob):
    """As a leaf has it."""
    text = base64.b64encode(blob).decode()
    lines = [text[i:i + 70] for i in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines,
                      "-----END SSH SIGNATURE-----"]) + "\n"


def blob_of(text):
    """The bytes of an SSHSIG in an armor."""
    return base64.b64decode("".join(text.split("\n")[1:-2]))


class SshKey:
    """A maintainer's key, on a disk or, with touch, in a token."""

    def __init__(self, seed=None, is_token=False):
        self.private = ed25519.Ed25519PrivateKey.from_private_bytes(
            seed or os.urandom(32))
        self.is_token = is_token
        self.type = b"sk-ssh-ed25519@openssh.com" if is_token \
            else b"ssh-ed25519"
        public = self.private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.blob = ssh_string(self.type) + ssh_string(public)
        if is_token:
            self.blob += ssh_string(b"ssh:")

    def line(self):
        return "%s %s" % (self.type.decode(),
                          base64.b64encode(self.blob).decode())

    def fingerprint(self):
        return "SHA256:" + base64.b64encode(
            sha256(self.blob)).decode().rstrip("=")

    def _signature(self, signed, flags):
        if not self.is_token:
            return ssh_string(self.type) + ssh_string(
                self.private.sign(signed))
        tail = struct.pack(">BI", flags, 7)
        return ssh_string(self.type) + ssh_string(self.private.sign(
            sha256(b"ssh:") + tail + sha256(signed))) + tail

    def sign(self, message, namespace, algorithm="sha512", flags=1,
             signature=None):
        """The armor."""
        name = ssh_string(namespace.encode()) + ssh_string(b"") + ssh_string(
            algorithm.encode())
        signed = b"SSHSIG" + name + ssh_string(
            hashlib.new(algorithm, message).digest())
        return armor(
            b"SSHSIG" + struct.pack(">I", 1) + ssh_string(self.blob) + name +
            ssh_string(signature or self._signature(signed, flags)))


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
        self.evidence = "observed"


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

    # Records of maintainers: `by` are (key, armor) of those who sign, or keys.

    def maintained(self, kind, package, lines, by, void=None, head=None,
                   origin=None):
        """Appends a record; its statement's digest."""
        seq, prev = 0, ZERO
        for index, leaf in enumerate(self.leaves):
            text = leaf.split(b"\n\n", 1)[0].decode("latin-1") + "\n"
            if index not in self.void and any(
                    "\nkind %s\n" % one in text
                    for one in ("keyset", "release", "yank")) and \
                    "\npackage %s\n" % package in text:
                seq, prev = seq + 1, digest_of(text.encode("latin-1"))
        statement = "\n".join([
            "orrery/record/v1", "kind " + kind,
            "log " + (origin or self.origin), "package " + package,
            *(head or ["seq %d" % (seq + 1), "prev " + prev]), *lines]) + "\n"
        armors = sorted(
            (sha256(key.blob), armor) for key, armor in
            [one(statement.encode()) if callable(one) else
             (one, one.sign(statement.encode(), kind + "@orrery"))
             for one in by])
        self.append_leaf(statement.encode() + b"\n" + "".join(
            armor for _, armor in armors).encode(), void)
        return digest_of(statement.encode())

    def keyset(self, package, number, signers, by, thresholds=(2, 1, 1),
               mode="immutable", repository="universe", **options):
        """`signers`: principal → key, or (key, namespaces)."""
        lines = []
        for principal, key in signers.items():
            key, names = key if isinstance(key, tuple) else (
                key, "keyset@orrery,release@orrery,yank@orrery")
            line = key if isinstance(key, str) else key.line()
            lines.append('signer %s namespaces="%s" %s' % (principal, names,
                                                           line))
        return self.maintained("keyset", package, [
            "keyset %d" % number, *(
                "threshold %s %d" % pair for pair in
                zip(("keyset", "release", "yank"), thresholds)),
            "mode " + mode, *sorted(lines),
            "repo https://git.example/%s.git refs/heads/main" % repository,
            "gate none"], by, **options)

    def keyset_line(self, package):
        """Of the keyset in force."""
        found = ""
        for index, leaf in enumerate(self.leaves):
            statement = leaf.split(b"\n\n", 1)[0] + b"\n"
            if index not in self.void and b"\nkind keyset\n" in statement \
                    and b"\npackage %s\n" % package.encode() in statement:
                number = statement.split(b"\nkeyset ")[1].split(b"\n")[0]
                found = "keyset %s %s" % (number.decode(),
                                          digest_of(statement))
        return found

    def released(self, package, release, files, by, keyset=None, void=None,
                 head=None, origin=None, **content):
        return self.maintained("release", package, [
            keyset or self.keyset_line(package),
            *self.content(package, release, files, **content)], by, void, head,
            origin)

    def yank(self, package, release, by, revision="all", reason="loses data"):
        return self.maintained("yank", package, [
            self.keyset_line(package), "release %d" % release,
            "revision %s" % revision, "reason " + reason], by)

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
            lines += ["m %s %d %s %s" % entry
                      for entry in package["maintainers"]]
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
                    if (number, r) in package["yanked"]:
                        state = "yanked"
                    lines.append("release %s %d %d %s %s %s %s" % (
                        source, number, r, revision.evidence, state,
                        revision.tree, revision.version))
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
    if kind not in ("keyset", "release", "yank", "observed", "withdrawn",
                    "restored"):
        return
    package = packages.setdefault(fields["package"], {
        "chain": [], "releases": {}, "yanked": set(), "maintainers": []})
    if kind in ("keyset", "release", "yank"):
        _take_maintained(sources, package, kind, fields, lines)
        package["maintainers"].append((fields["seq"], index, kind,
                                       digest_of(statement)))
        return
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


def _take_maintained(sources, package, kind, fields, lines):
    if kind == "keyset":
        package["home"] = next(name for name, source in sources.items()
                               if source["git"] == fields["repo"] + " .")
        return
    release = package["releases"].setdefault(
        (package["home"], int(fields["release"])),
        {"revisions": [], "left": False})
    revisions = release["revisions"]
    if kind == "yank":
        package["yanked"] |= {(int(fields["release"]), r) for r in range(
            1, len(revisions) + 1) if fields["revision"] in ("all", str(r))}
        return
    if int(fields["revision"]) > len(revisions):
        revisions.append(Revision(
            fields["tree"], fields["version"],
            [value for word, value in lines if word == "requires"]))
    revisions[int(fields["revision"]) - 1].evidence = "sshsig"


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
