#include "signing/tree_hash.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

// `printf a | sha256sum`, and so on: two lines, sorted by name, hashed again.
TEST(TreeHashTest, IsHash1OfTheSortedFiles) {
  const std::vector<TreeHash::File> files = {{"b", Digest::Of("b")},
                                             {"a", Digest::Of("a")}};
  EXPECT_EQ(TreeHash::Of("kafka", 57, files).Text(),
            "h1:O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwo=");
}

// trust.md §26, kafka 57.
TEST(TreeHashTest, IsThatOfTheExample) {
  const std::vector<TreeHash::File> files = {
      {"config.json",
       Digest::Of("{\"type\":\"object\",\"properties\":{\"brokers\":{\"type\":"
                  "\"integer\",\"default\":3}}}\n")},
      {"package.json",
       Digest::Of("{\"name\":\"kafka\",\"version\":\"2.6.0-2.2.1\"}\n")},
      {"relations.json",
       Digest::Of("{\"requires\":[{\"package\":\"kafka-zookeeper\","
                  "\"versions\":\">=2.6\"}]}\n")}};
  EXPECT_EQ(TreeHash::Of("kafka", 57, files).Text(),
            "h1:kfA/X9U3d0yHdrSTnpA6ElcyYSG+izGFldvKD88ly7c=");
}

// "a/b" sorts before "a0": the whole name counts, not its components.
TEST(TreeHashTest, SortsByBytesOfTheWholePath) {
  const std::vector<TreeHash::File> files = {{"a0", Digest::Of("1")},
                                             {"a/b", Digest::Of("2")},
                                             {"a-", Digest::Of("3")}};
  std::vector<TreeHash::File> sorted = {files[2], files[1], files[0]};
  EXPECT_EQ(TreeHash::Of("kafka", 0, files), TreeHash::Of("kafka", 0, sorted));
}

TEST(TreeHashTest, ParseTakesWhatTextGives) {
  const TreeHash tree = TreeHash::Of("kafka", 0, {});
  EXPECT_THAT(TreeHash::Parse(tree.Text()), IsOkAndHolds(tree));
}

TEST(TreeHashTest, ParseRefusesWhatIsNotThe32BytesInBase64) {
  for (const std::string text :
       {"", "h1:", "O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwo=",
        "h2:O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwo=",
        "h1:O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwo",
        "h1:O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwp=",
        "h1:O4_VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwo=",
        "h1:O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpw==",
        "h1:O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwoA"}) {
    EXPECT_THAT(TreeHash::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace orrery::signing
