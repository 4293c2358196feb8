#include "catalog/orchestrator/local_orchestrator.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local_fixture.h"
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

constexpr char kServe[] =
    "exec /usr/bin/python3 -m http.server --bind 127.0.0.1 $PORT0";
constexpr char kHttpCheck[] =
    R"(,"healthChecks":[{"protocol":"HTTP","path":"/","portIndex":0}])";

class LocalOrchestratorTest : public LocalFixture {
 protected:
  // Until every one of the texts was read.
  std::vector<LogLine> ReadUntil(LogReader* reader,
                                 const std::vector<std::string>& texts) {
    std::vector<LogLine> lines;
    Eventually([&] {
      const auto read = reader->Read();
      if (!read.ok()) return true;
      lines.insert(lines.end(), read->begin(), read->end());
      return std::all_of(
          texts.begin(), texts.end(), [&lines](const std::string& text) {
            return std::any_of(
                lines.begin(), lines.end(),
                [&text](const LogLine& line) { return line.text == text; });
          });
    });
    return lines;
  }
};

TEST_F(LocalOrchestratorTest, RunsAnAppThatAnswersUntilItIsRemoved) {
  ASSERT_THAT(Create("web", App("/web", kServe, kHttpCheck)), IsOk());
  ASSERT_TRUE(ReachesState("web", AppState::kRunning));

  const AppStatus status = Status("web");
  ASSERT_EQ(status.endpoints.size(), 1u);
  EXPECT_EQ(status.endpoints[0].name, "default");
  EXPECT_EQ(status.endpoints[0].host, "127.0.0.1");
  EXPECT_GE(status.endpoints[0].port, config_.first_port);
  ASSERT_EQ(status.tasks.size(), 1u);
  EXPECT_EQ(status.tasks[0].state, "running");
  EXPECT_EQ(status.tasks[0].health, "healthy");
  EXPECT_THAT(status.tasks[0].id, HasSubstr("web.instance-"));
  EXPECT_THAT(status.waiting_for, IsEmpty());

  ASSERT_TRUE(RemoveAndWait("web"));
  const auto receipt = local_->Receipt("web");
  ASSERT_THAT(receipt, IsOk());
  EXPECT_THAT(receipt->removed, Contains(Field(&RemovedItem::kind, "task")));
  EXPECT_THAT(receipt->kept, ElementsAre(Field(&KeptItem::remove_command,
                                               HasSubstr("rm -r -- '"))));
  EXPECT_THAT(local_->Remove("web"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(LocalOrchestratorTest, FollowsTheOutputOfATask) {
  ASSERT_THAT(Create("talk", App("/talk",
                                 "echo hello; echo oops >&2; "
                                 "until [ -e go ]; do sleep 0.02; done; "
                                 "echo later; sleep 1000")),
              IsOk());
  RunningPid("talk");
  auto reader = local_->ReadLogs("talk", LogQuery{});
  ASSERT_THAT(reader, IsOk());
  const std::vector<LogLine> lines =
      ReadUntil(reader->get(), {"hello", "oops"});
  EXPECT_THAT(lines, Contains(AllOf(Field(&LogLine::stream, "stdout"),
                                    Field(&LogLine::text, "hello"))));
  EXPECT_THAT(lines, Contains(AllOf(Field(&LogLine::stream, "stderr"),
                                    Field(&LogLine::text, "oops"))));
  std::ofstream(absl::StrCat(Status("talk").tasks[0].sandbox, "/go")) << "x";
  EXPECT_THAT(ReadUntil(reader->get(), {"later"}),
              Contains(Field(&LogLine::text, "later")));
  ASSERT_TRUE(RemoveAndWait("talk"));
  EXPECT_TRUE(
      Eventually([&] { return absl::IsNotFound((*reader)->Read().status()); }));
}

TEST_F(LocalOrchestratorTest, RefusesASecondAppOfAService) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  EXPECT_THAT(Create("a", App("/b", "sleep 1000")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Create("b", App("/a", "sleep 1000")),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("'a'")));
  EXPECT_THAT(local_->Observe("b"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalOrchestratorTest, RefusesAnAppThatBreaksARuleAndLeavesNothing) {
  const auto forecast = local_->DryRun(
      {"bad", R"({"id":"/bad","cmd":"x","args":["y"],"cpus":-1})", {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(forecast->violations, Contains(Field(&Violation::path, "/cpus")));
  EXPECT_THAT(Create("bad", R"({"id":"/bad"})"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(InstanceFolders(), IsEmpty());
}

TEST_F(LocalOrchestratorTest, RefusesAnAppWithAnImage) {
  const auto forecast = local_->DryRun(
      {"img",
       R"({"id":"/img","container":{"docker":{"image":"nginx:1"}}})",
       {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(forecast->violations,
              ElementsAre(AllOf(
                  Field(&Violation::path, "/container/docker/image"),
                  Field(&Violation::text, HasSubstr("container engine")))));
}

TEST_F(LocalOrchestratorTest, StartsAnEndedTaskAgainWithItsPorts) {
  ASSERT_THAT(Create("again", App("/again", "echo $PORT0; sleep 1000")),
              IsOk());
  const pid_t first = RunningPid("again");
  const std::vector<int> ports = Status("again").tasks[0].ports;
  const std::string first_id = Status("again").tasks[0].id;
  kill(first, SIGKILL);
  ASSERT_TRUE(Eventually([&] {
    const AppStatus status = Status("again");
    return !status.tasks.empty() && status.tasks[0].state == "running" &&
           status.tasks[0].pid != first;
  }));
  EXPECT_EQ(Status("again").tasks[0].ports, ports);
  EXPECT_NE(Status("again").tasks[0].id, first_id);
  ASSERT_TRUE(RemoveAndWait("again"));
}

}  // namespace
}  // namespace orrery::catalog
