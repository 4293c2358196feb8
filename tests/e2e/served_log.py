"""The log that a server serves, verified by what its specification says."""

import base64
import hashlib
import os
import re
import struct
import subprocess
import tempfile

from tests.e2e.tlog_tree import tile_name, tree_root


def verify_ed25519(key, message, signature):
    """By openssl."""
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for name, text in (("key", bytes.fromhex("302a300506032b6570032100") +
                            key), ("message", message), ("signature",
                                                         signature)):
            names[name] = os.path.join(folder, name)
            with open(names[name], "wb") as file:
                file.write(text)
        subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER",
             "-inkey", names["key"], "-rawin", "-in", names["message"],
             "-sigfile", names["signature"]], check=True,
            stdout=subprocess.DEVNULL)


class Log:
    """The verified log of a server."""

    def __init__(self, server):
        self.server = server
        note = self.get("/log/checkpoint").decode()
        text, lines = note.rsplit("\n\n", 1)
        self.text = text + "\n"
        self.origin, size, root = text.split("\n")
        self.size = int(size)
        self.signatures = [line.split(" ") for line in lines.splitlines()]
        self.check_signatures()
        self.leaves = self.read_leaves()
        hashes = [hashlib.sha256(b"\0" + leaf).digest()
                  for leaf in self.leaves]
        assert tree_root(hashes) == base64.b64decode(root)
        self.check_tiles(hashes)
        index = re.fullmatch(
            "orrery/record/v1\nkind index\nlog %s\nsize %d\ntime [0-9]+\n"
            "catalog sha256:([0-9a-f]{64}) ([0-9]+)\n\n" %
            (re.escape(self.origin), self.size - 1),
            self.leaves[-1].decode())
        self.catalog = self.get("/catalog/" + index[1])
        assert hashlib.sha256(self.catalog).hexdigest() == index[1]
        assert len(self.catalog) == int(index[2])

    def get(self, path):
        response = self.server.get(path)
        assert response.status == 200, (path, response.status)
        return response.data

    def check_signatures(self):
        policy = self.get("/v1/trust/tlog-policy").decode().split("\n")
        log = policy[0].split(" ")[1]
        witness = policy[1].split(" ")[2]
        for place, vkey in enumerate((log, witness)):
            name, _, key = vkey.split("+", 2)
            key = base64.b64decode(key)
            dash, signer, line = self.signatures[place]
            line = base64.b64decode(line)
            assert (dash, signer) == ("\u2014", name)
            message = self.text.encode()
            if key[0] == 4:
                self.time = struct.unpack(">Q", line[4:12])[0]
                message = ("cosignature/v1\ntime %d\n" % self.time).encode() \
                    + message
            verify_ed25519(key[1:], message, line[-64:])

    def read_leaves(self):
        leaves = []
        for tile in range((self.size + 255) // 256):
            width = min(256, self.size - tile * 256)
            bundle = self.get("/log/tile/entries/" + tile_name(tile, width))
            while bundle:
                size = int.from_bytes(bundle[:2], "big")
                leaves.append(bundle[2:2 + size])
                bundle = bundle[2 + size:]
        return leaves

    def check_tiles(self, hashes):
        level = 0
        while hashes:
            for tile in range((len(hashes) + 255) // 256):
                part = hashes[tile * 256:tile * 256 + 256]
                path = "/log/tile/%d/%s" % (level, tile_name(tile, len(part)))
                assert self.get(path) == b"".join(part), path
            hashes = [tree_root(hashes[i * 256:i * 256 + 256])
                      for i in range(len(hashes) // 256)]
            level += 1

    def kinds(self):
        return [leaf.decode().split("\n")[1][5:] for leaf in self.leaves]

    def releases(self):
        """The catalog's lines of releases, without version and tree."""
        return [" ".join(line.split(" ")[1:6])
                for line in self.catalog.decode().split("\n")
                if line.startswith("release ")]
