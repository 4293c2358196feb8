#include "server/log.h"

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

absl::Time Moment() { return absl::FromUnixMillis(1700000000123); }

TEST(LogTest, JsonLineHasItsFields) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, Moment(), LogLevel::kWarn, "http",
                          "a\n\"b\"",
                          {{"status", int64_t{200}},
                           {"ms", 1.5},
                           {"route", std::string("/x")}}),
            R"({"ts":"2023-11-14T22:13:20.123Z","level":"warn",)"
            R"("logger":"http","msg":"a\n\"b\"","status":200,"ms":1.500,)"
            "\"route\":\"/x\"}\n");
}

TEST(LogTest, TextLineStaysOneLine) {
  EXPECT_EQ(FormatLogLine(LogFormat::kText, Moment(), LogLevel::kInfo, "main",
                          "ready\nforged", {{"pid", int64_t{7}}}),
            "2023-11-14T22:13:20.123Z info main: ready\\nforged pid=7\n");
}

}  // namespace
}  // namespace orrery::server
