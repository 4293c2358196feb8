#include "cli-plugin/service/notes_text.h"

#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::cli {
namespace {

TEST(FilledNotesTest, OutputsEndpointsAndTheSandboxAreFilledIn) {
  const auto service = registry::ParseJson(R"({
      "outputs":[{"name":"bootstrap","value":"127.0.0.1:31000"}],
      "endpoints":[{"name":"broker","host":"127.0.0.1","port":31000}],
      "tasks":[{"sandbox":"/d/first"},{"sandbox":"/d/second"}]})");
  ASSERT_TRUE(service.ok());
  EXPECT_EQ(FilledNotes("at <bootstrap>: run <sandbox>/bin/x <broker-host> "
                        "<broker-port>",
                        service->root),
            "at 127.0.0.1:31000: run /d/first/bin/x 127.0.0.1 31000");
}

TEST(FilledNotesTest, WhatIsNotKnownStays) {
  const auto service = registry::ParseJson(R"({"outputs":[]})");
  ASSERT_TRUE(service.ok());
  EXPECT_EQ(FilledNotes("say <name>", service->root), "say <name>");
}

}  // namespace
}  // namespace orrery::cli
