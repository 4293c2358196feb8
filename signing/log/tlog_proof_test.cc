#include "signing/log/tlog_proof.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/log/merkle.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// The tree of the worked example.
class ExampleLog final : public HashReader {
 public:
  absl::StatusOr<Digest> Subtree(int level, uint64_t index) override {
    MerkleFrontier frontier;
    for (uint64_t i = index << level; i < (index + 1) << level; ++i) {
      frontier.Append(LeafHash(ExampleLeaf(static_cast<int>(i))));
    }
    return frontier.Root();
  }
};

TEST(TlogProofTest, IsThatOfTheExample) {
  ExampleLog log;
  const TlogProof proof{std::nullopt, 5, *ProveInclusion(5, 8, log),
                        ExampleFile("checkpoint-8")};
  EXPECT_EQ(FormatTlogProof(proof), ExampleFile("proof-5"));
  EXPECT_THAT(ParseTlogProof(ExampleFile("proof-5")), IsOkAndHolds(proof));
}

TEST(TlogProofTest, ConsistencyProofsAreThoseOfTheExample) {
  ExampleLog log;
  EXPECT_EQ(FormatHashLines(*ProveConsistency(3, 8, log)),
            "ul6VPoEzmXOAxBBZ2FCDJ91DKmvSkwzWuLj9aesaHTw=\n"
            "h4+/YsQgwjKRj3kozoEZ8VzpCK2lPYsmm4crpbbGK3c=\n"
            "OFeOsSot52jeaHxER88D5SDx24xeuhr4bDvSjjvkPis=\n"
            "mq9cJsDdYwyLYZ7whBKi1ZbNz/bdI0BGjQ71+SbUVKQ=\n");
  EXPECT_EQ(FormatHashLines(*ProveConsistency(8, 11, log)),
            "IZYHXMY5Jho6JnfhG3gu9bKkAbzZwXPHfFP1V0JDuhE=\n");
  EXPECT_EQ(TreeRoot(3, log)->Hex(),
            "3d2b686fe3b1beccd23f8d8a89a73812cb4cd34ea177d769359a91e33a37a466");
  EXPECT_EQ(TreeRoot(11, log)->Hex(),
            "638033ed3474906a628f4315cae7a26c46e2da8fc9c0633751fd7514de03d3dc");
}

TEST(TlogProofTest, ExtraIsOptionalAndComesFirst) {
  const TlogProof proof{"leaf\n", 0, {}, "note"};
  const std::string text = FormatTlogProof(proof);
  EXPECT_EQ(text, "c2sp.org/tlog-proof@v1\nextra bGVhZgo=\nindex 0\n\nnote");
  EXPECT_THAT(ParseTlogProof(text), IsOkAndHolds(proof));
}

TEST(TlogProofTest, OtherTextIsRefused) {
  const std::string head = "c2sp.org/tlog-proof@v1\n";
  const std::string hash = absl::Base64Escape(std::string(32, 'h'));
  for (const std::string& text : {
           std::string(),
           std::string("c2sp.org/tlog-proof@v2\nindex 0\n\n"),
           head,
           head + "index 0\n",
           head + "index 0",
           head + "index\n\n",
           head + "index 00\n\n",
           head + "index -1\n\n",
           head + "index 9223372036854775808\n\n",
           head + "\nindex 0\n\n",
           head + "index 0\nindex 0\n\n",
           head + "extra \n\n",
           head + "extra bGVhZgo\nindex 0\n\n",
           head + "extra bGVhZgo=\nextra bGVhZgo=\nindex 0\n\n",
           head + "index 0\nextra bGVhZgo=\n\n",
           head + "other x\nindex 0\n\n",
           head + "index 0\n" + hash,
           head + "index 0\n" + hash + "\n",
           head + "index 0\n" + hash.substr(4) + "\n\n",
           head + "index 0\n" + hash + hash + "\n\n",
           head + "index 0\r\n\r\n",
       }) {
    EXPECT_THAT(ParseTlogProof(text), Refused(RefusalCode::kLogSyntax)) << text;
  }
}

TEST(TlogProofTest, MoreThan63HashesAreRefused) {
  const std::vector<Digest> hashes(kMaxProofHashes + 1);
  const std::span<const Digest> most = std::span(hashes).first(kMaxProofHashes);
  EXPECT_THAT(ParseHashLines(FormatHashLines(most)),
              IsOkAndHolds(SizeIs(kMaxProofHashes)));
  EXPECT_THAT(ParseHashLines(FormatHashLines(hashes)),
              Refused(RefusalCode::kLogInclusion));
  EXPECT_THAT(ParseTlogProof(FormatTlogProof({std::nullopt, 0, hashes, ""})),
              Refused(RefusalCode::kLogInclusion));
}

TEST(TlogProofTest, HashLinesHoldHashesAlone) {
  EXPECT_THAT(ParseHashLines(""), IsOkAndHolds(IsEmpty()));
  for (const char* text : {"\n", "AAAA\n", "x", "AAAA"}) {
    EXPECT_THAT(ParseHashLines(text), Refused(RefusalCode::kLogSyntax)) << text;
  }
}

}  // namespace
}  // namespace orrery::signing
