package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "go.example/log"

func privateKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("log_peer " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// x/mod takes a key as text alone.
func logSigner() (note.Signer, string) {
	private := privateKey("log")
	material := append([]byte{1}, private.Public().(ed25519.PublicKey)...)
	hash := keyHash(origin, material)
	seed := append([]byte{1}, private.Seed()...)
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", origin,
		hash, base64.StdEncoding.EncodeToString(seed)))
	check(err)
	return signer, fmt.Sprintf("%s+%08x+%s", origin, hash,
		base64.StdEncoding.EncodeToString(material))
}

func signedCheckpoint(size int64, hashes memory, signers []note.Signer) []byte {
	root, err := tlog.TreeHash(size, hashes)
	check(err)
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
	data, err := note.Sign(&note.Note{Text: text}, signers...)
	check(err)
	return data
}

func write(dir string, old, size int64) {
	signer, vkey := logSigner()
	witness := newCosigner("go.example/witness", privateKey("witness"), 1795347603)
	store(dir, "keys", []byte(vkey+"\n"+witness.vkey()+"\n"))

	var hashes memory
	bundles := map[int64][]byte{}
	for i := int64(0); i < size; i++ {
		leaf := []byte(fmt.Sprintf("entry %d\n\n", i))
		bundle := bundles[i>>height]
		bundle = append(bundle, make([]byte, 2)...)
		binary.BigEndian.PutUint16(bundle[len(bundle)-2:], uint16(len(leaf)))
		bundles[i>>height] = append(bundle, leaf...)
		hashes.appendRecord(i, tlog.RecordHash(leaf))
	}
	for _, t := range publishedTiles(size) {
		data, err := tlog.ReadTileData(t, hashes)
		check(err)
		store(dir, tilePath(t), data)
		if t.L == 0 {
			t.L = -1
			store(dir, tilePath(t), bundles[t.N])
		}
	}

	signers := []note.Signer{signer, witness}
	checkpoint := signedCheckpoint(size, hashes, signers)
	store(dir, "log/checkpoint", checkpoint)
	store(dir, "old/checkpoint", signedCheckpoint(old, hashes, signers))
	consistency, err := tlog.ProveTree(size, old, hashes)
	check(err)
	store(dir, "consistency", []byte(hashLines(consistency)))
	store(dir, "proofs.sha256", []byte(proofsDigest(size, hashes)))
	inclusion, err := tlog.ProveRecord(size, old, hashes)
	check(err)
	store(dir, "proof", []byte(fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n%s\n%s",
		old, hashLines(inclusion), checkpoint)))
}
