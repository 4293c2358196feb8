#include "registry/search.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Listed {
  std::string name;
  std::vector<std::string> tags;
  std::string description;
  bool selected = false;
  bool hidden = false;

  bool operator==(const Listed&) const = default;
};

PackagePtr MakePackage(const Listed& listed) {
  auto release = std::make_shared<Release>();
  release->name = listed.name;
  release->version = "1.0";
  release->tags = listed.tags;
  release->description = listed.description;
  release->maintainer = "ops@example.org";
  release->selected = listed.selected;
  release->hidden = listed.hidden;
  auto package = std::make_shared<PackageEntry>();
  package->name = listed.name;
  package->releases = {release};
  return package;
}

class SearchTest : public ::testing::Test {
 protected:
  SearchTest() : index_(*SearchIndex::Create()) {}

  // Replaces everything, and names what differs from before.
  void Show(const std::vector<Listed>& packages) {
    std::map<std::string, Listed> next;
    for (const Listed& listed : packages) next[listed.name] = listed;
    std::set<std::string> changed;
    for (const auto& [name, listed] : shown_) {
      if (!next.contains(name) || !(next[name] == listed)) changed.insert(name);
    }
    std::vector<PackagePtr> list;
    for (const auto& [name, listed] : next) {
      if (!shown_.contains(name)) changed.insert(name);
      list.push_back(MakePackage(listed));
    }
    shown_ = std::move(next);
    auto snapshot = std::make_shared<const Snapshot>(
        ++generation_, std::move(list),
        std::vector<std::shared_ptr<const SourceContents>>(), nullptr);
    ASSERT_THAT(
        index_->Update(std::move(snapshot), {changed.begin(), changed.end()}),
        IsOk());
  }

  std::vector<std::string> Find(const std::string& query, size_t offset = 0,
                                size_t limit = 20) {
    const auto result = index_->Search({query, offset, limit});
    EXPECT_THAT(result, IsOk());
    std::vector<std::string> names;
    for (const Release* release : result->releases) {
      names.push_back(release->name);
    }
    return names;
  }
  std::vector<std::string> DidYouMean(const std::string& query) {
    return index_->Search({query})->did_you_mean;
  }

  uint64_t generation_ = 0;
  std::map<std::string, Listed> shown_;
  std::unique_ptr<SearchIndex> index_;
};

TEST_F(SearchTest, ExactNameComesFirst) {
  std::string often;
  for (int i = 0; i < 40; ++i) often += "bytes ";
  Show({{"bytes", {}, "Short."},
        {"bytes-utils", {"bytes"}, "bytes bytes bytes", /*selected=*/true},
        {"small", {}, often}});
  for (const char* query : {"bytes", "Bytes", " bytes "}) {
    EXPECT_THAT(Find(query), ElementsAre("bytes", "bytes-utils", "small"))
        << query;
  }
  EXPECT_THAT(Find("byte"), ElementsAre("bytes-utils", "bytes", "small"));
  EXPECT_THAT(DidYouMean("bytez"), ElementsAre("bytes"));
  EXPECT_THAT(DidYouMean("bytes"), IsEmpty());
}

TEST_F(SearchTest, NameBeatsTagBeatsText) {
  Show({{"text", {}, "about queue things"},
        {"tag", {"queue"}, "nothing"},
        {"my-queue", {}, "nothing"},
        {"queue-two", {}, "nothing"}});
  EXPECT_THAT(Find("queue"),
              ElementsAre("queue-two", "my-queue", "tag", "text"));
}

TEST_F(SearchTest, CertifiedOnesComeFirstAmongEquals) {
  Show({{"kafka-b", {}, "", /*selected=*/true}, {"kafka-a", {}, ""}});
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka-b", "kafka-a"));
}

TEST_F(SearchTest, SeparatorsDoNotMatter) {
  Show({{"lazy-static", {}, "x"}, {"lazy", {}, "x"}, {"static", {}, "x"}});
  for (const char* query : {"lazy_static", "lazy-static", "lazy static",
                            "lazystatic", "Lazy.Static"}) {
    EXPECT_THAT(Find(query), ElementsAre("lazy-static")) << query;
    EXPECT_THAT(DidYouMean(query), IsEmpty()) << query;
  }
}

TEST_F(SearchTest, EveryWordMustBeFoundAndMayBeAPrefix) {
  Show({{"kafka", {"stream"}, "A distributed log."},
        {"nifi", {"stream"}, "Moves data."}});
  EXPECT_THAT(Find("stre dist"), ElementsAre("kafka"));
  EXPECT_THAT(Find("stream nothing"), IsEmpty());
  EXPECT_THAT(Find("ops example"), SizeIs(2));
}

TEST_F(SearchTest, OneTypoIsForgivenAndSaid) {
  Show({{"kafka", {}, ""}, {"spark", {}, ""}, {"hdfs", {}, ""}});
  for (const char* query : {"kafak", "kafk", "kafkaa", "kafxa", "Kafak"}) {
    EXPECT_THAT(DidYouMean(query), ElementsAre("kafka")) << query;
    EXPECT_THAT(Find(query), ElementsAre("kafka")) << query;
  }
  EXPECT_THAT(DidYouMean("kfaak"), IsEmpty());
}

TEST_F(SearchTest, HiddenPackagesAreNotFound) {
  Show({{"kafka", {}, "", false, /*hidden=*/true}});
  EXPECT_THAT(Find("kafka"), IsEmpty());
  EXPECT_THAT(Find(""), IsEmpty());
  EXPECT_THAT(DidYouMean("kafk"), IsEmpty());
}

TEST_F(SearchTest, PagesFollowOneAnother) {
  std::vector<Listed> many;
  for (int i = 10; i < 35; ++i)
    many.push_back({absl::StrCat("pkg-", i), {}, ""});
  Show(many);
  std::vector<std::string> all = Find("pkg", 0, 10);
  EXPECT_TRUE(index_->Search({"pkg", 0, 10})->more);
  for (const std::string& name : Find("pkg", 10, 10)) all.push_back(name);
  for (const std::string& name : Find("pkg", 20, 10)) all.push_back(name);
  EXPECT_FALSE(index_->Search({"pkg", 20, 10})->more);
  ASSERT_EQ(all.size(), 25);
  for (int i = 10; i < 35; ++i) {
    EXPECT_EQ(all[static_cast<size_t>(i - 10)], absl::StrCat("pkg-", i));
  }
}

TEST_F(SearchTest, ChangesAreFoundAndWhatIsGoneIsNot) {
  Show({{"kafka", {}, "old words"}, {"spark", {}, ""}, {"hdfs", {}, ""}});
  Show({{"kafka", {}, "new words"}, {"spark", {}, ""}, {"nifi", {}, ""}});
  EXPECT_THAT(Find("new"), ElementsAre("kafka"));
  EXPECT_THAT(Find("old"), IsEmpty());
  EXPECT_THAT(Find("hdfs"), IsEmpty());
  EXPECT_THAT(Find("nifi"), ElementsAre("nifi"));
}

TEST_F(SearchTest, OrderHoldsWhenRowsRunOutBetweenNeighbours) {
  // Each name sorts directly before the one added last.
  std::vector<Listed> names = {{"aa", {}, ""}, {"zz", {}, ""}};
  for (int i = 0; i < 60; ++i) {
    names.push_back({absl::StrCat("m", std::string(60 - i, 'a')), {}, ""});
    Show(names);
  }
  const std::vector<std::string> found = Find("m", 0, 100);
  ASSERT_EQ(found.size(), 60);
  for (size_t i = 1; i < found.size(); ++i) {
    EXPECT_LT(found[i - 1].size(), found[i].size());
  }
}

TEST_F(SearchTest, OddQueriesAreHarmless) {
  Show({{"kafka", {}, "x"}});
  for (const char* query : {"\"", "*", "^", "( OR", "name:kafka AND", "--",
                            "'; DROP TABLE x", "\xff", "NEAR(a b)"}) {
    EXPECT_THAT(index_->Search({query}), IsOk()) << query;
  }
  EXPECT_THAT(Find("--"), IsEmpty());
  EXPECT_THAT(index_->Search({std::string(1001, 'a')}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(SearchTest, EmptyQueryListsEverything) {
  Show({{"kafka", {}, ""}, {"spark", {}, "", /*selected=*/true}});
  EXPECT_THAT(Find(""), ElementsAre("spark", "kafka"));
}

}  // namespace
}  // namespace orrery::registry
