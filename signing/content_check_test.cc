#include "signing/content_check.h"

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
  EXPECT_THAT(Check({{"a", "one"}, {"b/c", "two"}, {"../d", ""}}),
              Refused(RefusalCode::kContentPath));
}

TEST(ContentCheckTest, TheTreeIsThatOfThePackage) {
  EXPECT_THAT(Check({{"a", "one"}, {"b/c", "two"}}, "spark"),
              Refused(RefusalCode::kContentTree));
}

}  // namespace
}  // namespace orrery::signing
