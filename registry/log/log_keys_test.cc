#include "registry/log/log_keys.h"

#include <sys/stat.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/log/signer_key.h"
#include "registry/store/durable_file.h"
#include "signing/digest.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Vkey;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class LogKeysTest : public ::testing::Test {
 protected:
  LogKeysTest()
      : data_dir_(absl::StrCat(
            ::testing::TempDir(), "/",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_THAT(RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(MakeDirectory(data_dir_, 0700), IsOk());
  }

  std::string File(absl::string_view name) const {
    return absl::StrCat(data_dir_, "/keys/", name);
  }

  const std::string data_dir_;
};

TEST_F(LogKeysTest, FirstStartMakesPrivateKeysThatTheNextStartFinds) {
  const auto made = OpenLogKeys(data_dir_, {.host = "registry"});
  ASSERT_THAT(made, IsOk());
  for (const char* name :
       {"log.key", "timestamper.key", "log.state", "timestamper.state"}) {
    struct stat facts {};
    ASSERT_EQ(stat(File(name).c_str(), &facts), 0) << name;
    EXPECT_EQ(facts.st_mode & 07777, 0600U) << name;
  }
  const auto found =
      OpenLogKeys(data_dir_, {.host = "elsewhere", .may_create = false});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->log.vkey(), made->log.vkey());
  EXPECT_EQ(found->timestamper.vkey(), made->timestamper.vkey());
}

TEST_F(LogKeysTest, DefaultOriginIsTheHostAndAPartOfTheKeysDigest) {
  const auto keys = OpenLogKeys(data_dir_, {.host = "My_Host.example"});
  ASSERT_THAT(keys, IsOk());
  EXPECT_EQ(
      keys->origin(),
      absl::StrCat("my-host.example/",
                   signing::Digest::Of(keys->log.key().public_key().bytes())
                       .Hex()
                       .substr(0, 8)));
  EXPECT_EQ(keys->timestamper.name(),
            absl::StrCat(keys->origin(), "/timestamper"));
}

TEST_F(LogKeysTest, OriginIsChosenOnceAndKept) {
  ASSERT_THAT(OpenLogKeys(data_dir_, {.origin = "registry.example/main"}),
              IsOk());
  const auto kept = OpenLogKeys(data_dir_, {});
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(kept->origin(), "registry.example/main");
  EXPECT_THAT(OpenLogKeys(data_dir_, {.origin = "registry.example/other"}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("a log keeps its origin")));
}

TEST_F(LogKeysTest, RefusesAnOriginThatIsNone) {
  EXPECT_THAT(OpenLogKeys(data_dir_, {.origin = "Registry Example"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is no log origin")));
}

TEST_F(LogKeysTest, RefusesAKeyThatOthersCanRead) {
  ASSERT_THAT(OpenLogKeys(data_dir_, {}), IsOk());
  ASSERT_EQ(chmod(File("timestamper.key").c_str(), 0640), 0);
  EXPECT_THAT(OpenLogKeys(data_dir_, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("timestamper.key can be read or written by "
                                 "others (mode 0640)")));
}

TEST_F(LogKeysTest, RefusesADamagedKeyWithoutShowingIt) {
  ASSERT_THAT(OpenLogKeys(data_dir_, {}), IsOk());
  auto text = ReadWholeFile(File("log.key"));
  ASSERT_THAT(text, IsOk());
  (*text)[text->size() - 6] ^= 1;
  ASSERT_THAT(WriteDurably(File("log.key"), *text), IsOk());
  EXPECT_THAT(OpenLogKeys(data_dir_, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("log.key"), HasSubstr("backup"),
                             Not(HasSubstr("PRIVATE+KEY+l")))));
}

TEST_F(LogKeysTest, MakesNoNewKeyForALogThatExists) {
  EXPECT_THAT(OpenLogKeys(data_dir_, {.may_create = false}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("log.key is missing")));
}

TEST(SignerKeyTest, TextIsTheOneOfGoNotes) {
  const auto key = SignerKey::Make(
      Vkey::kEd25519, [](const signing::Ed25519PublicKey&) { return "a/b"; });
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(key->Text(),
              MatchesRegex("PRIVATE\\+KEY\\+a/b\\+[0-9a-f]{8}\\+.*"));
  const auto parsed = SignerKey::Parse(key->Text(), Vkey::kEd25519);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->vkey(), key->vkey());
  EXPECT_THAT(SignerKey::Parse(key->Text(), Vkey::kCosignature), Not(IsOk()));
}

TEST(SignerKeyTest, RefusesWhatIsNoKey) {
  for (const char* text :
       {"", "PRIVATE+KEY+", "PRIVATE+KEY+a+00000000+AQ==",
        "PRIVATE+KEY+a b+00000000+AQ==", "PRIVATE+KEY+a+00000000"}) {
    EXPECT_THAT(SignerKey::Parse(text, Vkey::kEd25519),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         StartsWith("is no private key")))
        << text;
  }
}

TEST(OriginHostTest, KeepsWhatAnOriginMayHold) {
  EXPECT_EQ(OriginHost("Node-1.Example"), "node-1.example");
  EXPECT_EQ(OriginHost("-x_y"), "h-x-y");
  EXPECT_EQ(OriginHost(""), "h");
}

}  // namespace
}  // namespace orrery::registry
