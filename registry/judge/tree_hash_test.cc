#include "registry/judge/tree_hash.h"

#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

// `printf a | sha256sum`, and so on: two lines, sorted by name, hashed again.
TEST(TreeHashTest, IsHash1OfTheSortedFiles) {
  Release release;
  release.name = "kafka";
  release.release = 57;
  release.files = {{"b", 0100644, 1, signing::Digest::Of("b")},
                   {"a", 0100755, 1, signing::Digest::Of("a")}};
  EXPECT_EQ(TreeHash(release),
            "h1:O4/VsMEINVYzeQotJwV0ZG3K7fMcQ7yWpnESGJXlpwo=");
}

TEST(TreeHashTest, ModesAreNoContent) {
  Release release;
  release.files = {{"a", 0100644, 1, signing::Digest::Of("a")}};
  Release executable = release;
  executable.files[0].mode = 0100755;
  EXPECT_EQ(TreeHash(release), TreeHash(executable));
}

}  // namespace
}  // namespace orrery::registry
