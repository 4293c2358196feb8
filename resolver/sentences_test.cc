#include "resolver/sentences.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;

// Two packages: 0 is `a` with releases 1 to 5, 1 is `b` with 1 and 1 again.
class TwoPackages : public MetadataSource {
 public:
  TwoPackages() {
    for (int i = 1; i <= 5; ++i) a_.push_back({std::to_string(i)});
    b_ = {{"1"}, {"1"}};
    b_[1].release = 7;
  }
  absl::string_view Name(PackageId package) override {
    return package == PackageId{0} ? "a" : package == PackageId{1} ? "b" : "c";
  }
  absl::StatusOr<std::span<const Candidate>> Candidates(
      PackageId package) override {
    if (package == PackageId{0}) return std::span<const Candidate>(a_);
    if (package == PackageId{1}) return std::span<const Candidate>(b_);
    return std::span<const Candidate>();
  }
  absl::StatusOr<const PackageRelations*> Load(const Node&) override {
    return absl::NotFoundError("no relations here");
  }

  std::vector<Candidate> a_;
  std::vector<Candidate> b_;
};

TEST(SentencesTest, ReleasesAreSaidInTheFewestWords) {
  TwoPackages source;
  const auto text = [&source](const RankSet& ranks) {
    return ReleasesText(source.a_, ranks);
  };
  EXPECT_EQ(text({{0, 4}}), "(every release)");
  EXPECT_EQ(text({{2, 2}}), "3");
  EXPECT_EQ(text({{2, 4}}), "3 and newer");
  EXPECT_EQ(text({{0, 1}}), "2 and older");
  EXPECT_EQ(text({{1, 3}}), "2 to 4");
  EXPECT_EQ(text({{0, 0}, {2, 2}, {4, 4}}), "1, 3, 5");
  EXPECT_EQ(ReleasesText(source.b_, {{1, 1}}), "1 (release 7)");
}

TEST(SentencesTest, ManyRunsAreCounted) {
  std::vector<Candidate> candidates;
  for (int i = 1; i <= 9; ++i) candidates.push_back({std::to_string(i)});
  EXPECT_EQ(ReleasesText(candidates, {{0, 0}, {2, 2}, {4, 4}, {6, 6}}),
            "4 of 9 releases from 1 to 7");
}

Fact Needs(const std::string& subject, PackageId package, RankSet releases,
           Fact::Targeted target) {
  Fact fact;
  fact.kind = Fact::Kind::kNeeds;
  fact.subject = subject;
  fact.package = package;
  fact.releases = std::move(releases);
  fact.targets = {std::move(target)};
  return fact;
}

TEST(SentencesTest, ATargetThatNothingFitsSaysSo) {
  TwoPackages source;
  const auto say = [&source](Fact::Targeted target) {
    return *Sentence(Needs("a", PackageId{0}, {{0, 0}}, std::move(target)),
                     "dc1", source);
  };
  EXPECT_EQ(say({"b", ">=2", PackageId{1}, {}}),
            "a 1 needs b >=2, and no release fits");
  EXPECT_EQ(say({"c", "*", PackageId{2}, {}}),
            "a 1 needs c, and there is no such package");
  EXPECT_EQ(say({"cap:sql", "*", PackageId{2}, {}, /*is_capability=*/true}),
            "a 1 needs cap:sql, and nobody provides it");
  EXPECT_EQ(say({"sql", ">=3", PackageId{0}, {}, /*is_capability=*/true}),
            "a 1 needs sql >=3, and no release fits");
}

// The number of its package says nothing.
TEST(SentencesTest, ACapabilityThatIsAskedForAndNobodyHasIsNoPackage) {
  TwoPackages source;
  Fact fact;
  fact.targets = {{"cap:sql", "*", PackageId{0}, {}, /*is_capability=*/true}};
  EXPECT_EQ(*Sentence(fact, "dc1", source),
            "you ask for cap:sql, and nobody provides it");
  fact.targets[0].range = ">=99";
  EXPECT_EQ(*Sentence(fact, "dc1", source),
            "you ask for cap:sql >=99, and no release fits");
}

TEST(SentencesTest, AllWhoWantAClaimAreNamed) {
  TwoPackages source;
  Fact fact;
  fact.kind = Fact::Kind::kClaim;
  fact.subject = "a";
  fact.text = "vip:10.0.0.1";
  fact.targets = {{"b"}, {"c"}};
  EXPECT_EQ(*Sentence(fact, "dc1", source),
            "only one service can hold vip:10.0.0.1: a, b and c want it");
}

TEST(SentencesTest, AChainOfNeedsIsOneSentence) {
  TwoPackages source;
  const std::vector<Fact> facts = {
      Needs("a", PackageId{0}, {{1, 1}}, {"b", "*", PackageId{1}, {{1, 1}}}),
      Needs("b", PackageId{1}, {{1, 1}}, {"c", "*", PackageId{2}, {}})};
  EXPECT_THAT(*Sentences(facts, "dc1", source),
              ElementsAre("a 2 needs b 1 (release 7), which needs c, and there "
                          "is no such package"));
}

TEST(SentencesTest, AtMostTwelveThenACount) {
  TwoPackages source;
  Fact fact;
  fact.kind = Fact::Kind::kClaim;
  fact.subject = "a";
  fact.targets = {{"b"}};
  const auto sentences = *Sentences(std::vector<Fact>(15, fact), "dc1", source);
  EXPECT_EQ(sentences.size(), 13u);
  EXPECT_EQ(sentences.back(), "and 3 more facts");
}

}  // namespace
}  // namespace orrery::resolver
