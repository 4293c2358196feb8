#include "catalog/services.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/store/uuid.h"
#include "registry/status/error_details.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/fake_orchestrator.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::HasSubstr;

class ServicesTest : public ::testing::Test {
 protected:
  ServicesTest() {
    auto cluster = std::make_unique<tests::FakeOrchestrator>();
    cluster_ = cluster.get();
    clusters_.Add("local", std::move(cluster));
  }

  // A service that runs.
  void AddService(const std::string& name,
                  const std::vector<std::string>& added_for = {}) {
    Operation operation;
    operation.name = NewUuid();
    operation.state = OperationState::kSucceeded;
    ServiceRecord record;
    record.cluster = "local";
    record.name = name;
    record.package = name;
    record.added_for = added_for;
    record.instances = 2;
    ASSERT_THAT(store_.Put(operation, record, 0), IsOk());
    cluster_->apps[name].state = AppState::kRunning;
  }

  std::unique_ptr<registry::SqliteStateStore> state_ =
      *registry::SqliteStateStore::Open(":memory:");
  CatalogStore store_{state_.get()};
  Clusters clusters_;
  tests::FakeOrchestrator* cluster_;
  OperationRunner runner_{&store_, &clusters_, [] { return absl::UnixEpoch(); },
                          nullptr};
  Services services_{&store_, &clusters_, &runner_, nullptr};
};

TEST_F(ServicesTest, UnknownNameSuggestsTheNearest) {
  AddService("kafka");
  const auto missing = services_.Get("local", "kafak");
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kNotFound,
                                HasSubstr("did you mean kafka?")));
  EXPECT_EQ(registry::ReasonOf(missing.status()).metadata["did_you_mean"],
            "kafka");
}

TEST_F(ServicesTest, NameOfANodeSuggestsItsService) {
  AddService("kafka");
  AddService("kafka-2");
  EXPECT_THAT(services_.Get("local", "kafka-2@kafka-2"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean kafka-2?")));
}

TEST_F(ServicesTest, BeginningOfANameSuggestsThoseThatBeginWithIt) {
  AddService("kafka");
  AddService("kafka-2");
  AddService("zeppelin");
  EXPECT_THAT(services_.Get("local", "kaf"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean kafka, kafka-2?")));
  EXPECT_THAT(services_.Get("local", "x"),
              StatusIs(absl::StatusCode::kNotFound,
                       ::testing::Not(HasSubstr("did you mean"))));
}

TEST_F(ServicesTest, WhatNothingNeedsAnyMoreIsNoted) {
  AddService("zk", {"kafka"});
  const auto view = services_.Get("local", "zk");
  ASSERT_THAT(view, IsOk());
  ASSERT_EQ(view->notes.size(), 1u);
  EXPECT_EQ(view->notes[0].code, "orphan");
  EXPECT_EQ(view->notes[0].text,
            "zk was added for kafka, and nothing needs it any more; it goes "
            "by: orrery uninstall zk");
  EXPECT_EQ((*services_.List("local"))[0].notes.size(), 1u);
}

TEST_F(ServicesTest, ServiceWhoseAppIsGoneHasFailed) {
  AddService("kafka");
  cluster_->apps.clear();
  const auto view = services_.Get("local", "kafka");
  ASSERT_THAT(view, IsOk());
  EXPECT_EQ(view->status.state, AppState::kFailed);
  EXPECT_EQ(view->status.instances, 2);
}

TEST_F(ServicesTest, DashListsAllClusters) {
  AddService("kafka");
  EXPECT_EQ(services_.List("-")->size(), 1u);
  EXPECT_EQ(services_.List("local")->size(), 1u);
  EXPECT_THAT(services_.List("east"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace orrery::catalog
