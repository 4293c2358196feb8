package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func read(dir, name string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, name))
	check(err)
	return data
}

func store(dir, name string, data []byte) {
	path := filepath.Join(dir, name)
	check(os.MkdirAll(filepath.Dir(path), 0o777))
	check(os.WriteFile(path, data, 0o666))
}

// Our paths have no height, and other words for the records.
func tilePath(t tlog.Tile) string {
	path := strings.Replace(t.Path(), "tile/8/", "log/tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// The tiles of one publication. x/mod tells those of every size up to this one.
func publishedTiles(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for _, t := range tlog.NewTiles(height, 0, size) {
		width := size >> (height * uint(t.L)) % (1 << height)
		if t.W == 1<<height || int64(t.W) == width {
			tiles = append(tiles, t)
		}
	}
	return tiles
}

func hashLines(hashes []tlog.Hash) string {
	text := ""
	for _, h := range hashes {
		text += base64.StdEncoding.EncodeToString(h[:]) + "\n"
	}
	return text
}

func parseHashLines(text string) []tlog.Hash {
	var hashes []tlog.Hash
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		h, err := tlog.ParseHash(line)
		check(err)
		hashes = append(hashes, h)
	}
	return hashes
}

// Every how manieth proof is in the digest of all.
func stride(size int64) int64 {
	if size < 4000 {
		return 1
	}
	return size / 4000
}

// The digest over inclusion proofs of leaves and consistency proofs from
// sizes, all into a tree of `size`.
func proofsDigest(size int64, r tlog.HashReader) string {
	digest := sha256.New()
	for i := int64(0); i < size; i += stride(size) {
		proof, err := tlog.ProveRecord(size, i, r)
		check(err)
		fmt.Fprintf(digest, "%s\n", hashLines(proof))
	}
	for n := int64(1); n <= size; n += stride(size) {
		proof, err := tlog.ProveTree(size, n, r)
		check(err)
		fmt.Fprintf(digest, "%s\n", hashLines(proof))
	}
	return fmt.Sprintf("%x\n", digest.Sum(nil))
}

// All hashes of a tree, as x/mod numbers them.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = m[x]
	}
	return hashes, nil
}

func (m *memory) appendRecord(n int64, leaf tlog.Hash) {
	hashes, err := tlog.StoredHashesForRecordHash(n, leaf, *m)
	check(err)
	*m = append(*m, hashes...)
}
