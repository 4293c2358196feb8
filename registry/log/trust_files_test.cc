#include "registry/log/trust_files.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/store/durable_file.h"
#include "signing/policy/names.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

class TrustFilesTest : public ::testing::Test {
 protected:
  TrustFilesTest()
      : data_dir_(absl::StrCat(
            ::testing::TempDir(), "/",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_THAT(RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(MakeDirectory(data_dir_, 0700), IsOk());
  }

  const std::string data_dir_;
};

TEST_F(TrustFilesTest, SayWhatAClientOfThisLogBelieves) {
  const auto keys = OpenLogKeys(data_dir_, {.origin = "registry.example/main"});
  ASSERT_THAT(keys, IsOk());
  ASSERT_THAT(WriteTrustFiles(data_dir_, *keys, "http://127.0.0.1:7070"),
              IsOk());
  EXPECT_THAT(ReadTrustFile(data_dir_, "policy"),
              IsOkAndHolds("policy 1\n"
                           "registry local http://127.0.0.1:7070\n"
                           "  tlog-policy tlog-policy\n"
                           "  names-file names\n"
                           "  witnesses timestamper\n"
                           "names local *\n"
                           "require * evidence observed\n"));
  EXPECT_THAT(ReadTrustFile(data_dir_, "names"),
              IsOkAndHolds("orrery/names/v1\n"));
  EXPECT_THAT(ReadTrustFile(data_dir_, "tlog-policy"),
              IsOkAndHolds(absl::StrCat(
                  "log ", keys->log.vkey().Text(), "\nwitness timestamper ",
                  keys->timestamper.vkey().Text(), "\nquorum timestamper\n")));
}

TEST_F(TrustFilesTest, KeepWhatTheOperatorWrote) {
  const auto keys = OpenLogKeys(data_dir_, {});
  ASSERT_THAT(keys, IsOk());
  ASSERT_THAT(WriteTrustFiles(data_dir_, *keys, "http://127.0.0.1:1"), IsOk());
  ASSERT_THAT(WriteDurably(absl::StrCat(data_dir_, "/trust/names"),
                           "orrery/names/v1\n# mine\n"),
              IsOk());
  ASSERT_THAT(WriteTrustFiles(data_dir_, *keys, "http://127.0.0.1:2"), IsOk());
  EXPECT_THAT(ReadTrustFile(data_dir_, "names"),
              IsOkAndHolds("orrery/names/v1\n# mine\n"));
}

TEST_F(TrustFilesTest, NamesAreReadOrRefused) {
  const auto none = ReadNames(data_dir_);
  ASSERT_THAT(none, IsOk());
  EXPECT_FALSE(none->has_value());
  const std::string path = absl::StrCat(data_dir_, "/trust/names");
  ASSERT_THAT(MakeDirectory(absl::StrCat(data_dir_, "/trust"), 0700), IsOk());
  ASSERT_THAT(WriteDurably(path, "orrery/names/v1\nreserve kafka\n"), IsOk());
  const auto names = ReadNames(data_dir_);
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT((*names)->CheckReserved("kafka"),
              signing::Refused(signing::RefusalCode::kNameReserved));
  ASSERT_THAT(WriteDurably(path, "orrery/names/v1\nreserve\n"), IsOk());
  const auto broken = ReadNames(data_dir_);
  EXPECT_THAT(broken, signing::Refused(signing::RefusalCode::kTrustSyntax));
  EXPECT_THAT(broken.status().message(),
              ::testing::HasSubstr("this registry's names cannot be read: "));
}

TEST_F(TrustFilesTest, NothingElseIsServed) {
  const auto keys = OpenLogKeys(data_dir_, {});
  ASSERT_THAT(keys, IsOk());
  ASSERT_THAT(WriteTrustFiles(data_dir_, *keys, "http://127.0.0.1:1"), IsOk());
  for (const char* name : {"../keys/log.key", "", "keys", "policy/"}) {
    EXPECT_THAT(ReadTrustFile(data_dir_, name),
                StatusIs(absl::StatusCode::kNotFound))
        << name;
  }
}

}  // namespace
}  // namespace orrery::registry
