#include "registry/format/artifact_uri.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Digest;

// FIPS 180-2, B.1.
constexpr char kDigestOfAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(ArtifactUriTest, ReadsDigestAndName) {
  const std::string uri =
      absl::StrCat("artifact:sha256:", kDigestOfAbc, "/a b.tar.gz");
  const auto parsed = ParseArtifactUri(uri);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->digest, Digest::Of("abc"));
  EXPECT_EQ(parsed->name, "a b.tar.gz");
  EXPECT_EQ(FormatArtifactUri(parsed->digest, parsed->name), uri);
}

TEST(ArtifactUriTest, SchemeIsKnownInAnyCase) {
  EXPECT_TRUE(IsArtifactUri("artifact:x"));
  EXPECT_TRUE(IsArtifactUri("Artifact:x"));
  EXPECT_FALSE(IsArtifactUri("http://artifact:1/"));
}

TEST(ArtifactUriTest, RejectsOtherForms) {
  for (const std::string& uri :
       {std::string("http://x/"), std::string("artifact:"),
        std::string("artifact:sha256:12/x"),
        absl::StrCat("artifact:md5:", kDigestOfAbc, "/x"),
        absl::StrCat("artifact:sha256:", kDigestOfAbc, "/"),
        absl::StrCat("artifact:sha256:", kDigestOfAbc, "/.."),
        absl::StrCat("artifact:sha256:", kDigestOfAbc, "/a/b"),
        absl::StrCat("artifact:sha256:", kDigestOfAbc, "/a\nb")}) {
    EXPECT_THAT(ParseArtifactUri(uri),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << uri;
  }
}

}  // namespace
}  // namespace orrery::registry
