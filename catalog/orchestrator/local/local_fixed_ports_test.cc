// Ports of apps of the `local` target, with real sockets.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_fixture.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/test_http_server.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LocalFixedPortsTest : public LocalFixture {
 protected:
  static std::string Fixed(const std::string& id, int port) {
    return App(id, "sleep 1000",
               absl::StrCat(R"(,"requirePorts":true,"portDefinitions":[{)"
                            R"("port":)",
                            port, R"(,"name":"api"}])"));
  }
  // A port that was free a moment ago.
  int FreePort() {
    TestHttpServer server;
    return server.port();
  }
  void ExpectRefused(const std::string& service, int port,
                     const std::string& reason) {
    EXPECT_THAT(
        local_->DryRun({service, Fixed("/" + service, port), {}}),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(reason)));
    EXPECT_THAT(
        Create(service, Fixed("/" + service, port)),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(reason)));
    EXPECT_THAT(local_->Observe(service),
                StatusIs(absl::StatusCode::kNotFound));
  }
};

TEST_F(LocalFixedPortsTest, HeldByAServiceIsSaidWithItsName) {
  const int port = FreePort();
  ASSERT_THAT(Create("echod", Fixed("/echod", port)), IsOk());
  EXPECT_EQ(Status("echod").endpoints[0].port, port);
  ExpectRefused("e2", port,
                absl::StrCat("port ", port, " is held by service echod"));
  ASSERT_TRUE(RemoveAndWait("echod"));
  EXPECT_THAT(Create("e2", Fixed("/e2", port)), IsOk());
  ASSERT_TRUE(RemoveAndWait("e2"));
}

TEST_F(LocalFixedPortsTest, HeldByAStrangerIsSaidWithItsPid) {
  const TestHttpServer stranger;
  ExpectRefused("e", stranger.port(),
                absl::StrCat("port ", stranger.port(), " is held by pid ",
                             getpid(), " ("));
  EXPECT_THAT(InstanceFolders(), IsEmpty());
}

TEST_F(LocalFixedPortsTest, StrangerOnIpv6LoopbackOnlyIsSeen) {
  const int stranger = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t length = sizeof(address);
  if (bind(stranger, reinterpret_cast<sockaddr*>(&address), length) != 0) {
    close(stranger);
    GTEST_SKIP() << "this host has no IPv6";
  }
  ASSERT_EQ(listen(stranger, 1), 0);
  getsockname(stranger, reinterpret_cast<sockaddr*>(&address), &length);
  const int port = ntohs(address.sin6_port);
  ExpectRefused("e", port,
                absl::StrCat("port ", port, " is held by pid ", getpid()));
  close(stranger);
}

TEST_F(LocalFixedPortsTest, PortBelow1024NeedsTheRight) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may name another user";
  const auto forecast = local_->DryRun(
      {"e",
       App("/e", "true", absl::StrCat(FixedPort(1), R"(,"user":"nobody")")),
       {}});
  EXPECT_THAT(forecast,
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("user 'nobody' may not listen on port 1")));
}

TEST_F(LocalFixedPortsTest, DynamicPortThatWasHandedOutIsNoFixedPort) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  const int port = Status("a").endpoints[0].port;
  ExpectRefused("b", port,
                absl::StrCat("port ", port, " is held by service a"));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalFixedPortsTest, PortWithoutRequirePortsIsNoHostPort) {
  const TestHttpServer stranger;
  ASSERT_THAT(Create("a", App("/a", "sleep 1000",
                              absl::StrCat(R"(,"portDefinitions":[{"port":)",
                                           stranger.port(), "}]"))),
              IsOk());
  EXPECT_NE(Status("a").endpoints[0].port, stranger.port());
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalFixedPortsTest, TwoAtTheSameMomentLeaveOne) {
  const int port = FreePort();
  std::vector<absl::Status> results(2);
  {
    const std::jthread first(
        [&] { results[0] = Create("a", Fixed("/a", port)); });
    const std::jthread second(
        [&] { results[1] = Create("b", Fixed("/b", port)); });
  }
  const bool first_won = results[0].ok();
  EXPECT_NE(first_won, results[1].ok());
  EXPECT_THAT(results[first_won ? 1 : 0],
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(first_won ? "by service a" : "by service b")));
  ASSERT_TRUE(RemoveAndWait(first_won ? "a" : "b"));
}

TEST_F(LocalFixedPortsTest, FixedPortOfSeveralInstancesBreaksARule) {
  const auto forecast = local_->DryRun(
      {"a",
       App("/a", "sleep 1000",
           R"(,"instances":2,"requirePorts":true,"ports":[18080])"),
       {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(forecast->violations,
              ElementsAre(Field(&Violation::path, "/requirePorts")));
}

TEST_F(LocalFixedPortsTest, StrangerWhoTookThePortIsNoHealth) {
  // The app never listens; somebody else does on its port.
  ASSERT_THAT(
      Create("a", App("/a", "sleep 1000",
                      R"(,"healthChecks":[{"protocol":"TCP","portIndex":0}])")),
      IsOk());
  RunningPid("a");
  const int port = Status("a").endpoints[0].port;
  const int stranger = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(stranger, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(
      bind(stranger, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
      0);
  ASSERT_EQ(listen(stranger, 16), 0);
  EXPECT_TRUE(Eventually([&] {
    const AppStatus status = Status("a");
    return !status.waiting_for.empty() &&
           absl::StrContains(
               status.waiting_for[0],
               absl::StrCat("port ", port, " is held by pid ", getpid()));
  }));
  EXPECT_EQ(Status("a").state, AppState::kDeploying);
  close(stranger);
  ASSERT_TRUE(RemoveAndWait("a"));
}

}  // namespace
}  // namespace orrery::catalog
