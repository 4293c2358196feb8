#include "registry/log/logged_revisions.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/replay/catalog.h"
#include "signing/replay/log_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Lines(absl::string_view catalog) {
  std::vector<std::string> lines;
  for (const LoggedRevision& revision : ReadRevisions(catalog)) {
    lines.push_back(absl::StrCat(revision.source, " ", revision.release, "#",
                                 revision.revision, " ", revision.evidence, " ",
                                 revision.state, " ", revision.version));
  }
  return lines;
}

class LoggedRevisionsTest : public ::testing::Test {
 protected:
  void Take(const signing::Record& record) {
    ASSERT_THAT(log_.Append(record), IsOk()) << signing::PrintRecord(record);
  }
  void TakeRelease(absl::string_view source, absl::string_view package,
                   int64_t release, int64_t revision = 1) {
    Take(log_.Observed(source, package, release, revision,
                       absl::StrCat(source, release, revision)));
  }

  signing::TestLog log_;
};

TEST_F(LoggedRevisionsTest, EveryStateIsListedNewestFirst) {
  Take(log_.Source("universe"));
  TakeRelease("universe", "kafka", 9);
  TakeRelease("universe", "kafka", 10);
  TakeRelease("universe", "kafka", 10, 2);
  TakeRelease("universe", "kafka", 11);
  Take(log_.Withdrawn("universe", "kafka", 11));
  const std::string catalog = signing::PrintCatalog(log_.state());
  EXPECT_THAT(Lines(catalog),
              ElementsAre("universe 11#1 observed withdrawn 1.0",
                          "universe 10#2 observed current 1.0",
                          "universe 10#1 observed superseded 1.0",
                          "universe 9#1 observed current 1.0"));
  EXPECT_EQ(ReadRevisions(catalog)[1].tree,
            signing::FindRelease(*signing::FindPackage(log_.state(), "kafka"),
                                 "universe", 10)
                ->revisions[1]
                .tree.Text());
}

TEST_F(LoggedRevisionsTest, RetiredSourcesComeLastAndOverlaysNot) {
  Take(log_.Source("a"));
  Take(log_.Source("b"));
  signing::Record overlay = log_.Source("o");
  std::get<signing::SourceRecord>(overlay.body).overlay_of = "b";
  Take(overlay);
  TakeRelease("a", "kafka", 7);
  TakeRelease("b", "kafka", 1);
  TakeRelease("o", "kafka", 1);
  signing::Record retired = log_.Source("a");
  std::get<signing::SourceRecord>(retired.body).admission =
      signing::Admission::kNone;
  Take(retired);
  EXPECT_THAT(Lines(signing::PrintCatalog(log_.state())),
              ElementsAre("b 1#1 observed current 1.0",
                          "a 7#1 observed withdrawn 1.0"));
}

TEST_F(LoggedRevisionsTest, WithoutAPackageThereAreNone) {
  Take(log_.Source("universe"));
  EXPECT_THAT(Lines(signing::PrintCatalog(log_.state())), IsEmpty());
  EXPECT_THAT(Lines(""), IsEmpty());
}

}  // namespace
}  // namespace orrery::registry
