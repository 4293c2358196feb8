// Runs `orrery` against a server of scripted answers.

#ifndef CLI_PLUGIN_COMMAND_TEST_FIXTURE_H_
#define CLI_PLUGIN_COMMAND_TEST_FIXTURE_H_

#include <map>
#include <string>
#include <vector>

#include "cli-plugin/command/clock.h"
#include "cli-plugin/command/command_tree.h"
#include "cli-plugin/http/fake_http_client.h"
#include "gtest/gtest.h"

namespace orrery::tests {

// Stands at 2026-01-01 and moves when somebody sleeps.
class FakeClock : public cli::Clock {
 public:
  absl::Time Now() override { return now; }
  bool SleepFor(absl::Duration duration) override {
    now += duration;
    return !interrupted;
  }

  absl::Time now = absl::FromUnixSeconds(1767225600);
  bool interrupted = false;
};

class CommandTest : public ::testing::Test {
 protected:
  CommandTest();

  // Fills `out`, `err` and gives the exit code.
  int Run(const std::vector<std::string>& words);

  FakeHttpClient http;
  FakeClock clock;
  cli::Command root;
  std::map<std::string, std::string> environment;
  std::string working_directory = "/home/me";
  // What standard input holds, and whether each stream is a terminal.
  std::string input;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  int width = 80;
  std::string out;
  std::string err;
};

}  // namespace orrery::tests

#endif  // CLI_PLUGIN_COMMAND_TEST_FIXTURE_H_
