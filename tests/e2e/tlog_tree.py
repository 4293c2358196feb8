"""The tree of a log and the names of its tiles: RFC 6962, C2SP tlog-tiles."""

import hashlib


def tree_root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + tree_root(hashes[:half]) +
                          tree_root(hashes[half:])).digest()


def tile_name(number, width=256):
    name = "%03d" % (number % 1000)
    while number >= 1000:
        number //= 1000
        name = "x%03d/%s" % (number % 1000, name)
    return name if width == 256 else "%s.p/%d" % (name, width)
