#include "registry/git/secret_file.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string FileOf(const std::string& bytes) {
  const std::string file = absl::StrCat(::testing::TempDir(), "secret");
  std::ofstream(file) << bytes;
  return file;
}

TEST(SecretFileTest, OneLineIsTakenWithoutWhiteSpaceAroundIt) {
  for (const char* bytes : {"s3 cret", "s3 cret\n", " s3 cret \r\n"}) {
    EXPECT_THAT(ReadSecretFile(FileOf(bytes), "token file"),
                IsOkAndHolds("s3 cret"));
  }
}

TEST(SecretFileTest, AnythingElseIsRefusedWithoutShowingIt) {
  for (const std::string& bytes :
       {std::string(), std::string("\n"), std::string("hush1\nhush2\n"),
        std::string(4097, 'h')}) {
    EXPECT_THAT(
        ReadSecretFile(FileOf(bytes), "token file"),
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 AllOf(HasSubstr("the token file"), Not(HasSubstr("hush")))));
  }
}

TEST(SecretFileTest, WhatIsNoFileIsRefusedAndNotWaitedFor) {
  const std::string pipe = absl::StrCat(::testing::TempDir(), "pipe");
  ::mkfifo(pipe.c_str(), 0600);
  for (const std::string& file :
       {pipe, ::testing::TempDir(), std::string("/dev/zero"),
        std::string("/nonexistent/x")}) {
    EXPECT_THAT(
        ReadSecretFile(file, "token file"),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(file)));
  }
}

}  // namespace
}  // namespace orrery::registry
