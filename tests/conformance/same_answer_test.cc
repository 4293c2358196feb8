// What must not matter does not (resolver.md §16 row 4): threads, packages that
// nobody reaches, releases that were not chosen, and names.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

#include "registry/format/json_value.h"
#include "resolver/answer.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"
#include "resolver/resolve.h"
#include "tests/conformance/case_run.h"
#include "tests/testing/case_files.h"
#include "tests/testing/case_universe.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::tests {
namespace {

using registry::JsonValue;

struct Case {
  JsonValue problem;
  JsonValue packages;
};

class SameAnswerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("ORRERY_TEST_DATA");
    if (data == nullptr) GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    const std::filesystem::path cases =
        std::filesystem::path(data) / "resolver" / "cases";
    std::vector<std::string> paths;
    for (const auto& file : std::filesystem::directory_iterator(cases)) {
      paths.push_back(file.path().string());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      const auto list = ReadCaseFile(path);
      ASSERT_THAT(list, IsOk());
      for (const JsonValue& problem : list->items()) {
        cases_.push_back({problem, *problem.Find("packages")});
      }
    }
    ASSERT_EQ(cases_.size(), 321u);
  }

  static std::string Line(const JsonValue& problem, const JsonValue& packages) {
    CaseUniverse universe(packages);
    CaseRun run = RunCase(problem, &universe);
    run.milliseconds = 0;
    return CaseRunLine(run);
  }
  static std::string Line(const Case& each) {
    return Line(each.problem, each.packages);
  }

  std::vector<Case> cases_;
};

TEST_F(SameAnswerTest, EightThreadsSayWhatOneSays) {
  std::vector<std::string> alone;
  for (const Case& each : cases_) alone.push_back(Line(each));
  constexpr size_t kThreads = 8;
  std::vector<std::vector<std::string>> together(kThreads);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, &lines = together[thread]] {
      for (const Case& each : cases_) lines.push_back(Line(each));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& lines : together) EXPECT_EQ(lines, alone);
}

TEST_F(SameAnswerTest, PackagesThatNobodyReachesDoNotMatter) {
  JsonValue release = JsonValue::Object();
  release.Set("v", JsonValue::String("1"));
  release.Set("claims", JsonValue::Array({JsonValue::String("port:80")}));
  const JsonValue unrelated = JsonValue::Array({release, release});
  for (const Case& each : cases_) {
    JsonValue packages = each.packages;
    auto& members = packages.members();
    members.insert(members.begin(), {"aaa unrelated", unrelated});
    members.push_back({"zzz unrelated", unrelated});
    EXPECT_EQ(Line(each.problem, packages), Line(each));
  }
}

// A universe in which what was not chosen cannot be.
class OnlyChosen : public resolver::MetadataSource {
 public:
  OnlyChosen(const resolver::Answer& answer, CaseUniverse* base)
      : base_(*base) {
    for (const auto& [node, rank, features] : answer.chosen) {
      chosen_.emplace(node.package, rank);
    }
  }

  absl::string_view Name(resolver::PackageId package) override {
    return base_.Name(package);
  }
  absl::StatusOr<std::span<const resolver::Candidate>> Candidates(
      resolver::PackageId package) override {
    const auto [entry, is_new] = candidates_.try_emplace(package);
    if (is_new) {
      const auto all = *base_.Candidates(package);
      entry->second.assign(all.begin(), all.end());
      for (resolver::Rank rank = 0; rank < all.size(); ++rank) {
        if (chosen_.contains({package, rank})) continue;
        entry->second[rank].barred = "it was not chosen";
      }
    }
    return std::span<const resolver::Candidate>(entry->second);
  }
  absl::StatusOr<const resolver::PackageRelations*> Load(
      const resolver::Node& node) override {
    return base_.Load(node);
  }

 private:
  CaseUniverse& base_;
  std::set<std::pair<resolver::PackageId, resolver::Rank>> chosen_;
  std::map<resolver::PackageId, std::vector<resolver::Candidate>> candidates_;
};

TEST_F(SameAnswerTest, ReleasesThatWereNotChosenDoNotMatter) {
  for (const Case& each : cases_) {
    CaseUniverse universe(each.packages);
    const resolver::Request request =
        universe.ReadRequest(*each.problem.Find("request"));
    // A fact is no release.
    if (!request.facts.empty()) continue;
    const auto answer = resolver::Resolve(request, universe);
    if (answer->status != resolver::Status::kSolved) continue;
    OnlyChosen rest(*answer, &universe);
    const auto again = resolver::Resolve(request, rest);
    EXPECT_EQ(again->chosen, answer->chosen) << each.problem.FindString("id");
    EXPECT_EQ(again->changed, answer->changed);
  }
}

// In no name of the cases.
constexpr absl::string_view kMark = "¤";

// Every name of a package with the mark in front, so the order stays.
JsonValue Renamed(const JsonValue& value, absl::string_view member) {
  static const auto& by_name = *new std::set<std::string>(
      {"packages", "prv", "installed", "locked", "prefer", "facts"});
  JsonValue renamed = value;
  if (value.is_string() && (member == "p" || member == "update") &&
      value.text() != "*") {
    return JsonValue::String(absl::StrCat(kMark, value.text()));
  }
  for (JsonValue& item : renamed.items()) item = Renamed(item, member);
  for (auto& [name, child] : renamed.members()) {
    const bool is_package = by_name.contains(std::string(member));
    child = Renamed(child, is_package ? "" : name);
    if (is_package) name = absl::StrCat(kMark, name);
  }
  return renamed;
}

TEST_F(SameAnswerTest, NamesThatKeepTheirOrderDoNotMatter) {
  size_t marked = 0;
  for (const Case& each : cases_) {
    JsonValue problem = each.problem;
    problem.Set("expect", JsonValue::Object());
    const std::string line = Line(problem, each.packages);
    problem.Set("request", Renamed(*each.problem.Find("request"), ""));
    const std::string renamed =
        Line(problem, Renamed(each.packages, "packages"));
    marked += absl::StrContains(renamed, kMark) ? 1 : 0;
    EXPECT_EQ(absl::StrReplaceAll(renamed, {{kMark, ""}}), line);
  }
  EXPECT_GT(marked, 300u);
}

// The members of all objects that are maps by name, packages among them.
void Shuffle(JsonValue* value, std::mt19937* random) {
  for (JsonValue& item : value->items()) Shuffle(&item, random);
  auto& members = value->members();
  std::shuffle(members.begin(), members.end(), *random);
  for (auto& [name, child] : members) Shuffle(&child, random);
}

TEST_F(SameAnswerTest, OrderOfMapsDoesNotMatter) {
  for (const uint32_t seed : {1u, 2u}) {
    std::mt19937 random(seed);
    for (const Case& each : cases_) {
      Case shuffled = each;
      Shuffle(&shuffled.packages, &random);
      Shuffle(&shuffled.problem, &random);
      EXPECT_EQ(Line(shuffled), Line(each));
    }
  }
}

}  // namespace
}  // namespace orrery::tests
