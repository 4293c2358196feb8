// What the policy does not let in.

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/outdated.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolution_fixture.h"
#include "registry/status/error_details.h"
#include "resolver/answer.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Denies releases by `name release`.
class DenyList : public ReleaseAdmission {
 public:
  explicit DenyList(std::set<std::string> denied)
      : denied_(std::move(denied)) {}

  bool UsesOverlays(absl::string_view /*package*/) const override {
    return !denied_.contains("overlays");
  }
  absl::Status Admit(const registry::Release& release) const override {
    return Judge(release.name, release.release);
  }
  absl::Status AdmitRunning(const RunningService& record) const override {
    return Judge(record.package, record.release);
  }

 private:
  absl::Status Judge(const std::string& name, int64_t release) const {
    const std::string key = absl::StrCat(name, " ", release);
    if (!denied_.contains(key)) return absl::OkStatus();
    return signing::Refuse(RefusalCode::kNameDenied, key);
  }

  const std::set<std::string> denied_;
};

class AdmissionTest : public ResolutionTest {
 protected:
  AdmissionTest() {
    builder_.AddRelease("db", 2, "2", Release("db"))
        .AddRelease("db", 1, "1", Release("db"))
        .AddRelease("app", 1, "1",
                    Release("app", R"({"requires": [{"package": "db"}]})"));
  }

  void Deny(std::set<std::string> denied) {
    admission_ = std::make_shared<DenyList>(std::move(denied));
  }

  absl::StatusOr<Resolution> Ask(const std::string& item) {
    query_.items = {*ParseRequestItem(item)};
    return Resolver().Resolve(query_);
  }
};

TEST_F(AdmissionTest, ChoosesTheNewestThatIsLetIn) {
  Deny({"db 2"});
  EXPECT_THAT(Nodes(Resolve({"app"})),
              ElementsAre("db 1 <- app", "app 1 <- request:0"));
  EXPECT_THAT(Resolve({"app"}).held.front().reason,
              HasSubstr("not admitted by policy: name.denied"));
}

// A log in which each release has two revisions, the second one in force.
class SecondRevisions : public ReleaseAdmission {
 public:
  explicit SecondRevisions(absl::Status admitted = absl::OkStatus())
      : admitted_(std::move(admitted)) {}

  absl::Status Admit(const registry::Release& /*release*/) const override {
    return admitted_;
  }
  absl::Status AdmitRunning(const RunningService& /*record*/) const override {
    return absl::OkStatus();
  }
  int64_t RevisionOf(const registry::Release& /*release*/) const override {
    return 2;
  }

 private:
  const absl::Status admitted_;
};

TEST_F(AdmissionTest, ARevisionThatThePolicyRefusesIsRefusedWithItsCode) {
  admission_ = std::make_shared<SecondRevisions>(
      signing::Refuse(RefusalCode::kVersionRevised, "it was changed"));
  EXPECT_THAT(Ask("db@release=1#2"), Refused(RefusalCode::kVersionRevised));
}

TEST_F(AdmissionTest, ARevisionIsTheOneTheLogHas) {
  admission_ = std::make_shared<SecondRevisions>();
  EXPECT_EQ(Ask("db@release=1#1")->status, resolver::Status::kUnsatisfiable);
  const auto answer = Ask("db@release=1#2");
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->nodes.size(), 1u);
  EXPECT_EQ(answer->nodes[0].revision, 2);
  EXPECT_EQ(ResolutionToJson(*answer)
                .Find("items")
                ->items()[0]
                .Find("revision")
                ->AsInteger(),
            2);
}

TEST_F(AdmissionTest, ALockHoldsForTheRevisionThatIsInForce) {
  admission_ = std::make_shared<SecondRevisions>();
  query_.lock = *ParseLock(WriteLock(query_, *Ask("db")));
  EXPECT_EQ(query_.lock->nodes[0].revision, 2);
  query_.locked = true;
  EXPECT_TRUE(Ask("db").ok());
  query_.lock->nodes[0].revision = 1;
  EXPECT_THAT(std::string(Ask("db").status().message()),
              HasSubstr("lock.release: db: expected release 2#1 of source "
                        "example, found release 2#2"));
}

TEST_F(AdmissionTest, RefusesWithTheCodeWhereOnlyThePolicyIsInTheWay) {
  Deny({"db 1", "db 2"});
  EXPECT_THAT(Ask("db"), Refused(RefusalCode::kNameDenied));
  // Also of what is only needed.
  const auto needed = Ask("app");
  EXPECT_THAT(needed, Refused(RefusalCode::kNameDenied));
  EXPECT_EQ(registry::ReasonOf(needed.status()).metadata.at("refused"),
            "name.denied");
  Deny({"db 2"});
  EXPECT_THAT(Ask("db@release=2"), Refused(RefusalCode::kNameDenied));
}

// resolver.md §7: with `overlays none` only the base's file counts.
TEST_F(AdmissionTest, RelationsOfOverlaysCountWhereThePolicyLetsThem) {
  builder_.AddRelease("tool", 1, "1", Release("tool"))
      .AddOverlay("tool", 1, R"({"requires": [{"package": "db"}]})");
  Deny({});
  EXPECT_THAT(Nodes(Resolve({"tool"})),
              ElementsAre("db 2 <- tool", "tool 1 <- request:0"));
  Deny({"overlays"});
  EXPECT_THAT(Nodes(Resolve({"tool"})), ElementsAre("tool 1 <- request:0"));
  Deny({});
  EXPECT_EQ(Nodes(Resolve({"tool"})).size(), 2U);
}

TEST_F(AdmissionTest, ExplainsAConflictWhereThePolicyIsNotInTheWay) {
  Deny({"db 2"});
  EXPECT_EQ(Resolve({"db@>7"}).status, resolver::Status::kUnsatisfiable);
}

TEST_F(AdmissionTest, WhatRunsStaysAndIsMarked) {
  Running("db", 1, "1");
  Deny({"db 1", "db 2"});
  const Resolution answer = Resolve({"app"});
  EXPECT_THAT(Nodes(answer),
              ElementsAre("db 1 <- app,installed", "app 1 <- request:0"));
  EXPECT_EQ(answer.Find("db")->notes.front().code, "not-admitted");
  const auto outdated = OutdatedToJson("dc1", Resolver());
  ASSERT_TRUE(outdated.ok()) << outdated.status();
  EXPECT_THAT(registry::WriteJson(*outdated),
              HasSubstr("not admitted by policy: name.denied"));
}

TEST_F(AdmissionTest, NewestIsWhatOneCouldHaveAndHeldWhatIsBarred) {
  builder_.AddRelease("new", 3, "3", Release("new"))
      .AddRelease("new", 2, "2", Release("new"))
      .AddRelease("new", 1, "1", Release("new"))
      .AddRelease("pre", 2, "2-rc1", Release("pre"))
      .AddRelease("pre", 1, "1", Release("pre"))
      .AddRelease("odd", 2, "2", Release("odd", R"({"requires": [{}]})"))
      .AddRelease("odd", 1, "1", Release("odd"));
  for (const char* name : {"db", "new", "odd", "pre"}) Running(name, 1, "1");
  Deny({"db 2", "new 3", "pre 2"});
  const auto outdated = OutdatedToJson("dc1", Resolver());
  ASSERT_TRUE(outdated.ok()) << outdated.status();
  std::vector<std::string> lines;
  for (const auto& service : outdated->Find("services")->items()) {
    lines.push_back(
        absl::StrCat(service.FindString("node"), ": ",
                     service.Find("reachable")->FindString("version"), ", ",
                     service.Find("newest")->FindString("version"), "; ",
                     service.FindString("held")));
  }
  EXPECT_THAT(
      lines,
      ElementsAre("db: 1, 1; db 2 cannot be chosen: it is not admitted by "
                  "policy: name.denied: db 2",
                  "new: 2, 2; new 3 cannot be chosen: it is not admitted by "
                  "policy: name.denied: new 3",
                  "odd: 1, 1; odd 2 cannot be chosen: its relations cannot be "
                  "read",
                  "pre: 1, 1; "));
}

// Maintainers took back whatever runs.
class AllTakenBack : public SecondRevisions {
 public:
  std::string WhyYanked(const RunningService& /*service*/) const override {
    return "loses data";
  }
};

TEST_F(AdmissionTest, WhatRunsAndWasTakenBackIsMarkedWithTheReason) {
  Running("db", 1, "1");
  admission_ = std::make_shared<AllTakenBack>();
  const Resolution answer = Resolve({"app"});
  ASSERT_EQ(answer.Find("db")->notes.size(), 1u);
  EXPECT_EQ(answer.Find("db")->notes.front().code, "yanked");
  EXPECT_EQ(answer.Find("db")->notes.front().text, "yanked: loses data");
  EXPECT_THAT(answer.Find("app")->notes, IsEmpty());
}

TEST_F(AdmissionTest, AbsenceOfAPolicyMarksNothing) {
  Running("db", 1, "1");
  EXPECT_THAT(Resolve({"app"}).Find("db")->notes, IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
