#include "catalog/verify/state_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::StrEq;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kNoWait = absl::ZeroDuration();

class StateDirectoryTest : public ::testing::Test {
 protected:
  StateDirectoryTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    chmod(root_.c_str(), 0700);
  }

  void Store(absl::string_view bytes) {
    auto state = StateDirectory::Lock(path_, kNoWait);
    ASSERT_THAT(state, IsOk());
    ASSERT_THAT((*state)->Write(bytes), IsOk());
  }

  absl::StatusOr<std::optional<std::string>> Load() {
    auto state = StateDirectory::Lock(path_, kNoWait);
    if (!state.ok()) return state.status();
    return (*state)->Read();
  }

  std::vector<std::string> NamesIn(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const std::string root_ = ::testing::TempDir() + "/state";
  const std::string path_ = root_ + "/trust/public";
};

TEST_F(StateDirectoryTest, DirectoryThatIsNotThereIsTheFirstUse) {
  EXPECT_THAT(Load(), IsOkAndHolds(std::nullopt));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(StateDirectoryTest, WhatIsWrittenIsReadAndOthersCannot) {
  Store("one");
  Store("two");
  EXPECT_THAT(Load(), IsOkAndHolds(Optional(StrEq("two"))));
  EXPECT_THAT(NamesIn(path_), UnorderedElementsAre("checkpoint", "lock"));
  EXPECT_THAT(NamesIn(root_ + "/trust"), ElementsAre("public"));
  struct stat status = {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, mode_t{0700});
  ASSERT_EQ(stat((path_ + "/checkpoint").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, mode_t{0600});
}

TEST_F(StateDirectoryTest, HeldStateIsLockedAlsoBeforeTheFirstWrite) {
  auto held = StateDirectory::Lock(path_, kNoWait);
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(StateDirectory::Lock(path_, kNoWait),
              Refused(RefusalCode::kStateLock));
  ASSERT_THAT((*held)->Write("one"), IsOk());
  EXPECT_THAT(StateDirectory::Lock(path_, kNoWait),
              Refused(RefusalCode::kStateLock));
  held->reset();
  EXPECT_THAT(Load(), IsOkAndHolds(Optional(StrEq("one"))));
}

TEST_F(StateDirectoryTest, LostCheckpointIsNoFirstUse) {
  Store("one");
  unlink((path_ + "/checkpoint").c_str());
  EXPECT_THAT(Load(), Refused(RefusalCode::kStateCorrupt));
}

TEST_F(StateDirectoryTest, WhatOthersMayWriteToIsCorrupt) {
  Store("one");
  for (const std::string& path :
       {path_ + "/checkpoint", path_ + "/lock", path_, root_ + "/trust"}) {
    struct stat status = {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    for (const mode_t mode : {S_IWGRP, S_IWOTH}) {
      chmod(path.c_str(), (status.st_mode & 07777) | mode);
      EXPECT_THAT(Load(), Refused(RefusalCode::kStateCorrupt)) << path;
    }
    chmod(path.c_str(), status.st_mode & 07777);
  }
  EXPECT_THAT(Load(), IsOkAndHolds(Optional(StrEq("one"))));
}

TEST_F(StateDirectoryTest, LinkInThePlaceOfTheCheckpointIsCorrupt) {
  Store("one");
  std::filesystem::rename(path_ + "/checkpoint", root_ + "/elsewhere");
  std::filesystem::create_symlink(root_ + "/elsewhere", path_ + "/checkpoint");
  EXPECT_THAT(Load(), Refused(RefusalCode::kStateCorrupt));
}

TEST_F(StateDirectoryTest, RootOfAllStateMayBeALink) {
  std::filesystem::create_directories(root_ + "/disk");
  std::filesystem::permissions(root_ + "/disk",
                               std::filesystem::perms::owner_all);
  std::filesystem::create_directory_symlink(root_ + "/disk", root_ + "/trust");
  Store("one");
  EXPECT_THAT(Load(), IsOkAndHolds(Optional(StrEq("one"))));
}

TEST_F(StateDirectoryTest, HalfOfAFirstUseIsRemoved) {
  std::filesystem::create_directories(root_ + "/trust/.public.new/fork-x");
  Store("one");
  EXPECT_THAT(NamesIn(root_ + "/trust"), ElementsAre("public"));
}

TEST_F(StateDirectoryTest, FolderThatCannotBeMadeIsNotWritten) {
  std::ofstream(root_ + "/trust") << "a file";
  EXPECT_THAT(StateDirectory::Lock(path_, kNoWait),
              Refused(RefusalCode::kStateWrite));
}

TEST_F(StateDirectoryTest, EvidenceStaysUntilItIsAcknowledged) {
  const signing::ForkEvidence evidence{"fork-0123456789abcdef",
                                       {{"old.note", "a"}, {"report", "b"}}};
  Store("one");
  {
    auto state = StateDirectory::Lock(path_, kNoWait);
    ASSERT_THAT(state, IsOk());
    ASSERT_THAT((*state)->Keep(evidence), IsOk());
    ASSERT_THAT((*state)->Keep(evidence), IsOk());
  }
  EXPECT_THAT(UnacknowledgedEvidence(path_),
              IsOkAndHolds(ElementsAre("fork-0123456789abcdef")));
  EXPECT_THAT(AcknowledgeEvidence(path_, "fork-0123456789abcdee"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(AcknowledgeEvidence(path_, "fork-0123456789abcdef"), IsOk());
  EXPECT_THAT(AcknowledgeEvidence(path_, "fork-0123456789abcdef"), IsOk());
  EXPECT_THAT(UnacknowledgedEvidence(path_), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(NamesIn(path_ + "/fork-0123456789abcdef"),
              UnorderedElementsAre("old.note", "report", "ack"));
}

TEST_F(StateDirectoryTest, WhatWasReplayedAndToldIsKeptBesideTheCheckpoint) {
  {
    auto state = StateDirectory::Lock(path_, kNoWait);
    ASSERT_THAT(state, IsOk());
    EXPECT_THAT((*state)->ReadReplayed(), IsOkAndHolds(std::nullopt));
    EXPECT_EQ((*state)->ReadTold(), std::nullopt);
    ASSERT_THAT((*state)->Write("one"), IsOk());
    EXPECT_THAT((*state)->ReadReplayed(), IsOkAndHolds(std::nullopt));
    ASSERT_THAT((*state)->WriteReplayed("zero"), IsOk());
    ASSERT_THAT((*state)->WriteTold(8), IsOk());
    ASSERT_THAT((*state)->WriteTold(5), IsOk());
  }
  auto state = StateDirectory::Lock(path_, kNoWait);
  ASSERT_THAT(state, IsOk());
  EXPECT_THAT((*state)->Read(), IsOkAndHolds(Optional(StrEq("one"))));
  EXPECT_THAT((*state)->ReadReplayed(), IsOkAndHolds(Optional(StrEq("zero"))));
  EXPECT_EQ((*state)->ReadTold(), 8);
}

TEST_F(StateDirectoryTest, NoteOfASoundLogIsNothingUnlessItIsOnesOwn) {
  {
    auto state = StateDirectory::Lock(path_, kNoWait);
    ASSERT_THAT(state, IsOk());
    EXPECT_EQ((*state)->ReadSound(), std::nullopt);
    ASSERT_THAT((*state)->Write("one"), IsOk());
    EXPECT_EQ((*state)->ReadSound(), std::nullopt);
    ASSERT_THAT((*state)->WriteSound("sound"), IsOk());
  }
  const std::string path = path_ + "/sound";
  auto state = StateDirectory::Lock(path_, kNoWait);
  ASSERT_THAT(state, IsOk());
  EXPECT_THAT((*state)->ReadSound(), Optional(StrEq("sound")));
  chmod(path.c_str(), 0622);
  EXPECT_EQ((*state)->ReadSound(), std::nullopt);
  ASSERT_THAT((*state)->WriteSound("again"), IsOk());
  EXPECT_THAT((*state)->ReadSound(), Optional(StrEq("again")));
  std::filesystem::rename(path, path + "x");
  std::filesystem::create_symlink(path + "x", path);
  EXPECT_EQ((*state)->ReadSound(), std::nullopt);
}

TEST_F(StateDirectoryTest, EvidenceIsNoPath) {
  Store("one");
  EXPECT_THAT(AcknowledgeEvidence(path_, "fork-/../.."),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(StateDirectoryTest, WithoutADirectoryThereIsNoEvidence) {
  EXPECT_THAT(UnacknowledgedEvidence(path_), IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace orrery::catalog
