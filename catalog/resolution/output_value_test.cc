#include "catalog/resolution/output_value.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "registry/format/relations_document.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

constexpr char kOptions[] =
    R"({"count": 3, "port": 1140, "zones": ["a", "b"], "tls": true,
        "many": 65, "nothing": null})";

registry::RelationOutput Output(const std::string& type,
                                const std::string& value) {
  const auto parsed =
      registry::ParseRelations(R"({"outputs": {"out": {"type": ")" + type +
                                   R"(", "value": )" + value + "}}}",
                               {"zk", 1, false, {}});
  EXPECT_TRUE(parsed.faults.empty()) << parsed.faults.front().text;
  return parsed.document.outputs.at("out");
}

absl::StatusOr<std::vector<LatePiece>> Pieces(
    const registry::RelationOutput& output) {
  const auto options = registry::ParseJson(kOptions);
  const OutputService service = {"team/zk", "zk",    "3.4",
                                 "dc1",     "local", &options->root};
  return OutputPieces(output, service);
}

std::string Value(const std::string& type, const std::string& value) {
  const registry::RelationOutput output = Output(type, value);
  const auto pieces = Pieces(output);
  if (!pieces.ok()) return std::string(pieces.status().message());
  return registry::WriteJson(StaticValue(output.type, *pieces));
}

TEST(OutputValueTest, StaticPartsMakeValuesOfTheirType) {
  const struct {
    const char* type;
    const char* parts;
    const char* value;
  } kRows[] = {
      {"string", R"(["zk-", {"service": "dns"}, ":", {"option": "/port"}])",
       R"("zk-teamzk:1140")"},
      {"string", R"([{"service": "id"}, " ", {"service": "package"}, " ",
                    {"service": "version"}, " ", {"service": "cluster"}, " ",
                    {"service": "kind"}])",
       R"("team/zk zk 3.4 dc1 local")"},
      {"string", R"([{"repeat": {"count": "/count", "join": ",", "value":
                    ["n", {"index": true}, ":", {"option": "/port"}]}}])",
       R"("n0:1140,n1:1140,n2:1140")"},
      {"integer", R"([{"option": "/port"}])", "1140"},
      {"boolean", R"([{"option": "/tls"}])", "true"},
      {"list", R"(["x", {"option": "/zones"}])", R"(["x","a","b"])"},
      {"string", R"([{"option": "/zones", "join": "+"}])", R"("a+b")"},
      {"list", R"([{"option": "/zones", "join": "+"}])", R"(["a+b"])"},
      {"list", R"(["x", {"repeat": {"count": "/count", "value":
                  ["z", {"index": true}]}}])",
       R"(["x","z0","z1","z2"])"},
      {"list", R"([{"repeat": {"count": "/count", "join": ",", "value":
                  ["z", {"index": true}]}}])",
       R"(["z0,z1,z2"])"},
      {"integer", R"(["7"])", "7"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Value(row.type, row.parts), row.value) << row.parts;
  }
}

TEST(OutputValueTest, OptionWithoutAValueIsNamed) {
  EXPECT_EQ(Value("string", R"([{"option": "/nothing"}])"),
            "option /nothing of team/zk has no value, and an output is made of "
            "it");
  EXPECT_EQ(
      Value("string", R"([{"repeat": {"count": "/many", "value": ["x"]}}])"),
      "option /many of team/zk counts repetitions, 1 to 64, and is 65");
}

TEST(OutputValueTest, ValueOfAnotherTypeIsRefused) {
  EXPECT_EQ(Value("boolean", R"([{"option": "/port"}])"),
            "relations.type: an output of team/zk is boolean, and what it is "
            "made of is \"1140\"");
  EXPECT_EQ(Value("integer", R"([{"option": "/tls"}])"),
            "relations.type: an output of team/zk is integer, and what it is "
            "made of is \"true\"");
  EXPECT_EQ(Value("string", R"(["zones: ", {"option": "/zones"}])"),
            "relations.type: option /zones of team/zk is an array, and a part "
            "of a text wants \"join\" with it");
}

TEST(OutputValueTest, PortsAreLookedUpByName) {
  const EndpointsOf endpoints = [](const std::string& service) {
    EXPECT_EQ(service, "team/zk");
    return std::vector<AppEndpoint>{
        {"api", "b", 2}, {"api", "a", 1}, {"admin", "a", 9}};
  };
  const auto text = [&](const std::string& parts) {
    return LateTexts(*Pieces(Output("string", parts)), false, endpoints)
        .value_or(std::vector<std::string>{"nothing"})[0];
  };
  EXPECT_EQ(text(R"(["http://", {"address": "api"}, "/"])"), "http://a:1/");
  EXPECT_EQ(text(R"([{"address": "admin", "part": "port"}])"), "9");
  EXPECT_EQ(text(R"([{"address": "admin", "part": "host"}])"), "a");
  EXPECT_EQ(text(R"([{"endpoints": "api", "join": ","}])"), "a:1,b:2");
  EXPECT_EQ(text(R"([{"address": "web"}])"), "nothing");
  EXPECT_THAT(LateTexts(*Pieces(Output("list", R"(["x", {"endpoints": "api"},
                  {"endpoints": "api", "join": "+"}])")),
                        true, endpoints),
              Optional(ElementsAre("x", "a:1", "b:2", "a:1+b:2")));
}

}  // namespace
}  // namespace orrery::catalog
