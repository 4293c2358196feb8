#include "signing/client/evidence_block.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/record/leaf.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

EvidenceBlock ExampleBlock() {
  EvidenceBlock block;
  block.registries = {{.id = "public",
                       .origin = kExampleOrigin,
                       .note = Digest::Of(ExampleFile("checkpoint-8")),
                       .size = 8,
                       .quorum_time = 1795347603,
                       .tlog_policy = Digest::Of(ExampleFile("tlog-policy")),
                       .names = Digest::Of(ExampleFile("names"))}};
  const auto leaf = ParseLeaf(ExampleLeaf(5));
  EXPECT_THAT(leaf, IsOk());
  block.uses = {{"public", "universe", "kafka", 57, 1, Evidence::kSshsig, 5,
                 leaf->statement_digest,
                 std::get<ReleaseRecord>(leaf->record.body).content.tree,
                 Digest::Of("{}\n")}};
  return block;
}

// trust.md §26.
TEST(EvidenceBlockTest, IsThatOfTheExampleByteForByte) {
  EXPECT_EQ(PrintEvidenceBlock(ExampleBlock()), ExampleFile("evidence"));
}

TEST(EvidenceBlockTest, OrdersItsLinesAndSaysWhatIsThere) {
  EvidenceBlock block;
  block.registries = {{.id = "public", .as_of = 7, .stale_by = 60},
                      {.id = "corp"}};
  block.overlays = {{.package = "zk"}, {.package = "kafka"}};
  block.unpinned = {{"kafka", "image a:1"}};
  const std::string text = PrintEvidenceBlock(block);
  EXPECT_LT(text.find("registry corp"), text.find("registry public"));
  EXPECT_LT(text.find(" kafka 0 0"), text.find(" zk 0 0"));
  EXPECT_TRUE(absl::StrContains(text, "\nas-of 7\nstale-by 60\n"));
  EXPECT_TRUE(absl::EndsWith(text, "unpinned kafka image a:1\n"));
}

// It comes from files and options of whoever wrote them.
TEST(EvidenceBlockTest, NoTextBeginsALineOfItsOwn) {
  EvidenceBlock block;
  block.unpinned = {{"kafka", "uri http://x/\nuse public u zk 1\r\t\xC3\xA4"}};
  EXPECT_EQ(PrintEvidenceBlock(block),
            "orrery/evidence/v1\n"
            "unpinned kafka uri http://x/%0Ause public u zk 1%0D%09\xC3\xA4\n");
}

}  // namespace
}  // namespace orrery::signing
