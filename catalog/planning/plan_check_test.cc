#include "catalog/planning/plan_check.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/trust_fixture.h"
#include "registry/judge/tree_hash.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PlanCheckTest : public TrustTest {
 protected:
  // Of release 1 of hello, which is logged. Its job is none of it, so that a
  // step that passes all before its job is refused for that.
  static PlannedService Planned() {
    PlannedService planned;
    PlanStep& step = planned.step;
    step.service = step.package = "hello";
    step.source = "universe";
    step.release = 1;
    step.version = "1.0";
    step.tree = registry::TreeHash(Release(1, kPackage));
    step.manifest = R"({"id":"/hello"})";
    return planned;
  }

  static StoredService Stored(const ServiceRecord& record) {
    StoredService stored;
    stored.record = record;
    return stored;
  }

  absl::Status Check(PlannedService planned) {
    const auto trust = gate_->Open();
    EXPECT_THAT(trust, IsOk());
    PlanCheck check(trust->get(), &query_, &resolution_, &wishes_);
    std::vector<PlannedService> services = {std::move(planned)};
    absl::Status checked = check.Check(services);
    warnings_ = check.warnings();
    revision_ = services.front().step.revision;
    return checked;
  }

  ResolveQuery query_;
  Resolution resolution_;
  StepWishes wishes_ = {"hello", /*is_wanted=*/true, {}, false};
  std::vector<std::string> warnings_;
  int64_t revision_ = 0;
};

TEST_F(PlanCheckTest, AJobThatIsNotTheReleasesIsRefusedWhoeverAsks) {
  EXPECT_THAT(Check(Planned()), Refused(RefusalCode::kPlanDigest));
  EXPECT_EQ(revision_, 1);
  PlannedService stays = Planned();
  ServiceRecord record = Running();
  record.tree = stays.step.tree;
  stays.running = Stored(record);
  wishes_.asked = "other";
  EXPECT_THAT(Check(stays), Refused(RefusalCode::kPlanDigest));
}

TEST_F(PlanCheckTest, WhatTheLogHasNotIsRefused) {
  PlannedService planned = Planned();
  planned.step.release = 2;
  EXPECT_THAT(Check(planned), Refused(RefusalCode::kVersionAbsent));
  planned = Planned();
  planned.step.tree = registry::TreeHash(Release(1, "other bytes"));
  EXPECT_THAT(Check(planned), Refused(RefusalCode::kContentTree));
  planned = Planned();
  planned.step.relations = R"({"requires":[]})";
  EXPECT_THAT(Check(planned), Refused(RefusalCode::kPlanDeps));
}

TEST_F(PlanCheckTest, AServiceThatStaysOnlyWarnsWhenItIsNotLogged) {
  PlannedService planned = Planned();
  planned.step.release = 2;
  ServiceRecord record = Running();
  record.release = 2;
  record.tree = planned.step.tree;
  planned.running = Stored(record);
  EXPECT_THAT(Check(planned), Refused(RefusalCode::kVersionAbsent));
  wishes_.asked = "other";
  EXPECT_THAT(Check(planned), IsOk());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("version.absent")));
}

TEST_F(PlanCheckTest, WhereWhatRunsCameFromCountsAlsoWhenItIsNotLogged) {
  PlannedService planned = Planned();
  ServiceRecord record = Running();
  record.source = "another";
  planned.running = Stored(record);
  EXPECT_THAT(Check(planned), Refused(RefusalCode::kVersionSource));
  query_.allow_source_change = true;
  EXPECT_THAT(Check(planned), Refused(RefusalCode::kPlanDigest));
  query_.allow_source_change = false;
  record = Running();
  record.release = 7;
  planned.running = Stored(record);
  EXPECT_THAT(Check(planned), Refused(RefusalCode::kVersionRollback));
}

TEST_F(PlanCheckTest, ARemovalIsNobodysRelease) {
  PlannedService planned = Planned();
  planned.step.action = PlanAction::kRemove;
  planned.step.release = 2;
  EXPECT_THAT(Check(planned), IsOk());
  EXPECT_THAT(warnings_, IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
