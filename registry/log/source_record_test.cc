#include "registry/log/source_record.h"

#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;

Source SourceAt(const char* url) {
  Source source;
  source.name = "universe";
  source.url = url;
  source.ref = "refs/heads/main";
  return source;
}

TEST(SourceRecordTest, WritesEveryUrlInOneSpelling) {
  const struct {
    const char* url;
    const char* expected;
  } kCases[] = {
      {"/srv/my repo", "file:///srv/my%20repo"},
      {"file:///srv/my%20repo/", "file:///srv/my%20repo"},
      {"https://git.example/u.git", "https://git.example/u.git"},
      {"ssh://git@git.example/u.git", "ssh://git@git.example/u.git"},
      {"git@git.example:team/u.git", "ssh://git@git.example/~/team/u.git"},
      {"git@git.example:/srv/u.git", "ssh://git@git.example/srv/u.git"},
      {"http://127.0.0.1:8080/u.git", "http://127.0.0.1:8080/u.git"},
  };
  for (const auto& [url, expected] : kCases) {
    const auto record = SourceRecordOf(SourceAt(url));
    ASSERT_THAT(record, IsOk()) << url;
    EXPECT_EQ(std::get<signing::GitOrigin>(record->origin).repository.url,
              expected);
  }
}

TEST(SourceRecordTest, SaysWhichRootModeAndAdmission) {
  Source source = SourceAt("/srv/u");
  source.subdir = "a/b";
  source.priority = 7;
  source.mode = signing::RevisionMode::kMutable;
  const auto record = SourceRecordOf(source);
  ASSERT_THAT(record, IsOk());
  const auto& origin = std::get<signing::GitOrigin>(record->origin);
  EXPECT_EQ(origin.directory, "a/b");
  EXPECT_EQ(origin.repository.ref, "refs/heads/main");
  EXPECT_EQ(record->priority, 7);
  EXPECT_EQ(record->mode, signing::RevisionMode::kMutable);
  EXPECT_EQ(record->admission, signing::Admission::kObserved);
}

TEST(SourceRecordTest, RefusesWhatHasNoFormInTheLog) {
  Source tag = SourceAt("/srv/u");
  tag.ref = "refs/tags/v1";
  Source folder = SourceAt("/srv/u");
  folder.subdir = "a b";
  Source priority = SourceAt("/srv/u");
  priority.priority = -1;
  for (const Source& source : {tag, folder, priority}) {
    EXPECT_THAT(SourceRecordOf(source),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("has no form in the log")));
  }
}

}  // namespace
}  // namespace orrery::registry
