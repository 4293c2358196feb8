#include "registry/git/git_object.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/file_mode.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kIdBytes[] = "12345678901234567890";
constexpr char kIdHex[] = "3132333435363738393031323334353637383930";

std::string Entry(const std::string& mode, const std::string& name) {
  return absl::StrCat(mode, " ", name, std::string(1, '\0'), kIdBytes);
}

TEST(GitTreeTest, EntriesAreReadInTheirOwnOrder) {
  const ObjectId id = *ObjectId::ParseHex(kIdHex);
  EXPECT_THAT(
      ParseTree(Entry("100644", "b") + Entry("40000", "a") +
                Entry("040000", ".git") + Entry("177777", "../x y\xff")),
      IsOkAndHolds(ElementsAre(TreeEntry{"b", kFileMode, id},
                               TreeEntry{"a", kTreeMode, id},
                               TreeEntry{".git", kTreeMode, id},
                               TreeEntry{"../x y\xff", 0177777, id})));
  EXPECT_THAT(ParseTree(""), IsOkAndHolds(IsEmpty()));
}

TEST(GitTreeTest, MalformedTreesAreDataLoss) {
  const std::string good = Entry("40000", "a");
  const std::vector<std::string> malformed = {
      Entry("40000", ""),
      Entry("", "a"),
      Entry("40008", "a"),
      Entry("-40000", "a"),
      Entry("200000", "a"),
      Entry("777777777777777777777777", "a"),
      "40000",
      "40000 ",
      "40000 a",
      std::string("40000 a\0", 8),
      good + good.substr(0, good.size() - 1),
      good + std::string(1, '\0'),
      std::string(100, '\0'),
  };
  for (const std::string& bytes : malformed) {
    EXPECT_THAT(ParseTree(bytes), StatusIs(absl::StatusCode::kDataLoss))
        << bytes;
    EXPECT_THAT(FindTreeEntry(bytes, "a"),
                StatusIs(absl::StatusCode::kDataLoss))
        << bytes;
  }
}

TEST(GitTreeTest, EntryIsFoundWhateverTheOrder) {
  const std::string tree =
      Entry("100644", "z") + Entry("40000", "repo") + Entry("100644", "a");
  const auto found = FindTreeEntry(tree, "repo");
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->mode, kTreeMode);
  EXPECT_THAT(FindTreeEntry(tree, "rep"), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(
      FindTreeEntry(tree + Entry("100644", "repo"), "repo"),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("\"repo\" twice")));
}

TEST(GitCommitTest, TreeFirstParentAndTimeAreRead) {
  const std::string other(40, 'f');
  const auto facts = ParseCommit(absl::StrCat(
      "tree ", kIdHex, "\nparent ", kIdHex, "\nparent ", other,
      "\nauthor A <a> 5 +0000\ncommitter B > <b> 1400000000 +0200\n"
      "gpgsig x\n\ncommitter C <c> 7 +0000\n"));
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->tree.Hex(), kIdHex);
  EXPECT_EQ(facts->first_parent->Hex(), kIdHex);
  EXPECT_EQ(facts->time, absl::FromUnixSeconds(1'400'000'000));
}

TEST(GitCommitTest, TimeThatSaysNothingIsTheEpochAndALateOneIsBounded) {
  const std::string front = absl::StrCat("tree ", kIdHex, "\n");
  for (const std::string rest :
       {"", "\n", "committer", "committer \n", "committer B <b>\n",
        "committer B <b> soon\n", "committer B <b> -5 +0000\n",
        "\ncommitter B <b> 5 +0000\n"}) {
    const auto facts = ParseCommit(front + rest);
    ASSERT_THAT(facts, IsOk()) << rest;
    EXPECT_EQ(facts->time, absl::UnixEpoch()) << rest;
    EXPECT_EQ(facts->first_parent, std::nullopt);
  }
  const auto late =
      ParseCommit(front + "committer B <b> 9223372036854775807 +0000\n");
  EXPECT_EQ(late->time, absl::FromUnixSeconds(253'402'300'799));
}

TEST(GitCommitTest, WhatNamesNoObjectIsDataLoss) {
  for (const std::string& bytes :
       {std::string(), std::string("tree"), std::string("tree \n"),
        absl::StrCat("tree ", kIdHex), absl::StrCat("tree  ", kIdHex, "\n"),
        absl::StrCat("tree ", std::string(40, 'g'), "\n"),
        absl::StrCat("parent ", kIdHex, "\n")}) {
    EXPECT_THAT(ParseCommit(bytes), StatusIs(absl::StatusCode::kDataLoss))
        << bytes;
    EXPECT_THAT(ParseTag(bytes), StatusIs(absl::StatusCode::kDataLoss))
        << bytes;
  }
  const auto target =
      ParseTag(absl::StrCat("object ", kIdHex, "\ntype commit\n"));
  ASSERT_THAT(target, IsOk());
  EXPECT_EQ(target->Hex(), kIdHex);
}

}  // namespace
}  // namespace orrery::registry
