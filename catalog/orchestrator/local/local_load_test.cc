// Many small processes at once (500 start within 5 s on two cores).

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_fixture.h"
#include "catalog/orchestrator/orchestrator.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

class LocalLoadTest : public LocalFixture {
 protected:
  static int EntriesOf(const char* folder) {
    return static_cast<int>(
        std::distance(std::filesystem::directory_iterator(folder), {}));
  }
};

TEST_F(LocalLoadTest, ManyInstancesStartAndEnd) {
  int instances = 60;
  if (const char* const wanted = std::getenv("ORRERY_LOAD_INSTANCES")) {
    ASSERT_TRUE(absl::SimpleAtoi(wanted, &instances));
  }
  // The ledger has its own test.
  config_.cpus = instances;
  config_.mem = 16.0 * instances;
  Reopen();
  const absl::Time begin = absl::Now();
  ASSERT_THAT(Create("many", App("/many", "exec sleep 1000",
                                 absl::StrCat(R"(,"portDefinitions":[],)"
                                              R"("instances":)",
                                              instances))),
              IsOk());
  ASSERT_TRUE(ReachesState("many", AppState::kRunning));
  const absl::Duration started = absl::Now() - begin;
  EXPECT_EQ(Status("many").tasks.size(), static_cast<size_t>(instances));
  // Nothing of orreryd's grows with them but one descriptor each.
  EXPECT_LE(EntriesOf("/proc/self/task"), 16);
  EXPECT_LE(EntriesOf("/proc/self/fd"), instances + 30);
  const absl::Time stop = absl::Now();
  ASSERT_TRUE(RemoveAndWait("many"));
  RecordProperty("start", absl::FormatDuration(started));
  RecordProperty("stop", absl::FormatDuration(absl::Now() - stop));
}

TEST_F(LocalLoadTest, ManyOrphansEndTogether) {
  constexpr int kInstances = 60;
  config_.cpus = kInstances;
  config_.mem = 16.0 * kInstances;
  Reopen();
  ASSERT_THAT(Create("many", App("/many", "(setsid sleep 1000 &); sleep 1000",
                                 absl::StrCat(R"(,"portDefinitions":[],)"
                                              R"("instances":)",
                                              kInstances))),
              IsOk());
  ASSERT_TRUE(ReachesState("many", AppState::kRunning));
  for (const AppTask& task : Status("many").tasks) {
    kill(ParentOf(static_cast<pid_t>(*task.pid)), SIGKILL);
  }
  ASSERT_TRUE(RemoveAndWait("many"));
  EXPECT_THAT(Leftovers(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
