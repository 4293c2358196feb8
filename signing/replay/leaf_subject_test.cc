#include "signing/replay/leaf_subject.h"

#include "gtest/gtest.h"

#include "signing/example_testing.h"

namespace orrery::signing {
namespace {

struct SubjectCase {
  int leaf;
  absl::string_view package;
  absl::string_view source;
  bool is_yank;
};

class LeafSubjectTest : public ::testing::TestWithParam<SubjectCase> {};

TEST_P(LeafSubjectTest, NamesWhatTheLeafSpeaksOf) {
  const std::string leaf = ExampleLeaf(GetParam().leaf);

  const LeafSubject subject = SubjectOf(leaf);

  EXPECT_EQ(subject.package, GetParam().package);
  EXPECT_EQ(subject.source, GetParam().source);
  EXPECT_EQ(subject.is_yank, GetParam().is_yank);
}

INSTANTIATE_TEST_SUITE_P(
    Example, LeafSubjectTest,
    ::testing::Values(SubjectCase{0, "", "universe", false},
                      SubjectCase{1, "hello-world", "universe", false},
                      SubjectCase{2, "", "", false},
                      SubjectCase{4, "kafka", "", false},
                      SubjectCase{9, "kafka", "", true}));

}  // namespace
}  // namespace orrery::signing
