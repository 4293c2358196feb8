#include "server/process/flags.h"

#include <map>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FlagsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Flags> Parse(std::vector<std::string> arguments) {
    return ParseFlags(
        arguments,
        {.environment =
             [this](const char* name) {
               const auto found = environment_.find(name);
               return found == environment_.end() ? nullptr
                                                  : found->second.c_str();
             },
         .read_file =
             [this](const std::string& path) -> absl::StatusOr<std::string> {
           const auto found = files_.find(path);
           if (found == files_.end()) {
             return absl::InvalidArgumentError("cannot read " + path);
           }
           return found->second;
         }});
  }

  std::map<std::string, std::string> environment_;
  std::map<std::string, std::string> files_;
};

TEST_F(FlagsTest, DefaultsListenOnLoopback) {
  const auto flags = Parse({"--data-dir", "/d"});
  ASSERT_THAT(flags, IsOk());
  EXPECT_EQ(flags->data_dir, "/d");
  EXPECT_EQ(FormatListenAddress(flags->http_listen), "127.0.0.1:7070");
  EXPECT_EQ(FormatListenAddress(flags->grpc_listen), "127.0.0.1:7071");
  EXPECT_EQ(flags->log_format, std::nullopt);
  EXPECT_TRUE(flags->allow_local_sources);
  EXPECT_EQ(flags->poll_interval, absl::Minutes(5));
  EXPECT_EQ(flags->stall_limit, absl::Seconds(60));
}

TEST_F(FlagsTest, BothFormsOfValues) {
  const auto flags = Parse({"--data-dir=/d", "--http-listen", "[::1]:0",
                            "--log-format=text", "--allowed-host", "a",
                            "--allowed-host=b", "--allow-local-sources=false",
                            "--poll-interval=90s", "--stall-limit", "2m"});
  ASSERT_THAT(flags, IsOk());
  EXPECT_EQ(FormatListenAddress(flags->http_listen), "[::1]:0");
  EXPECT_EQ(flags->log_format, LogFormat::kText);
  EXPECT_THAT(flags->allowed_hosts, ElementsAre("a", "b"));
  EXPECT_FALSE(flags->allow_local_sources);
  EXPECT_EQ(flags->poll_interval, absl::Seconds(90));
  EXPECT_EQ(flags->stall_limit, absl::Minutes(2));
}

TEST_F(FlagsTest, FlagsWinOverVariablesAndVariablesOverTheFile) {
  environment_ = {{"ORRERY_CONFIG", "/c"},
                  {"ORRERY_HTTP_LISTEN", "127.0.0.1:2"},
                  {"ORRERY_ALLOWED_HOST", "a, b"},
                  {"ORRERY_DATA_DIR", "/from-variable"}};
  files_["/c"] =
      "http_listen = '127.0.0.1:3'\ngrpc_listen = '127.0.0.1:4'\n"
      "allowed_origin = ['http://x', 'http://y']\n";
  const auto flags = Parse({"--data-dir=/from-flag"});
  ASSERT_THAT(flags, IsOk());
  EXPECT_EQ(flags->data_dir, "/from-flag");
  EXPECT_EQ(flags->http_listen.port, 2);
  EXPECT_EQ(flags->grpc_listen.port, 4);
  EXPECT_THAT(flags->allowed_hosts, ElementsAre("a", "b"));
  EXPECT_THAT(flags->allowed_origins, ElementsAre("http://x", "http://y"));
}

TEST_F(FlagsTest, OtherAddressesNeedInsecureAndForgetLocalSources) {
  for (const char* flag :
       {"--http-listen=0.0.0.0:80", "--grpc-listen=[::]:81"}) {
    EXPECT_THAT(
        Parse({"--data-dir=/d", flag}),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--insecure")));
    const auto flags = Parse({"--data-dir=/d", flag, "--insecure"});
    ASSERT_THAT(flags, IsOk());
    EXPECT_FALSE(flags->allow_local_sources);
  }
  EXPECT_TRUE(Parse({"--data-dir=/d", "--http-listen=0.0.0.0:80", "--insecure",
                     "--allow-local-sources=true"})
                  ->allow_local_sources);
}

TEST_F(FlagsTest, FaultsAreNamed) {
  files_ = {{"/typo", "data_dri = '/d'"},
            {"/broken", "data_dir = "},
            {"/two", "data_dir = ['/a', '/b']"}};
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "--data-dir is missing"},
      {{"--data-dri=/d"}, "did you mean '--data-dir'?"},
      {{"--nonsense"}, "see orreryd --help"},
      {{"word"}, "unknown flag 'word'"},
      {{"--data-dir"}, "--data-dir wants a value: DIR"},
      {{"--data-dir=/a", "--data-dir=/b"}, "given twice"},
      {{"--data-dir=/d", "--http-listen=host:1"}, "--http-listen: 'host:1'"},
      {{"--data-dir=/d", "--log-format=xml"}, "found 'xml'"},
      {{"--data-dir=/d", "--allow-local-sources=1"}, "true or false"},
      {{"--data-dir=/d", "--poll-interval=5"}, "a time such as 30s"},
      {{"--data-dir=/d", "--stall-limit=10ms"}, "from 1s to 24h"},
      {{"--config=/missing"}, "cannot read /missing"},
      {{"--config=/typo"}, "did you mean 'data_dir'?"},
      {{"--config=/broken"}, "/broken: line 1: "},
      {{"--config=/two"}, "'data_dir' takes one value"}};
  for (const auto& [arguments, message] : cases) {
    EXPECT_THAT(Parse(arguments), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr(message)));
  }
}

TEST_F(FlagsTest, HelpAndVersionNeedNothingElse) {
  EXPECT_TRUE(Parse({"--help"})->help);
  EXPECT_TRUE(Parse({"-h", "--http-listen=bad"})->help);
  EXPECT_TRUE(Parse({"--version"})->version);
  EXPECT_THAT(FlagsHelp(), HasSubstr("--http-listen HOST:PORT"));
}

}  // namespace
}  // namespace orrery::server
