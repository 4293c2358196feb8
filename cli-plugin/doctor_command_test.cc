#include "cli-plugin/doctor_command.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;

class DoctorCommandTest : public tests::CommandTest {
 protected:
  void AnswerWith(const std::string& sources) {
    http.Answer("GET /healthz", 200, "ok\n");
    http.Answer("GET /readyz", 200, "ok\n");
    http.Answer("GET /metrics", 200,
                "# HELP x\norrery_build_info{commit=\"c\",version=\"0.1.0\"} "
                "1\n");
    http.Answer("GET /v1/sources", 200, "{\"sources\":" + sources + "}");
    http.Answer("GET /v1/clusters", 200,
                R"({"clusters":[{"name":"local","kind":"local",
                    "notes":["apps that name no user run as root"]}]})");
    http.Answer("GET /v1/trust/policy", 200, policy);
    http.Answer("GET /v1/trust/tlog-policy", 404, "");
    http.Answer("GET /v1/trust/names", 404, "");
    http.Answer("GET /v1/clusters/-/services", 200,
                R"({"services":[{"name":"e","state":"failed"}]})");
  }

  std::string policy =
      "policy 1\nregistry r https://r.example\n  tlog-policy t\n  names-file "
      "n\n";
};

TEST_F(DoctorCommandTest, WellServerIsZeroWithItsNotes) {
  AnswerWith(R"([{"name":"u","state":"ok","packages":2,"releases":3,
                  "refused":[],"error":null}])");
  EXPECT_EQ(Run({"doctor"}), 0);
  EXPECT_EQ(out, R"(STATE  SUBJECT        REMARK
ok     server         http://127.0.0.1:7070 answers
ok     version        server and command are both 0.1.0
ok     clock          agrees with the server's
ok     trust          the files in trust/ can be read
ok     source u       ok, 2 packages, 3 releases
note   cluster local  apps that name no user run as root
warn   service e      failed; see `orrery status e`
)");
}

TEST_F(DoctorCommandTest, FailedSourceIsOne) {
  AnswerWith(R"([{"name":"u","state":"failed","packages":2,"releases":3,
                  "error":"ref is gone"}])");
  EXPECT_EQ(Run({"doctor"}), 1);
  EXPECT_THAT(out, HasSubstr("error  source u       failed, 2 packages, 3 "
                             "releases: ref is gone\n"));
}

TEST_F(DoctorCommandTest, PolicyThatCannotBeReadIsOne) {
  policy += "require * evidnce observed\n";
  AnswerWith("[]");
  EXPECT_EQ(Run({"doctor"}), 1);
  EXPECT_THAT(out, HasSubstr("error  trust          policy.syntax: trust/"
                             "policy:5: 'evidnce' is no option of "
                             "require\n"));
}

TEST_F(DoctorCommandTest, ClockThatDiffersIsTold) {
  AnswerWith("[]");
  clock.now += absl::Minutes(5);
  EXPECT_EQ(Run({"doctor"}), 0);
  EXPECT_THAT(out, HasSubstr("differs from the server's by 5m\n"));
}

TEST_F(DoctorCommandTest, UnreachableServerIsTheOnlyRemark) {
  http.Fail("GET /healthz", absl::UnavailableError("connection refused"));
  EXPECT_EQ(Run({"doctor", "-o", "name"}), 1);
  EXPECT_EQ(out, "server\n");
}

}  // namespace
}  // namespace orrery::cli
