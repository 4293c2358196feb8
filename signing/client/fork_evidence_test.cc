#include "signing/client/fork_evidence.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace orrery::signing {
namespace {

const ForkReport kReport{"public", "registry.example/main",
                         "https://mirror.example", 1'795'347'603, 6};

std::string Listing(const ForkEvidence& evidence) {
  std::string text = absl::StrCat(evidence.directory, "\n");
  for (const ForkEvidence::File& file : evidence.files) {
    absl::StrAppend(&text, "[", file.name, "]\n", file.bytes);
  }
  return text;
}

TEST(ForkEvidenceTest, KeepsBothNotesTheProofAndAReport) {
  // SHA-256 of "old\nnew\n" begins so.
  EXPECT_EQ(Listing(CheckpointFork("old\n", "new\n",
                                   std::vector{Digest::Of("")}, kReport)),
            "fork-" + Digest::Of("old\nnew\n").Hex().substr(0, 16) +
                "\n[old.note]\nold\n[new.note]\nnew\n[proof]\n"
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n[report]\n"
                "orrery/fork/v1\nregistry public\n"
                "origin registry.example/main\nurl https://mirror.example\n"
                "time 1795347603\ncheck 6\n");
}

TEST(ForkEvidenceTest, WithoutHashesThereIsNoProof) {
  const ForkEvidence evidence = CheckpointFork("a", "b", {}, kReport);
  EXPECT_EQ(Listing(evidence).find("[proof]"), std::string::npos);
}

TEST(ForkEvidenceTest, KeepsBothLeavesAndTheCheckpoint) {
  const ForkEvidence evidence = RecordFork("first", "second", "note", kReport);
  EXPECT_EQ(evidence.directory,
            "fork-" + Digest::Of("firstsecond").Hex().substr(0, 16));
  EXPECT_EQ(Listing(evidence).substr(evidence.directory.size(), 49),
            "\n[a.leaf]\nfirst[b.leaf]\nsecond[new.note]\nnote[rep");
}

}  // namespace
}  // namespace orrery::signing
