#include "signing/client/content_check.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/refusal_matchers.h"
#include "signing/tree_hash.h"

namespace orrery::signing {
namespace {

RevisionContent Content() {
  RevisionContent content;
  content.release = 57;
  content.files = {{Digest::Of("one"), 3, "a"}, {Digest::Of("two"), 3, "b/c"}};
  const std::vector<TreeHash::File> files = {{"a", Digest::Of("one")},
                                             {"b/c", Digest::Of("two")}};
  content.tree = TreeHash::Of("kafka", 57, files);
  return content;
}

absl::Status Check(const std::vector<FetchedFile>& files,
                   absl::string_view package = "kafka") {
  return CheckContent(package, Content(), files);
}

TEST(ContentCheckTest, TakesAllFilesInAnyOrder) {
  EXPECT_THAT(Check({{"b/c", "two"}, {"a", "one"}}), IsOk());
}

TEST(ContentCheckTest, RefusesWhatIsNotTheSignedContent) {
  EXPECT_THAT(Check({{"a", "on"}, {"b/c", "two"}}),
              Refused(RefusalCode::kContentSize));
  EXPECT_THAT(Check({{"a", "one+"}, {"b/c", "two"}}),
              Refused(RefusalCode::kContentSize));
  EXPECT_THAT(Check({{"a", "oNe"}, {"b/c", "two"}}),
              Refused(RefusalCode::kContentDigest));
  EXPECT_THAT(Check({{"a", "one"}}), Refused(RefusalCode::kContentUnlisted));
  EXPECT_THAT(Check({{"a", "one"}, {"b/c", "two"}, {"d", ""}}),
              Refused(RefusalCode::kContentUnlisted));
  EXPECT_THAT(Check({{"a", "one"}, {"a", "one"}, {"b/c", "two"}}),
              Refused(RefusalCode::kContentUnlisted));
}

TEST(ContentCheckTest, TellsTheFirstReasonInTheOrderOfTheList) {
  EXPECT_THAT(Check({{"a", "oNe"}, {"b/c", "to"}, {"d", ""}}),
              Refused(RefusalCode::kContentSize));
  EXPECT_THAT(Check({{"b/c", "to"}}), Refused(RefusalCode::kContentSize));
  EXPECT_THAT(Check({{"../d", ""}, {"b/c", "tWo"}}, "spark"),
              Refused(RefusalCode::kContentDigest));
  EXPECT_THAT(Check({{"../d", ""}, {"a", "one"}}, "spark"),
              Refused(RefusalCode::kContentTree));
  EXPECT_THAT(Check({{"../d", ""}, {"a", "one"}, {"b/c", "two"}}),
              Refused(RefusalCode::kContentUnlisted));
  RevisionContent content = Content();
  content.files[0].path = "../a";
  const std::vector<TreeHash::File> files = {{"../a", Digest::Of("one")},
                                             {"b/c", Digest::Of("two")}};
  content.tree = TreeHash::Of("kafka", 57, files);
  const std::vector<FetchedFile> fetched = {{"../a", "one"}, {"b/c", "two"}};
  EXPECT_THAT(CheckContent("kafka", content, fetched),
              Refused(RefusalCode::kContentPath));
}

TEST(ContentCheckTest, TheTreeIsThatOfThePackage) {
  EXPECT_THAT(Check({{"a", "one"}, {"b/c", "two"}}, "spark"),
              Refused(RefusalCode::kContentTree));
}

}  // namespace
}  // namespace orrery::signing
