#include "catalog/orchestrator/local/app_dependencies.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/task/local_config.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AppDependenciesTest : public ::testing::Test {
 protected:
  static MarathonApp Model(const std::string& id,
                           std::vector<std::string> dependencies) {
    MarathonApp model;
    model.id = id;
    model.dependencies = std::move(dependencies);
    return model;
  }
  LocalApp& Add(const std::string& service,
                std::vector<std::string> dependencies) {
    LocalApp& app = state_.apps[service];
    app.record.service = service;
    app.app = std::make_shared<const MarathonApp>(
        Model("/" + service, std::move(dependencies)));
    app.slots.emplace_back(0, std::vector<int>(),
                           Backoff(absl::Seconds(1), 2, absl::Hours(1)));
    return app;
  }

  LocalState state_ = LocalState(LocalConfig());
};

TEST_F(AppDependenciesTest, OneThatIsNotUpIsAwaited) {
  LocalApp& store = Add("store", {});
  const LocalApp& web = Add("web", {"/store", "/nobody-has-it"});
  EXPECT_EQ(AppDependencies(state_).Awaited(web), &store);
  EXPECT_EQ(AppDependencies(state_).Awaited(store), nullptr);
  store.record.deployed_time = absl::UnixEpoch();
  EXPECT_EQ(AppDependencies(state_).Awaited(web), nullptr);
}

TEST_F(AppDependenciesTest, OnlyADependentThatStopsTooIsStoppedBefore) {
  const LocalApp& store = Add("store", {});
  LocalApp& web = Add("web", {"/store"});
  web.slots[0].instance = std::make_unique<LocalInstance>();
  EXPECT_EQ(AppDependencies(state_).RunningDependent(store), nullptr);
  web.record.removing = true;
  EXPECT_EQ(AppDependencies(state_).RunningDependent(store), &web);
  web.slots[0].instance.reset();
  EXPECT_EQ(AppDependencies(state_).RunningDependent(store), nullptr);
}

TEST_F(AppDependenciesTest, ThoseThatDependOnEachOtherStopInAnyOrder) {
  LocalApp& a = Add("a", {"/b"});
  LocalApp& b = Add("b", {"/c"});
  LocalApp& c = Add("c", {"/a"});
  LocalApp& web = Add("web", {"/a"});
  for (LocalApp* const app : {&a, &b, &c}) {
    app->record.removing = true;
    app->slots[0].instance = std::make_unique<LocalInstance>();
  }
  for (const LocalApp* const app : {&a, &b, &c}) {
    EXPECT_EQ(AppDependencies(state_).RunningDependent(*app), nullptr);
  }
  // One outside of the circle stops before it.
  web.record.removing = true;
  web.slots[0].instance = std::make_unique<LocalInstance>();
  EXPECT_EQ(AppDependencies(state_).RunningDependent(a), &web);
}

TEST_F(AppDependenciesTest, WaitForAnotherDoesNotUseUpTheTimeToComeUp) {
  const absl::Time begin = absl::FromUnixSeconds(1700000000);
  LocalApp& store = Add("store", {});
  LocalApp& web = Add("web", {"/store"});
  web.record.change_time = begin;
  store.record.change_time = begin + absl::Minutes(5);
  NoteDependencies(AppDependencies(state_), begin + absl::Minutes(6), &web);
  EXPECT_TRUE(web.slots[0].awaits_dependency);
  EXPECT_EQ(web.DeploymentBegin(), begin + absl::Minutes(5));
  store.record.deployed_time = begin + absl::Minutes(9);
  NoteDependencies(AppDependencies(state_), begin + absl::Minutes(9), &web);
  EXPECT_FALSE(web.slots[0].awaits_dependency);
  EXPECT_EQ(web.DeploymentBegin(), begin + absl::Minutes(9));
}

TEST_F(AppDependenciesTest, CircleIsToldInOrder) {
  Add("b", {"/c"});
  Add("c", {"/d", "/a"});
  Add("d", {});
  EXPECT_THAT(AppDependencies(state_).Circle(Model("/a", {"/b"})),
              ElementsAre("/a", "/b", "/c", "/a"));
  EXPECT_THAT(AppDependencies(state_).Circle(Model("/e", {"/b", "/d"})),
              IsEmpty());
}

TEST_F(AppDependenciesTest, CircleMayGoThroughWhatIsStillToCome) {
  state_.arriving["b"] =
      std::make_shared<const MarathonApp>(Model("/b", {"/a"}));
  EXPECT_THAT(AppDependencies(state_).Circle(Model("/a", {"/b"})),
              ElementsAre("/a", "/b", "/a"));
  LocalApp& c = Add("c", {});
  EXPECT_THAT(AppDependencies(state_).Circle(Model("/d", {"/c"})), IsEmpty());
  c.becoming = std::make_shared<const MarathonApp>(Model("/c", {"/d"}));
  EXPECT_THAT(AppDependencies(state_).Circle(Model("/d", {"/c"})),
              ElementsAre("/d", "/c", "/d"));
}

}  // namespace
}  // namespace orrery::catalog
