#include "catalog/planning/default_changes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;

registry::JsonValue Json(const std::string& text) {
  return registry::ParseJson(text)->root;
}

TEST(DefaultChangesTest, OnlyWhatCountsForTheServiceIsListed) {
  const registry::JsonValue from = Json(
      R"({"properties":{"service":{"properties":{
          "text":{"default":"hi"},"mine":{"default":1},"told":{"default":"a"},
          "same":{"default":true},"gone":{"default":0},
          "list":{"default":["a"]}}}}})");
  const registry::JsonValue to = Json(
      R"({"properties":{"service":{"properties":{
          "text":{"default":"hello"},"mine":{"default":2},
          "told":{"default":"b"},"same":{"default":true},
          "new":{"default":"red"},"list":{"default":["a","b"]}}}}})");
  std::vector<std::string> lines;
  for (const DefaultChange& change :
       DefaultChanges(from, to,
                      {Json(R"({"service":{"mine":1}})"),
                       Json(R"({"service":{"told":"x"}})")})) {
    lines.push_back(
        absl::StrCat(change.option, " ", change.from, " ", change.to));
  }
  EXPECT_THAT(lines, ElementsAre(R"(/service/list ["a"] ["a","b"])",
                                 R"(/service/text "hi" "hello")"));
}

}  // namespace
}  // namespace orrery::catalog
