// Updates of running apps, with real processes (orchestrators.md §3.5, §3.8).

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_fixture.h"
#include "catalog/orchestrator/local/local_orchestrator.h"
#include "catalog/orchestrator/orchestrator.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kServe[] =
    "exec /usr/bin/python3 -m http.server --bind 127.0.0.1 $PORT0";
constexpr char kHttpCheck[] =
    R"(,"healthChecks":[{"protocol":"HTTP","path":"/","portIndex":0}])";
constexpr char kNoPorts[] = R"(,"portDefinitions":[])";
// Passes once the folder of the test has the file `go`.
constexpr char kGoCheck[] =
    R"(,"healthChecks":[{"protocol":"COMMAND","delaySeconds":0,)"
    R"("maxConsecutiveFailures":100,"command":{"value":"test -e $GO"}}])";

class LocalUpdateTest : public LocalFixture {
 protected:
  absl::Status Update(absl::string_view service, std::string manifest) {
    return local_->Update({std::string(service), std::move(manifest), {}});
  }
  // Whether the update to that generation has come to its end.
  bool Reaches(absl::string_view service, int64_t generation) {
    return Eventually([&] {
      const AppStatus status = Status(service);
      return status.generation == generation &&
             status.state == AppState::kRunning;
    });
  }
  std::string GoFile() const { return absl::StrCat(directory_, "/go"); }
  std::string GoVariable() const {
    return absl::StrCat(R"(,"env":{"GO":")", GoFile(), R"("})");
  }
  std::vector<int64_t> Pids(absl::string_view service) {
    std::vector<int64_t> pids;
    for (const AppTask& task : Status(service).tasks) {
      if (task.pid.has_value()) pids.push_back(*task.pid);
    }
    return pids;
  }
};

TEST_F(LocalUpdateTest, PutsTheNewFormInItsPlaceWithItsPort) {
  ASSERT_THAT(Create("web", App("/web", kServe, kHttpCheck)), IsOk());
  ASSERT_TRUE(Reaches("web", 1));
  const AppStatus before = Status("web");

  ASSERT_THAT(
      Update("web", App("/web", absl::StrCat("V=2 ", kServe), kHttpCheck)),
      IsOk());
  ASSERT_TRUE(Reaches("web", 2));
  const AppStatus after = Status("web");
  EXPECT_EQ(after.endpoints.at(0).port, before.endpoints.at(0).port);
  ASSERT_THAT(after.tasks, SizeIs(1));
  EXPECT_NE(after.tasks[0].id, before.tasks[0].id);
  EXPECT_FALSE(IsAlive(static_cast<pid_t>(*before.tasks[0].pid)));
  EXPECT_THAT(after.waiting_for, IsEmpty());
  ASSERT_TRUE(RemoveAndWait("web"));
}

TEST_F(LocalUpdateTest, SameFormChangesNothing) {
  const std::string app = App("/same", "sleep 1000");
  ASSERT_THAT(Create("same", app), IsOk());
  const pid_t pid = RunningPid("same");
  ASSERT_THAT(Update("same", app), IsOk());
  EXPECT_EQ(RunningPid("same"), pid);
  EXPECT_EQ(Status("same").generation, 1);
  ASSERT_TRUE(RemoveAndWait("same"));
}

TEST_F(LocalUpdateTest, SizeThatIsSaidLaterChangesNothing) {
  const std::string app = App("/same", "sleep 1000");
  ArtifactPin pin = {"http://127.0.0.1:1/a.tgz", std::string(64, 'a')};
  ASSERT_THAT(local_->Create({"same", app, {pin}}), IsOk());
  const pid_t pid = RunningPid("same");
  pin.size = 5;
  ASSERT_THAT(local_->Update({"same", app, {pin}}), IsOk());
  EXPECT_EQ(RunningPid("same"), pid);
  EXPECT_EQ(Status("same").generation, 1);
  ASSERT_TRUE(RemoveAndWait("same"));
}

TEST_F(LocalUpdateTest, AnotherNumberStartsOrStopsTheDifferenceOnly) {
  ASSERT_THAT(Create("n", App("/n", "sleep 1000", R"(,"instances":2)")),
              IsOk());
  ASSERT_TRUE(Reaches("n", 1));
  const std::vector<int64_t> two = Pids("n");
  ASSERT_THAT(Update("n", App("/n", "sleep 1000", R"(,"instances":3)")),
              IsOk());
  ASSERT_TRUE(Reaches("n", 2));
  const std::vector<int64_t> three = Pids("n");
  ASSERT_THAT(three, SizeIs(3));
  EXPECT_EQ(three[0], two[0]);
  EXPECT_EQ(three[1], two[1]);
  ASSERT_THAT(Update("n", App("/n", "sleep 1000", R"(,"instances":1)")),
              IsOk());
  ASSERT_TRUE(Reaches("n", 3));
  EXPECT_THAT(Pids("n"), ElementsAre(two[0]));
  EXPECT_EQ(Status("n").endpoints.size(), 1u);
  ASSERT_TRUE(RemoveAndWait("n"));
}

TEST_F(LocalUpdateTest, VolumeStaysAndNeverHasTwoTasks) {
  const auto app = [](int version) {
    return App(
        "/vol",
        absl::StrCat("mkdir data/held || exit 9; echo ", version,
                     " >> data/log; trap 'rmdir data/held; exit' TERM; "
                     "while :; do sleep 0.01; done"),
        R"(,"container":{"type":"MESOS","volumes":[{"containerPath":"data",)"
        R"("mode":"RW","persistent":{"size":10}}]})");
  };
  ASSERT_THAT(Create("vol", app(1)), IsOk());
  const std::string log = config_.state_dir + "/volumes/vol/0/data/log";
  ASSERT_TRUE(Eventually([&] { return ReadFile(log) == "1\n"; }));
  ASSERT_THAT(Update("vol", app(2)), IsOk());
  EXPECT_TRUE(Eventually([&] { return ReadFile(log) == "1\n2\n"; }));
  ASSERT_TRUE(Reaches("vol", 2));
  ASSERT_TRUE(RemoveAndWait("vol"));
}

TEST_F(LocalUpdateTest, OneThatFailsCanGoBackToWhatWas) {
  config_.deployment_deadline = absl::Seconds(1);
  Reopen();
  const std::string good = App("/back", kServe, kHttpCheck);
  ASSERT_THAT(Create("back", good), IsOk());
  ASSERT_TRUE(Eventually([&] { return !Pids("back").empty(); }));
  const int port = Status("back").endpoints.at(0).port;

  ASSERT_THAT(Update("back", App("/back", "echo no >&2; exit 3", kHttpCheck)),
              IsOk());
  ASSERT_TRUE(Eventually([&] {
    const AppStatus status = Status("back");
    return status.generation == 2 && status.state == AppState::kFailed;
  }));
  EXPECT_THAT(Status("back").failure,
              AllOf(HasSubstr("did not come up within 1s"),
                    HasSubstr("exit code 3; stderr ends: no")));

  ASSERT_THAT(Update("back", good), IsOk());
  ASSERT_TRUE(Reaches("back", 3));
  EXPECT_EQ(Status("back").endpoints.at(0).port, port);
  ASSERT_TRUE(RemoveAndWait("back"));
}

TEST_F(LocalUpdateTest, GoingBackLeavesAloneWhatWasNotReplaced) {
  const std::string good =
      App("/two", kServe, absl::StrCat(kHttpCheck, R"(,"instances":2)"));
  ASSERT_THAT(Create("two", good), IsOk());
  ASSERT_TRUE(Reaches("two", 1));
  const std::vector<int64_t> before = Pids("two");
  ASSERT_THAT(Update("two", App("/two", "sleep 1000",
                                absl::StrCat(kHttpCheck, R"(,"instances":2)"))),
              IsOk());
  // The first is another one, which does not answer, so the second stays.
  ASSERT_TRUE(Eventually([&] {
    const std::vector<int64_t> now = Pids("two");
    return now.size() == 2 && now[0] != before[0];
  }));
  Reopen();
  ASSERT_THAT(Update("two", good), IsOk());
  ASSERT_TRUE(Reaches("two", 3));
  EXPECT_EQ(Pids("two").at(1), before[1]);
  EXPECT_NE(Pids("two").at(0), before[0]);
  ASSERT_TRUE(RemoveAndWait("two"));
}

TEST_F(LocalUpdateTest, OldOneServesUntilTheNewOneDoesAlsoOverARestart) {
  ASSERT_THAT(Create("roll", App("/roll", "sleep 1000", kNoPorts)), IsOk());
  const pid_t old = RunningPid("roll");
  ASSERT_THAT(
      Update("roll", App("/roll", "sleep 2000",
                         absl::StrCat(kNoPorts, kGoCheck, GoVariable()))),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return Pids("roll").size() == 2; }));
  EXPECT_EQ(Status("roll").state, AppState::kDeploying);
  EXPECT_THAT(Status("roll").waiting_for,
              Contains(HasSubstr(
                  "is of generation 1 and runs until its successor serves")));
  const std::vector<int64_t> both = Pids("roll");

  Reopen();
  ASSERT_TRUE(Eventually([&] { return Pids("roll").size() == 2; }));
  EXPECT_THAT(Pids("roll"), ::testing::UnorderedElementsAreArray(both));
  EXPECT_TRUE(IsAlive(old));
  EXPECT_EQ(Status("roll").state, AppState::kDeploying);

  std::ofstream(GoFile()) << "x";
  ASSERT_TRUE(Reaches("roll", 2));
  EXPECT_FALSE(IsAlive(old));
  EXPECT_THAT(local_->Notes(), Not(Contains(HasSubstr("belongs to no"))));
  ASSERT_TRUE(RemoveAndWait("roll"));
}

TEST_F(LocalUpdateTest, GoingBackKeepsTheOldOneThatServes) {
  const std::string good = App("/keep", "sleep 1000", kNoPorts);
  ASSERT_THAT(Create("keep", good), IsOk());
  ASSERT_TRUE(Reaches("keep", 1));
  const pid_t old = RunningPid("keep");
  ASSERT_THAT(
      Update("keep", App("/keep", "sleep 2000",
                         absl::StrCat(kNoPorts, kGoCheck, GoVariable()))),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return Pids("keep").size() == 2; }));
  ASSERT_THAT(Update("keep", good), IsOk());
  ASSERT_TRUE(Reaches("keep", 3));
  ASSERT_TRUE(Eventually([&] { return Pids("keep").size() == 1; }));
  EXPECT_EQ(RunningPid("keep"), old);
  ASSERT_TRUE(RemoveAndWait("keep"));
}

TEST_F(LocalUpdateTest, OfTwoThatMayStayARestartKillsNone) {
  ASSERT_THAT(Create("both", App("/both", "sleep 1000", kNoPorts)), IsOk());
  ASSERT_TRUE(Reaches("both", 1));
  const pid_t old = RunningPid("both");
  ASSERT_THAT(
      Update("both", App("/both", "sleep 2000",
                         absl::StrCat(kNoPorts, kGoCheck, GoVariable()))),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return Pids("both").size() == 2; }));
  local_.reset();
  const std::string path = config_.state_dir + "/apps/both/app.json";
  const std::string record = ReadFile(path);
  ASSERT_THAT(record, HasSubstr("\"valid\":[2]"));
  std::ofstream(path) << absl::StrReplaceAll(
      record, {{"\"valid\":[2]", "\"valid\":[1,2]"}});
  Open();
  EXPECT_THAT(local_->Notes(), Not(Contains(HasSubstr("belongs to no"))));
  EXPECT_TRUE(IsAlive(old));
  ASSERT_TRUE(RemoveAndWait("both"));
}

TEST_F(LocalUpdateTest, ForecastHasRoomForOneMoreWhereTheOldOneStays) {
  config_.cpus = 1;
  config_.overcommit_cpus = 1;
  Reopen();
  const auto app = [](absl::string_view cmd, absl::string_view more) {
    return absl::StrCat(R"({"id":"/one","cmd":")", cmd,
                        R"(","cpus":0.8,"mem":16)", more, "}");
  };
  ASSERT_THAT(Create("one", app("sleep 1000", kNoPorts)), IsOk());
  ASSERT_TRUE(Reaches("one", 1));
  const auto beside =
      local_->DryRunUpdate({"one", app("sleep 2000", kNoPorts), {}});
  ASSERT_THAT(beside, IsOk());
  EXPECT_DOUBLE_EQ(beside->more.cpus, 0.8);
  const auto same =
      local_->DryRunUpdate({"one", app("sleep 1000", kNoPorts), {}});
  ASSERT_THAT(same, IsOk());
  EXPECT_DOUBLE_EQ(same->more.cpus, 0);
  const auto after = local_->DryRunUpdate({"one", app("sleep 2000", ""), {}});
  ASSERT_THAT(after, IsOk());
  EXPECT_DOUBLE_EQ(after->more.cpus, 0);
  ASSERT_TRUE(RemoveAndWait("one"));
}

TEST_F(LocalUpdateTest, GoesOnAfterARestartWithOneInstanceDown) {
  ASSERT_THAT(Create("two", App("/two", kServe,
                                absl::StrCat(kHttpCheck, R"(,"instances":2)"))),
              IsOk());
  ASSERT_TRUE(Reaches("two", 1));
  ASSERT_THAT(Update("two", App("/two", "sleep 1000",
                                absl::StrCat(kGoCheck, GoVariable(),
                                             R"(,"instances":2)"))),
              IsOk());
  // The first was replaced and does not serve yet, so the second must.
  ASSERT_TRUE(Eventually([&] {
    const std::vector<AppTask> tasks = Status("two").tasks;
    return tasks.size() == 2 && tasks[0].health == "unknown" &&
           tasks[0].pid.has_value();
  }));
  const pid_t second = static_cast<pid_t>(*Status("two").tasks[1].pid);

  Reopen();
  ASSERT_TRUE(Eventually([&] { return Pids("two").size() == 2; }));
  EXPECT_TRUE(IsAlive(second));
  EXPECT_EQ(Status("two").tasks[1].pid, second);

  std::ofstream(GoFile()) << "x";
  ASSERT_TRUE(Reaches("two", 2));
  EXPECT_FALSE(IsAlive(second));
  ASSERT_TRUE(RemoveAndWait("two"));
}

TEST_F(LocalUpdateTest, FailureOfTheOldFormDoesNotDelayTheNewOne) {
  ASSERT_THAT(
      Create("crash", App("/crash", "exit 1", R"(,"backoffSeconds":200)")),
      IsOk());
  ASSERT_TRUE(Eventually([&] {
    const AppStatus status = Status("crash");
    return !status.waiting_for.empty() &&
           absl::StrContains(status.waiting_for[0], "is started again at");
  }));
  ASSERT_THAT(Update("crash", App("/crash", "sleep 1000")), IsOk());
  ASSERT_TRUE(Reaches("crash", 2));
  ASSERT_TRUE(RemoveAndWait("crash"));
}

TEST_F(LocalUpdateTest, AddedFixedPortIsTheServicesAndDroppedOnesAreFree) {
  const int port = config_.first_port + 40;
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  ASSERT_TRUE(Reaches("a", 1));
  ASSERT_THAT(Update("a", App("/a", "sleep 1000", FixedPort(port))), IsOk());
  ASSERT_TRUE(Reaches("a", 2));
  EXPECT_EQ(Status("a").endpoints.at(0).port, port);
  EXPECT_THAT(Create("b", App("/b", "sleep 1000", FixedPort(port))),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("by service a")));
  ASSERT_THAT(Update("a", App("/a", "sleep 1000", kNoPorts)), IsOk());
  ASSERT_TRUE(Reaches("a", 3));
  EXPECT_THAT(Create("b", App("/b", "sleep 1000", FixedPort(port))), IsOk());
  ASSERT_TRUE(RemoveAndWait("a"));
  ASSERT_TRUE(RemoveAndWait("b"));
}

TEST_F(LocalUpdateTest, PortOfAnotherServiceIsRefusedAndNothingChanges) {
  const int port = config_.first_port + 41;
  ASSERT_THAT(Create("a", App("/a", "sleep 1000", FixedPort(port))), IsOk());
  ASSERT_THAT(Create("b", App("/b", "sleep 1000")), IsOk());
  const pid_t pid = RunningPid("b");
  const AppRequest wanted = {"b", App("/b", "sleep 1", FixedPort(port)), {}};
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition,
                                HasSubstr("is held by service a"));
  EXPECT_THAT(local_->DryRunUpdate(wanted), refused);
  EXPECT_THAT(local_->Update(wanted), refused);
  EXPECT_EQ(Status("b").generation, 1);
  EXPECT_EQ(RunningPid("b"), pid);
  ASSERT_TRUE(RemoveAndWait("a"));
  ASSERT_TRUE(RemoveAndWait("b"));
}

TEST_F(LocalUpdateTest, ForecastNamesWhatMayNotChangeAndTheGap) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  const auto gap = local_->DryRunUpdate({"a", App("/a", "sleep 1"), {}});
  ASSERT_THAT(gap, IsOk());
  EXPECT_THAT(gap->warnings, Contains(HasSubstr("each instance ends before")));
  const auto other = local_->DryRunUpdate({"a", App("/z", "sleep 1"), {}});
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(other->violations, ElementsAre(Field(&Violation::path, "/id")));
  EXPECT_THAT(Update("a", App("/z", "sleep 1")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Update("none", App("/none", "sleep 1")),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalUpdateTest, DuringARemovalIsRefused) {
  ASSERT_THAT(Create("a", App("/a", "trap '' TERM; sleep 1000")), IsOk());
  RunningPid("a");
  ASSERT_THAT(local_->Remove("a"), IsOk());
  EXPECT_THAT(Update("a", App("/a", "sleep 1")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is being removed")));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalUpdateTest, RemovalInTheMiddleEndsBothForms) {
  ASSERT_THAT(Create("roll", App("/roll", "sleep 1000", kNoPorts)), IsOk());
  RunningPid("roll");
  ASSERT_THAT(
      Update("roll", App("/roll", "sleep 2000",
                         absl::StrCat(kNoPorts, kGoCheck, GoVariable()))),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return Pids("roll").size() == 2; }));
  ASSERT_TRUE(RemoveAndWait("roll"));
}

}  // namespace
}  // namespace orrery::catalog
