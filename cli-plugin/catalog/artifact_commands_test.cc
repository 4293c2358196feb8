#include "cli-plugin/catalog/artifact_commands.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// SHA-256 of "abc" (FIPS 180-4, appendix).
constexpr char kHex[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class ArtifactCommandsTest : public tests::CommandTest {
 protected:
  ArtifactCommandsTest() {
    working_directory = ::testing::TempDir();
    std::ofstream(working_directory + "/echod.txt") << "abc";
  }
  std::string Path(const std::string& method) {
    return method + " /v1/artifacts/sha256/" + kHex;
  }
};

TEST_F(ArtifactCommandsTest, AddSendsTheFileAndPrintsItsUri) {
  http.Answer(Path("HEAD"), 404, "");
  http.Answer(Path("PUT"), 201, "{}");
  EXPECT_EQ(Run({"artifact", "add", "echod.txt", "-q"}), 0);
  EXPECT_EQ(out, std::string("artifact:sha256:") + kHex + "/echod.txt\n");
  EXPECT_EQ(http.Last(Path("PUT")).upload_path,
            working_directory + "echod.txt");
  EXPECT_THAT(err, IsEmpty());
}

TEST_F(ArtifactCommandsTest, AddOfWhatIsThereSendsNothing) {
  http.Answer(Path("HEAD"), 200, "");
  EXPECT_EQ(Run({"artifact", "add", "echod.txt", "-o", "jsonl"}), 0);
  EXPECT_THAT(http.requests(), ElementsAre(Path("HEAD")));
  EXPECT_THAT(out, HasSubstr("\"size\":3,\"already_stored\":true"));
}

TEST_F(ArtifactCommandsTest, RefusedUploadIsTold) {
  http.Answer(Path("HEAD"), 404, "");
  http.Answer(Path("PUT"), 409,
              R"({"code":"FAILED_PRECONDITION","detail":"disk is full"})");
  EXPECT_EQ(Run({"artifact", "add", "echod.txt", "-q"}), 4);
  EXPECT_EQ(err, "orrery: disk is full\n");
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(ArtifactCommandsTest, WhatIsNoRegularFileIsWrongUse) {
  ASSERT_EQ(mkfifo((working_directory + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(Run({"artifact", "add", "pipe", "-q"}), 64);
  EXPECT_THAT(err, HasSubstr("pipe is no regular file"));
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(ArtifactCommandsTest, NameThatNoUriCanHaveIsWrongUse) {
  std::ofstream(working_directory + "/a\x1b]0;b") << "abc";
  EXPECT_EQ(Run({"artifact", "add", "a\x1b]0;b", "-q"}), 64);
  EXPECT_THAT(err, HasSubstr("the file name is none"));
  EXPECT_THAT(err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(ArtifactCommandsTest, MissingFileAndDirectoryAreWrongUse) {
  EXPECT_EQ(Run({"artifact", "add", "nothing.txt", "-q"}), 64);
  EXPECT_THAT(err, HasSubstr("nothing.txt does not exist"));
  EXPECT_EQ(Run({"artifact", "add", ".", "-q"}), 64);
  EXPECT_THAT(err, HasSubstr("is a directory"));
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(ArtifactCommandsTest, RemoveTakesTheUriThatAddPrinted) {
  http.Answer(Path("DELETE"), 200, "{}");
  EXPECT_EQ(
      Run({"artifact", "remove",
           std::string("artifact:sha256:") + kHex + "/echod.txt", "--yes"}),
      0);
  EXPECT_THAT(http.requests(), ElementsAre(Path("DELETE")));
}

TEST_F(ArtifactCommandsTest, RemoveOfSomethingElseIsWrongUse) {
  EXPECT_EQ(Run({"artifact", "remove", "echod.txt", "--yes"}), 64);
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(ArtifactCommandsTest, ListShowsDigestsAndSizes) {
  http.Answer("GET /v1/artifacts", 200,
              R"({"artifacts":[{"sha256":"ab","size":3,
                  "create_time":"2026-01-01T00:00:00Z"}]})");
  EXPECT_EQ(Run({"artifact", "list"}), 0);
  EXPECT_EQ(out,
            "SHA256  SIZE  STORED\n"
            "ab      3     2026-01-01T00:00:00Z\n");
}

}  // namespace
}  // namespace orrery::cli
