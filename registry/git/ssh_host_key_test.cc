#include "registry/git/ssh_host_key.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReports[] =
    "orrery-host-key: ORDER 127.0.0.1 NONE NONE NONE\n"
    "orrery-host-key: HOSTNAME [git.example]:2222 ssh-ed25519 AAAAC3Nz "
    "SHA256:cwQf\n";

TEST(SshHostKeyTest, UnknownHostGetsTheLineToAdd) {
  EXPECT_EQ(
      ExplainHostKey(std::string(kReports) +
                         "No ED25519 host key is known for [git.example]:2222 "
                         "and you have requested strict checking.\r\n",
                     "/data/ssh/known_hosts"),
      "the host key of [git.example]:2222 is not known; if its fingerprint is "
      "SHA256:cwQf, add this line to /data/ssh/known_hosts: "
      "[git.example]:2222 ssh-ed25519 AAAAC3Nz");
}

TEST(SshHostKeyTest, WrongKeyNamesFingerprintFileAndLine) {
  EXPECT_THAT(
      ExplainHostKey(std::string(kReports) +
                         "Offending ED25519 key in /data/known hosts:7\r\n",
                     "/data/known hosts"),
      AllOf(HasSubstr("SHA256:cwQf"),
            HasSubstr("/data/known hosts:7 expects another"),
            Not(HasSubstr("add this line"))));
}

TEST(SshHostKeyTest, WithoutAReportNothingIsSaid) {
  EXPECT_EQ(ExplainHostKey("Host key verification failed.\n", "/x"), "");
  EXPECT_EQ(ExplainHostKey("orrery-host-key: HOSTNAME\n", "/x"), "");
}

}  // namespace
}  // namespace orrery::registry
