package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A key of type 0x04, which x/mod does not know: a note.Verifier and, with a
// private key, a note.Signer that always signs for one time.
type cosigner struct {
	name    string
	hash    uint32
	key     ed25519.PublicKey
	private ed25519.PrivateKey
	time    uint64
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func cosigned(time uint64, text []byte) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
}

func (c cosigner) Verify(text, sig []byte) bool {
	return len(sig) == 8+ed25519.SignatureSize &&
		ed25519.Verify(c.key, cosigned(binary.BigEndian.Uint64(sig), text), sig[8:])
}

func (c cosigner) Sign(text []byte) ([]byte, error) {
	sig := make([]byte, 8)
	binary.BigEndian.PutUint64(sig, c.time)
	return append(sig, ed25519.Sign(c.private, cosigned(c.time, text))...), nil
}

func keyHash(name string, material []byte) uint32 {
	digest := sha256.Sum256(append([]byte(name+"\n"), material...))
	return binary.BigEndian.Uint32(digest[:])
}

func newCosigner(name string, private ed25519.PrivateKey, time uint64) cosigner {
	public := private.Public().(ed25519.PublicKey)
	return cosigner{name, keyHash(name, append([]byte{4}, public...)), public, private, time}
}

func (c cosigner) vkey() string {
	material := append([]byte{4}, c.key...)
	return fmt.Sprintf("%s+%08x+%s", c.name, c.hash,
		base64.StdEncoding.EncodeToString(material))
}

func newVerifier(vkey string) (note.Verifier, error) {
	if v, err := note.NewVerifier(vkey); err == nil {
		return v, nil
	}
	fields := strings.SplitN(vkey, "+", 3)
	if len(fields) != 3 {
		return nil, errors.New("malformed vkey " + vkey)
	}
	material, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil {
		return nil, err
	}
	hash := keyHash(fields[0], material)
	if fmt.Sprintf("%08x", hash) != fields[1] || len(material) != 33 || material[0] != 4 {
		return nil, errors.New("no key of type 4: " + vkey)
	}
	return cosigner{name: fields[0], hash: hash, key: material[1:]}, nil
}
