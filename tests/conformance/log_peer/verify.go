package main

import (
	"encoding/binary"
	"io/fs"
	"log"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The tree of a note that all keys of `dir` have signed, and nobody else.
func openCheckpoint(dir string, data []byte) tlog.Tree {
	var verifiers []note.Verifier
	for _, vkey := range strings.Fields(string(read(dir, "keys"))) {
		v, err := newVerifier(vkey)
		check(err)
		verifiers = append(verifiers, v)
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	check(err)
	if len(opened.Sigs) != len(verifiers) || len(opened.UnverifiedSigs) != 0 {
		log.Fatalf("%d of %d signatures verify", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifiers[0].Name() {
		log.Fatalf("checkpoint has other lines: %q", opened.Text)
	}
	hash, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: number(lines[1]), Hash: hash}
}

// tlog.TileReader over the files.
type tileFiles string

func (dir tileFiles) Height() int                         { return height }
func (dir tileFiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (dir tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, t := range tiles {
		data = append(data, read(string(dir), tilePath(t)))
	}
	return data, nil
}

func entries(data []byte) [][]byte {
	var leaves [][]byte
	for len(data) > 0 {
		size := 2 + int(binary.BigEndian.Uint16(data))
		leaves = append(leaves, data[2:size])
		data = data[size:]
	}
	return leaves
}

// The tree of `dir` out of its entries, each held to its tile, each tile to
// the signed root.
func readTree(dir string, tree tlog.Tree) memory {
	var hashes memory
	tiles := tlog.TileHashReader(tree, tileFiles(dir))
	for first := int64(0); first < tree.N; first += 1 << height {
		width := tree.N - first
		if width > 1<<height {
			width = 1 << height
		}
		bundle := tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)}
		leaves := entries(read(dir, tilePath(bundle)))
		if int64(len(leaves)) != width {
			log.Fatalf("%s has %d entries", tilePath(bundle), len(leaves))
		}
		var indexes []int64
		for i := range leaves {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(i)))
		}
		signed, err := tiles.ReadHashes(indexes)
		check(err)
		for i, leaf := range leaves {
			if tlog.RecordHash(leaf) != signed[i] {
				log.Fatalf("entry %d has another hash", first+int64(i))
			}
			hashes.appendRecord(first+int64(i), signed[i])
		}
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	check(err)
	if root != tree.Hash {
		log.Fatal("the entries have another root")
	}
	return hashes
}

// Exactly the tiles of one publication of the tree, with Go's bytes.
func checkTileFiles(dir string, size int64, hashes memory) {
	var want, have []string
	for _, t := range publishedTiles(size) {
		data, err := tlog.ReadTileData(t, hashes)
		check(err)
		if string(read(dir, tilePath(t))) != string(data) {
			log.Fatalf("%s has other bytes", tilePath(t))
		}
		want = append(want, tilePath(t))
		if t.L == 0 {
			t.L = -1
			want = append(want, tilePath(t))
		}
	}
	check(filepath.WalkDir(filepath.Join(dir, "log", "tile"),
		func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				name, _ := filepath.Rel(dir, path)
				have = append(have, name)
			}
			return err
		}))
	sort.Strings(want)
	sort.Strings(have)
	if strings.Join(want, "\n") != strings.Join(have, "\n") {
		log.Fatalf("the tile files are %v, not %v", have, want)
	}
}

func checkProofFile(text string, tree tlog.Tree, checkpoint []byte, hashes memory) {
	split := strings.Index(text, "\n\n")
	head := strings.SplitN(text[:split+1], "\n", 3)
	index := number(strings.TrimPrefix(head[1], "index "))
	if head[0] != "c2sp.org/tlog-proof@v1" || text[split+2:] != string(checkpoint) {
		log.Fatal("the proof file has other lines")
	}
	check(tlog.CheckRecord(parseHashLines(head[2]), tree.N, tree.Hash, index,
		hashes[tlog.StoredHashIndex(0, index)]))
}

// What any log has: a checkpoint, the tiles of its size, the entries.
func verifyTree(dir string) (checkpoint []byte, tree tlog.Tree, hashes memory) {
	checkpoint = read(dir, "log/checkpoint")
	tree = openCheckpoint(dir, checkpoint)
	hashes = readTree(dir, tree)
	checkTileFiles(dir, tree.N, hashes)
	for i := int64(0); i < tree.N; i++ {
		proof, err := tlog.ProveRecord(tree.N, i, hashes)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, i,
			hashes[tlog.StoredHashIndex(0, i)]))
	}
	return checkpoint, tree, hashes
}

func verify(dir string) {
	checkpoint, tree, hashes := verifyTree(dir)
	if string(read(dir, "proofs.sha256")) != proofsDigest(tree.N, hashes) {
		log.Fatal("the proofs are not those that x/mod makes")
	}
	old := openCheckpoint(dir, read(dir, "old/checkpoint"))
	check(tlog.CheckTree(parseHashLines(string(read(dir, "consistency"))),
		tree.N, tree.Hash, old.N, old.Hash))
	checkProofFile(string(read(dir, "proof")), tree, checkpoint, hashes)
}
