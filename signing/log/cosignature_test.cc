#include "signing/log/cosignature.h"

#include <string>

#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

constexpr char kText[] = "origin\n8\nroot\n";
constexpr uint64_t kTime = 1'795'347'603;

Ed25519PrivateKey Key() {
  return *Ed25519PrivateKey::FromSeed(std::string(32, 'w'));
}

std::string Bytes(uint64_t time) {
  return CosignNote(kText, time, "w", Key())->bytes;
}

TEST(CosignatureTest, SignsTheTimeBeforeTheText) {
  const std::string bytes = Bytes(kTime);
  EXPECT_EQ(bytes.substr(0, 8),
            absl::string_view("\0\0\0\0\x6b\x02\xd4\x93", 8));
  EXPECT_THAT(Key().public_key().Verify(
                  "cosignature/v1\ntime 1795347603\norigin\n8\nroot\n",
                  bytes.substr(8)),
              IsOk());
}

TEST(CosignatureTest, GivesTheTimeThatWasSigned) {
  for (const uint64_t time : {uint64_t{0}, kTime, ~uint64_t{0}}) {
    EXPECT_THAT(VerifyCosignature(Key().public_key(), kText, Bytes(time)),
                IsOkAndHolds(time));
  }
}

TEST(CosignatureTest, AnyOtherByteIsRefused) {
  const auto refused = Refused(RefusalCode::kLogQuorum);
  const std::string good = Bytes(kTime);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(VerifyCosignature(Key().public_key(), kText, changed), refused)
        << i;
  }
  EXPECT_THAT(VerifyCosignature(Key().public_key(), "other\n", good), refused);
}

TEST(CosignatureTest, AnotherLengthIsRefused) {
  const auto refused = Refused(RefusalCode::kLogQuorum);
  const std::string good = Bytes(kTime);
  for (const std::string& bytes :
       {std::string(), good.substr(0, 8), good.substr(0, 71), good + '\0',
        good.substr(8)}) {
    EXPECT_THAT(VerifyCosignature(Key().public_key(), kText, bytes), refused);
  }
}

}  // namespace
}  // namespace orrery::signing
