#include "registry/index/search.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/index_schema.h"
#include "registry/index/search_listing.h"
#include "registry/index/similar_names.h"
#include "resolver/spelling.h"
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

  bool operator==(const Listed&) const = default;
};

ReleasePtr MakeRelease(const Listed& listed) {
  auto release = std::make_shared<Release>();
  release->name = listed.name;
  release->version = "1.0";
  release->tags = listed.tags;
  release->description = listed.description;
  release->maintainer = "ops@example.org";
  release->selected = listed.selected;
  return release;
}

class SearchTest : public ::testing::Test {
 protected:
  // Replaces everything, and names what differs from before.
  void Show(const std::vector<Listed>& packages) {
    std::map<std::string, Listed> next;
    for (const Listed& listed : packages) next[listed.name] = listed;
    std::map<std::string, ReleasePtr> changed;
    for (const auto& [name, listed] : shown_) {
      if (!next.contains(name)) changed[name] = nullptr;
    }
    for (const auto& [name, listed] : next) {
      const auto before = shown_.find(name);
      if (before == shown_.end() || !(before->second == listed)) {
        changed[name] = MakeRelease(listed);
      }
    }
    shown_ = std::move(next);
    ASSERT_THAT(database_->Transaction(
                    [&] { return UpdateListing(*database_, changed); }),
                IsOk());
    EXPECT_THAT(CountListed(*database_), IsOkAndHolds(shown_.size()));
  }

  std::vector<std::string> Find(const std::string& query, size_t limit = 20) {
    std::string after;
    return FindBehind(&after, query, limit);
  }
  // One page; then `after` is the place of its last name, empty when it was the
  // last page.
  std::vector<std::string> FindBehind(std::string* after,
                                      const std::string& query, size_t limit) {
    auto result = SearchNames(*database_, {query, *after, limit});
    EXPECT_THAT(result, IsOk());
    const bool more = result->names.size() > limit;
    if (more) result->names.resize(limit);
    *after = more ? result->names.back().place : "";
    std::vector<std::string> names;
    for (const FoundName& found : result->names) names.push_back(found.name);
    return names;
  }
  std::vector<std::string> List(const std::string& after, size_t limit) {
    const auto listed = ListNames(*database_, after, limit);
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> names;
    for (const FoundName& found : *listed) {
      EXPECT_EQ(found.place, found.name);
      names.push_back(found.name);
    }
    return names;
  }
  std::vector<std::string> DidYouMean(const std::string& query) {
    return SearchNames(*database_, {query})->did_you_mean;
  }

  std::map<std::string, Listed> shown_;
  std::unique_ptr<SqliteDatabase> database_ =
      *SqliteDatabase::Open(":memory:", IndexMigrations());
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

TEST_F(SearchTest, PagesFollowOneAnother) {
  std::vector<Listed> many;
  for (int i = 10; i < 35; ++i)
    many.push_back({absl::StrCat("pkg-", i), {}, ""});
  Show(many);
  std::vector<std::string> all;
  std::string after;
  for (const size_t size : {10, 10, 5}) {
    const std::vector<std::string> page = FindBehind(&after, "pkg", 10);
    EXPECT_EQ(page.size(), size);
    all.insert(all.end(), page.begin(), page.end());
  }
  EXPECT_EQ(after, "");
  ASSERT_EQ(all.size(), 25);
  for (int i = 10; i < 35; ++i) {
    EXPECT_EQ(all[static_cast<size_t>(i - 10)], absl::StrCat("pkg-", i));
  }
}

TEST_F(SearchTest, WhatStaysIsOnOnePageWhateverComesAndGoes) {
  // Found by name, by tag and by text, each twice.
  const std::vector<Listed> found = {
      {"queue", {}, ""},         {"queue-two", {}, ""},
      {"tag-a", {"queue"}, ""},  {"tag-bb", {"queue"}, ""},
      {"text-a", {}, "a queue"}, {"text-bb", {}, "a queue"}};
  for (size_t gone = 0; gone < found.size(); ++gone) {
    for (size_t limit = 1; limit <= found.size(); ++limit) {
      Show(found);
      std::string after;
      std::vector<std::string> all = FindBehind(&after, "queue", limit);
      std::vector<Listed> changed = found;
      changed.erase(changed.begin() + static_cast<int64_t>(gone));
      changed.push_back({"a-queue", {}, ""});
      changed.push_back({"queue-a", {}, ""});
      changed.push_back({"tag", {"queue"}, ""});
      Show(changed);
      while (!after.empty()) {
        for (const std::string& name : FindBehind(&after, "queue", limit)) {
          all.push_back(name);
        }
      }
      for (const Listed& listed : found) {
        if (listed.name == found[gone].name) continue;
        EXPECT_EQ(std::count(all.begin(), all.end(), listed.name), 1)
            << listed.name << ", " << limit << " a page, without "
            << found[gone].name;
      }
      const std::set<std::string> unique(all.begin(), all.end());
      EXPECT_EQ(unique.size(), all.size());
    }
  }
}

TEST_F(SearchTest, NamesOneErrorAwayHavePagesToo) {
  Show({{"kafka-a", {}, ""}, {"kafka-b", {}, ""}, {"kafka-c", {}, ""}});
  std::string after;
  EXPECT_THAT(FindBehind(&after, "kafka-x", 2),
              ElementsAre("kafka-a", "kafka-b"));
  EXPECT_THAT(FindBehind(&after, "kafka-x", 2), ElementsAre("kafka-c"));
  EXPECT_EQ(after, "");
}

TEST_F(SearchTest, EverythingHasPagesThatSurviveChanges) {
  Show({{"b", {}, "", /*selected=*/true}, {"d", {}, ""}, {"f", {}, ""}});
  std::string after;
  EXPECT_THAT(FindBehind(&after, "", 2), ElementsAre("b", "d"));
  Show({{"a", {}, ""}, {"b", {}, "", /*selected=*/true}, {"f", {}, ""}});
  EXPECT_THAT(FindBehind(&after, "", 2), ElementsAre("f"));
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
  const std::vector<std::string> found = Find("m", 100);
  ASSERT_EQ(found.size(), 60);
  for (size_t i = 1; i < found.size(); ++i) {
    EXPECT_LT(found[i - 1].size(), found[i].size());
  }
}

TEST_F(SearchTest, OddQueriesAreHarmless) {
  Show({{"kafka", {}, "x"}});
  for (const char* query : {"\"", "*", "^", "( OR", "name:kafka AND", "--",
                            "'; DROP TABLE x", "\xff", "NEAR(a b)"}) {
    EXPECT_THAT(SearchNames(*database_, {query}), IsOk()) << query;
  }
  EXPECT_THAT(Find("--"), IsEmpty());
  EXPECT_THAT(SearchNames(*database_, {std::string(1001, 'a')}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(SearchTest, EmptyQueryListsEverything) {
  Show({{"kafka", {}, ""}, {"spark", {}, "", /*selected=*/true}});
  EXPECT_THAT(Find(""), ElementsAre("spark", "kafka"));
}

TEST_F(SearchTest, NamesAreListedByPage) {
  Show(
      {{"kafka", {}, ""}, {"spark", {}, "", /*selected=*/true}, {"a", {}, ""}});
  EXPECT_THAT(List("", 2), ElementsAre("a", "kafka"));
  EXPECT_THAT(List("kafka", 2), ElementsAre("spark"));
  // Also when another one came before it.
  Show({{"kafka", {}, ""}, {"spark", {}, ""}, {"a", {}, ""}, {"b", {}, ""}});
  EXPECT_THAT(List("kafka", 2), ElementsAre("spark"));
}

// Against the distance itself.
TEST_F(SearchTest, ErrorsAreFoundWhereverTheyAre) {
  std::vector<Listed> names;
  for (const char* name : {"ab", "abc", "abcd", "abdc", "acbd", "bacd", "xabc",
                           "abcx", "axc", "a-bc", "ab-c", "abc2", "zz"}) {
    names.push_back({name, {}, ""});
  }
  Show(names);
  for (const char* word : {"abc", "abcd", "bc", "ac", "a", "zzz", "-", "b-c",
                           "abc-", "xyz", "bac", "acb"}) {
    std::vector<std::string> expected;
    for (const Listed& listed : names) {
      if (resolver::EditDistance(word, listed.name, 1) == 1) {
        expected.push_back(listed.name);
      }
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_THAT(NamesOneErrorAway(*database_, word), IsOkAndHolds(expected))
        << word;
  }
}

TEST_F(SearchTest, NearestNamesReachTwoErrorsAmongFew) {
  Show({{"elasticsearch", {}, ""}, {"kafka", {}, ""}});
  EXPECT_THAT(NearestNames(*database_, "elastisearh"),
              IsOkAndHolds(ElementsAre("elasticsearch")));
  EXPECT_THAT(NearestNames(*database_, "KAFKAA"),
              IsOkAndHolds(ElementsAre("kafka")));
  EXPECT_THAT(NearestNames(*database_, std::string(1000, 'k')),
              IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace orrery::registry
