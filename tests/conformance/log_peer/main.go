// The log formats once more, by golang.org/x/mod/sumdb, which nobody here
// wrote (trust.md §21).
//
//	log_peer tree DIR            checks checkpoint, tiles and entries of a log
//	log_peer verify DIR          and what else log_interop_test wrote
//	log_peer write DIR OLD SIZE  writes one for it to check
//	log_peer hash DIR PREFIX     prints the tree hash of a directory
//
// The files are those of trust.md §16, and keys, which holds the vkeys of all who
// sign, the log's first.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"

	"golang.org/x/mod/sumdb/dirhash"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: log_peer tree|verify|write|hash DIR …")
	}
	dir := os.Args[2]
	switch os.Args[1] {
	case "tree":
		verifyTree(dir)
	case "verify":
		verify(dir)
	case "write":
		write(dir, number(os.Args[3]), number(os.Args[4]))
	case "hash":
		hash, err := dirhash.HashDir(dir, os.Args[3], dirhash.Hash1)
		check(err)
		fmt.Println(hash)
	default:
		log.Fatalf("unknown command %q", os.Args[1])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return n
}
