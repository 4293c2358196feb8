#include "signing/ssh/sshsig.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"

namespace orrery::signing {
namespace {

// trust.md §26.
TEST(SshsigTest, SignedBytesOfTheExample) {
  const std::string hash = HashSshMessage("sha512", ExampleStatement(5));
  EXPECT_EQ(
      absl::BytesToHexString(SshSignedBytes("release@orrery", "sha512", hash)),
      "5353485349470000000e72656c65617365406f7272657279000000000000000673686135"
      "31"
      "3200000040ca4c69e33ea279dea3542be329cd6495d30507938ad37c5344b877b2ce9fbe"
      "19"
      "94403990733ef13c9a78778411cd4ded49442736823164db8b107c8282d993e4");
}

TEST(SshsigTest, HashesByEitherHash) {
  EXPECT_EQ(HashSshMessage("sha256", "").size(), 32u);
  EXPECT_EQ(absl::BytesToHexString(HashSshMessage("sha256", "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashSshMessage("sha512", "abc").size(), 64u);
}

}  // namespace
}  // namespace orrery::signing
