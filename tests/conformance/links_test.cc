#include "resolver/links.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "resolver/resolve.h"
#include "tests/testing/case_universe.h"

namespace orrery::resolver {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

// app requires (cache or redis), db if redis is there, and log if it has tls.
constexpr char kPackages[] = R"({
  "app": [{"v": "1", "deps": [
    {"any": [{"p": "cache", "r": "*", "in": [[0, 0]]},
             {"p": "redis", "r": "*", "in": [[0, 0]]}]},
    {"any": [{"p": "db", "r": "*", "in": [[0, 0]]}],
     "if": [{"p": "redis", "r": "*", "in": [[0, 0]]}]},
    {"any": [{"p": "log", "r": "*", "in": [[0, 0]]}],
     "if": [{"p": "redis", "r": "*", "in": [[0, 0]], "features": ["tls"]}]}]}],
  "cache": [{"v": "1"}], "db": [{"v": "1"}], "log": [{"v": "1"}],
  "redis": [{"v": "1", "features": {"tls": []}}]})";

std::vector<std::string> Links(const std::string& request_text) {
  const auto packages = registry::ParseJson(kPackages);
  tests::CaseUniverse universe(packages->root);
  const auto json = registry::ParseJson(request_text);
  Request request = universe.ReadRequest(json->root);
  for (InstalledNode& node : request.installed) {
    if (universe.Name(node.node.package) == "app") {
      node.bindings = {{universe.IdOf("redis")}};
    }
  }
  const auto answer = Resolve(request, universe);
  std::vector<std::string> lines;
  const auto links = LinksOf(request, answer->chosen, universe);
  for (const Link& link : *links) {
    lines.push_back(absl::StrCat(link.consumer.has_value()
                                     ? universe.Name(link.consumer->package)
                                     : "request",
                                 ":", link.requirement, ":", link.alternative,
                                 " ", universe.Name(link.provider.package)));
  }
  return lines;
}

TEST(LinksTest, FirstAlternativeThatHoldsCounts) {
  EXPECT_THAT(
      Links(R"({"deps": [{"any": [{"p": "app", "r": "*", "in": [[0, 0]]}]}]})"),
      ElementsAre("request:0:0 app", "app:0:0 cache"));
}

TEST(LinksTest, RecordedAlternativeStaysAndConditionsBringTheirRequirement) {
  EXPECT_THAT(Links(R"({"deps": [],
      "installed": {"app": "1", "redis": "1", "cache": "1"},
      "keep": [{"any": [{"p": "app", "r": "*", "in": [[0, 0]]}]},
               {"any": [{"p": "redis", "r": "*", "in": [[0, 0]]}]},
               {"any": [{"p": "cache", "r": "*", "in": [[0, 0]]}]}]})"),
              ElementsAre("app:0:1 redis", "app:1:0 db"));
}

TEST(LinksTest, ConditionOfAFeatureHoldsWithTheFeatureOnly) {
  constexpr char kRequest[] = R"({"deps": [
      {"any": [{"p": "app", "r": "*", "in": [[0, 0]]}]},
      {"any": [{"p": "log", "r": "*", "in": [[0, 0]]}]},
      {"any": [{"p": "redis", "r": "*", "in": [[0, 0]]$0}]}]})";
  EXPECT_THAT(Links(absl::Substitute(kRequest, "")),
              Not(Contains("app:2:0 log")));
  EXPECT_THAT(Links(absl::Substitute(kRequest, R"(, "features": ["tls"])")),
              Contains("app:2:0 log"));
}

}  // namespace
}  // namespace orrery::resolver
