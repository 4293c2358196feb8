#include "signing/digest.h"

#include <string>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

// FIPS 180-4 example: "abc".
constexpr char kAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(DigestTest, MatchesPublishedVectors) {
  EXPECT_EQ(Digest::Of("abc").Hex(), kAbc);
  EXPECT_EQ(Digest::Of("").Hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestTest, PiecesGiveTheDigestOfTheWhole) {
  DigestBuilder builder;
  builder.Add("a");
  builder.Add("");
  builder.Add("bc");
  EXPECT_EQ(builder.Finish(), Digest::Of("abc"));
}

TEST(DigestTest, HexIsReadBackAndOnlyCanonicalHexIsAccepted) {
  EXPECT_EQ(*Digest::ParseHex(kAbc), Digest::Of("abc"));
  std::string upper = kAbc;
  upper[1] = 'A';
  for (const std::string& text :
       {std::string(), std::string(63, 'a'), std::string(65, 'a'),
        std::string(64, 'g'), upper}) {
    EXPECT_THAT(Digest::ParseHex(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace orrery::signing
