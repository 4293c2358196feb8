#include "cli-plugin/text/yaml_output.h"

#include <string>

#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::cli {
namespace {

struct Case {
  std::string name;
  std::string json;
  std::string yaml;
};

class YamlOutputTest : public ::testing::TestWithParam<Case> {};

TEST_P(YamlOutputTest, WritesBlockStyle) {
  const auto document = registry::ParseJson(GetParam().json);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(WriteYaml(document->root), GetParam().yaml);
}

INSTANTIATE_TEST_SUITE_P(
    Values, YamlOutputTest,
    ::testing::Values(
        Case{"EmptyObject", "{}", "{}\n"},
        Case{"EmptyListInside", R"({"a":[]})", "a: []\n"},
        Case{"Numbers", R"({"a":1.10,"b":1e3})", "a: 1.10\nb: 1e3\n"},
        Case{"Null", R"({"a":null})", "a: null\n"},
        Case{"PlainText", R"({"a":"kafka broker"})", "a: kafka broker\n"},
        Case{"TextLikeBoolean", R"({"a":"Yes"})", "a: \"Yes\"\n"},
        Case{"TextLikeNumber", R"({"a":"007"})", "a: \"007\"\n"},
        Case{"TextWithColon", R"({"a":"x: y"})", "a: \"x: y\"\n"},
        Case{"TextWithNewline", R"({"a":"x\ny"})", "a: \"x\\ny\"\n"},
        Case{"EmptyText", R"({"a":""})", "a: \"\"\n"},
        Case{"KeyLikeBoolean", R"({"on":1})", "\"on\": 1\n"},
        Case{"ListOfObjects", R"({"a":[{"b":1,"c":2},{"b":3}]})",
             "a:\n  - b: 1\n    c: 2\n  - b: 3\n"},
        Case{"ListOfLists", R"([[1,2],[]])", "- - 1\n  - 2\n- []\n"},
        Case{"Nested", R"({"a":{"b":{"c":true}}})", "a:\n  b:\n    c: true\n"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace orrery::cli
