#include "catalog/orchestrator/task/network_prober.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/task/health_check.h"
#include "catalog/orchestrator/task/test_http_server.h"

namespace orrery::catalog {
namespace {

using ::testing::HasSubstr;

class NetworkProberTest : public ::testing::Test {
 protected:
  ProbeResult Probe(NetworkProbe probe) {
    probe.key = ++key_;
    probe.host = "127.0.0.1";
    if (probe.port == 0) probe.port = server_.port();
    prober_.Start(probe);
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return results_.count(probe.key) > 0; });
    return results_[probe.key];
  }
  ProbeResult Http(const std::string& path) {
    NetworkProbe probe;
    probe.kind = ProbeKind::kHttp;
    probe.path = path;
    return Probe(probe);
  }
  int ClosedPort() {
    const TestHttpServer closed;
    return closed.port();
  }

  TestHttpServer server_;
  uint64_t key_ = 0;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<uint64_t, ProbeResult> results_;
  NetworkProber prober_{[this](uint64_t key, const ProbeResult& result) {
    const std::lock_guard lock(mutex_);
    results_[key] = result;
    arrived_.notify_all();
  }};
};

struct StatusCase {
  int status;
  ProbeVerdict verdict;
};

TEST_F(NetworkProberTest, StatusFrom200To399Passes) {
  for (const StatusCase& c :
       std::vector<StatusCase>{{200, ProbeVerdict::kPass},
                               {204, ProbeVerdict::kPass},
                               {302, ProbeVerdict::kPass},
                               {399, ProbeVerdict::kPass},
                               {400, ProbeVerdict::kFail},
                               {404, ProbeVerdict::kFail},
                               {503, ProbeVerdict::kFail}}) {
    const std::string path = absl::StrCat("/", c.status);
    server_.AnswerStatus(path, c.status);
    EXPECT_EQ(Http(path).verdict, c.verdict) << c.status;
  }
}

TEST_F(NetworkProberTest, FailureSaysTheStatus) {
  server_.AnswerStatus("/", 503);
  EXPECT_EQ(Http("/").reason, "it answers with status 503");
}

TEST_F(NetworkProberTest, BodyIsNoMatter) {
  server_.AnswerBody("/", std::string(100000, 'x'));
  EXPECT_EQ(Http("/").verdict, ProbeVerdict::kPass);
}

TEST_F(NetworkProberTest, OnlyGivenCodesPassWhenThereAreSome) {
  server_.AnswerStatus("/", 204);
  NetworkProbe probe;
  probe.kind = ProbeKind::kHttp;
  probe.status_codes = {200};
  EXPECT_EQ(Probe(probe).verdict, ProbeVerdict::kFail);
  probe.status_codes = {200, 204};
  EXPECT_EQ(Probe(probe).verdict, ProbeVerdict::kPass);
}

TEST_F(NetworkProberTest, ClosedPortFails) {
  NetworkProbe probe;
  probe.port = ClosedPort();
  probe.kind = ProbeKind::kTcp;
  EXPECT_EQ(Probe(probe).verdict, ProbeVerdict::kFail);
  probe.kind = ProbeKind::kHttp;
  const ProbeResult result = Probe(probe);
  EXPECT_EQ(result.verdict, ProbeVerdict::kFail);
  EXPECT_THAT(result.reason, HasSubstr("refused"));
}

TEST_F(NetworkProberTest, OpenPortPassesTcp) {
  NetworkProbe probe;
  probe.kind = ProbeKind::kTcp;
  EXPECT_EQ(Probe(probe).verdict, ProbeVerdict::kPass);
}

TEST_F(NetworkProberTest, SilenceFailsAfterTheTimeout) {
  server_.Answer("/", "");
  NetworkProbe probe;
  probe.kind = ProbeKind::kHttp;
  probe.timeout = absl::Milliseconds(100);
  EXPECT_EQ(Probe(probe).verdict, ProbeVerdict::kFail);
}

TEST_F(NetworkProberTest, WhatIsNoHttpFails) {
  server_.Answer("/", "SSH-2.0-OpenSSH\r\n");
  EXPECT_EQ(Http("/").verdict, ProbeVerdict::kFail);
}

TEST(NetworkProberEndTest, EndsWhileAProbeHangs) {
  TestHttpServer server;
  server.Answer("/", "");
  const absl::Time began = absl::Now();
  {
    NetworkProber prober([](uint64_t, const ProbeResult&) {});
    NetworkProbe probe;
    probe.kind = ProbeKind::kHttp;
    probe.host = "127.0.0.1";
    probe.port = server.port();
    probe.timeout = absl::Hours(1);
    prober.Start(probe);
  }
  EXPECT_LT(absl::Now() - began, absl::Minutes(1));
}

TEST(DescribeProbeTest, SaysWhatIsAsked) {
  NetworkProbe probe;
  probe.host = "::1";
  probe.port = 80;
  probe.path = "/health";
  EXPECT_EQ(DescribeProbe(probe), "TCP ::1:80");
  probe.kind = ProbeKind::kHttps;
  EXPECT_EQ(DescribeProbe(probe), "GET https://[::1]:80/health");
}

}  // namespace
}  // namespace orrery::catalog
