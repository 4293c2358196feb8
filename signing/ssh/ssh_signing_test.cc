#include "signing/ssh/ssh_signing.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "signing/ssh/ssh_verifier.h"
#include "signing/ssh/ssh_wire.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

Ed25519PrivateKey Alice() {
  return *Ed25519PrivateKey::FromSeed(
      Digest::Of("orrery example key: alice").bytes());
}

std::string Armored(const SshSignature& signature) {
  return WriteArmor(PrintSignature(signature));
}

// As an ssh-agent answers.
std::string Reply(const Ed25519PrivateKey& key, absl::string_view bytes) {
  std::string reply;
  AppendSshString("ssh-ed25519", reply);
  AppendSshString(*key.Sign(bytes), reply);
  return reply;
}

// trust.md §26: the signature of leaf 5.
TEST(SshSigningTest, MakesTheSignatureOfTheExample) {
  const auto signature =
      SignSsh(Alice(), "release@orrery", ExampleStatement(5));
  ASSERT_THAT(signature, IsOk());
  const std::string leaf = ExampleLeaf(5);
  EXPECT_EQ(Armored(*signature), leaf.substr(leaf.find("\n\n") + 2));
}

TEST(SshSigningTest, AnAgentMakesTheSame) {
  const auto by_agent = SignSshBy(
      SshKeyOf(Alice().public_key()), "release@orrery", ExampleStatement(5),
      [](absl::string_view bytes) -> absl::StatusOr<std::string> {
        return Reply(Alice(), bytes);
      });
  EXPECT_THAT(by_agent, IsOkAndHolds(*SignSsh(Alice(), "release@orrery",
                                              ExampleStatement(5))));
}

TEST(SshSigningTest, RefusesWhatAnAgentMadeOfOtherBytes) {
  EXPECT_THAT(SignSshBy(SshKeyOf(Alice().public_key()), "release@orrery", "x",
                        [](absl::string_view) -> absl::StatusOr<std::string> {
                          return Reply(Alice(), "other bytes");
                        }),
              Refused(RefusalCode::kRecordSignature));
}

TEST(SshSigningTest, RefusesWhatIsNoSignature) {
  for (const std::string& reply :
       {std::string(), std::string("text"), Reply(Alice(), "x") + "trailing"}) {
    EXPECT_THAT(
        SignSshBy(SshKeyOf(Alice().public_key()), "release@orrery", "x",
                  [&](absl::string_view) -> absl::StatusOr<std::string> {
                    return reply;
                  }),
        Refused(RefusalCode::kRecordSyntax))
        << reply;
  }
}

TEST(SshSigningTest, FailuresOfTheAgentComeOutAsTheyAre) {
  EXPECT_THAT(SignSshBy(SshKeyOf(Alice().public_key()), "release@orrery", "x",
                        [](absl::string_view) -> absl::StatusOr<std::string> {
                          return absl::UnavailableError("the agent is gone");
                        }),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace orrery::signing
