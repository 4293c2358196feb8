#include "catalog/manifest/unknown_fields.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "pointer -> nearest" of each.
std::vector<std::string> Unknown(absl::string_view app) {
  std::vector<std::string> found;
  for (const UnknownField& field :
       UnknownMarathonFields(registry::ParseJson(app)->root)) {
    found.push_back(absl::StrCat(field.pointer, " -> ", field.nearest));
  }
  return found;
}

TEST(UnknownFieldsTest, KnownFieldsAndFreeNamesAreNone) {
  EXPECT_THAT(Unknown(R"({
    "id": "/a", "labels": {"any": "x"}, "env": {"ANY": {"secret": "s"}},
    "secrets": {"s": {"source": "x"}}, "constraints": [["hostname", "UNIQUE"]],
    "container": {"docker": {"image": "i", "portMappings": [
        {"containerPort": 1, "labels": {"any": "x"}}]},
      "volumes": [{"external": {"options": {"dvdi/driver": "r"}}}]},
    "unreachableStrategy": "disabled"})"),
              IsEmpty());
}

TEST(UnknownFieldsTest, EachIsToldWhereItStandsWithTheNearestOfThatPlace) {
  EXPECT_THAT(Unknown(R"({
    "maintainer": "m", "healthCheck": [],
    "upgradeStrategy": {"minimunHealthCapacity": 1, "constraints": []},
    "container": {"docker": {"priviledged": true}},
    "readinessChecks": [{"name": "x"}, {"interval": 1, "a/b": 2}]})"),
              ElementsAre("/maintainer -> ", "/healthCheck -> healthChecks",
                          "/upgradeStrategy/minimunHealthCapacity -> "
                          "minimumHealthCapacity",
                          "/upgradeStrategy/constraints -> ",
                          "/container/docker/priviledged -> privileged",
                          "/readinessChecks/1/interval -> intervalSeconds",
                          "/readinessChecks/1/a~1b -> "));
}

TEST(UnknownFieldsTest, NullIsAbsentAndAnotherTypeHasNoFields) {
  EXPECT_THAT(Unknown(R"({"maintainer": null, "container": "docker",
                          "check": [{"x": 1}]})"),
              IsEmpty());
  EXPECT_THAT(Unknown("[]"), IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
