#include "catalog/orchestrator/app_dependencies.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local_config.h"

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

TEST_F(AppDependenciesTest, CircleIsToldInOrder) {
  Add("b", {"/c"});
  Add("c", {"/d", "/a"});
  Add("d", {});
  EXPECT_THAT(AppDependencies(state_).Circle(Model("/a", {"/b"})),
              ElementsAre("/a", "/b", "/c", "/a"));
  EXPECT_THAT(AppDependencies(state_).Circle(Model("/e", {"/b", "/d"})),
              IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
