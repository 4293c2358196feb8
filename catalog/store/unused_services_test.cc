#include "catalog/store/unused_services.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UnusedServicesTest : public ::testing::Test {
 protected:
  // One that uses others and, unless `added_for` is empty, came with some.
  void Add(const std::string& name, const std::vector<std::string>& uses,
           const std::vector<std::string>& added_for = {},
           const std::string& operation = "") {
    StoredService service;
    service.record.name = name;
    service.record.package = name;
    service.record.operation = operation;
    service.record.added_for = added_for;
    for (const std::string& used : uses) {
      service.record.bindings.push_back({"", used, ""});
    }
    services_.push_back(std::make_shared<const StoredService>(service));
  }

  std::vector<std::string> OnlyUsed(const std::string& name) {
    std::vector<std::string> names;
    for (const StoredServicePtr& service : services_) {
      if (service->record.name != name) continue;
      for (const auto& going : OnlyUsedBy(service->record, services_)) {
        names.push_back(going->record.name);
      }
    }
    return names;
  }

  std::vector<StoredServicePtr> services_;
};

TEST_F(UnusedServicesTest, WhatNothingNeedsIsUnusedUnlessAskedFor) {
  Add("kafka", {"zk"});
  Add("zk", {}, {"kafka"});
  Add("own", {});
  EXPECT_THAT(UnusedNodes(services_), IsEmpty());
  services_.erase(services_.begin());
  EXPECT_THAT(UnusedNodes(services_), ElementsAre("zk"));
}

TEST_F(UnusedServicesTest, UnusedOnesKeepNothingInUse) {
  Add("a", {"b"}, {"gone"});
  Add("b", {"a"}, {"gone"});
  Add("c", {}, {"b"});
  EXPECT_THAT(UnusedNodes(services_), ElementsAre("a", "b", "c"));
}

TEST_F(UnusedServicesTest, WhatChangesMayStillNeedWhatCameWithIt) {
  Add("kafka", {}, {}, "op-1");
  Add("zk", {}, {"kafka"});
  EXPECT_THAT(UnusedNodes(services_), IsEmpty());
}

TEST_F(UnusedServicesTest, WithOneGoesWhatOnlyItNeedsInOrder) {
  Add("app", {"cache", "db", "own"});
  Add("cache", {"disk"}, {"app"});
  Add("disk", {}, {"cache"});
  Add("own", {});
  Add("db", {"log"}, {"app"});
  Add("log", {}, {"db"});
  Add("other", {"db"});
  EXPECT_THAT(OnlyUsed("app"), ElementsAre("cache", "disk"));
  EXPECT_THAT(OnlyUsed("other"), IsEmpty());
}

TEST_F(UnusedServicesTest, CirclesGoWithTheirLastUser) {
  Add("app", {"ops"});
  Add("dse", {"ops"}, {"ops"});
  Add("ops", {"dse"}, {"app"});
  EXPECT_THAT(OnlyUsed("app"), ElementsAre("ops", "dse"));
}

}  // namespace
}  // namespace orrery::catalog
