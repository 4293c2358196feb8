#include "catalog/options/unknown_options.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kConfig[] = R"({"properties":{
  "service":{"properties":{"mem":{},"cpus":{},"name":{}}},
  "brokers":{"properties":{"count":{},
      "labels":{"type":"object","additionalProperties":{"type":"string"}}}},
  "hosts":{"type":"array","items":{"properties":{"port":{}}}}}})";

std::vector<std::string> Pointers(const char* options) {
  std::vector<std::string> pointers;
  for (const UnknownOption& option :
       UnknownOptions(Json(kConfig), Json(options))) {
    pointers.push_back(option.pointer);
  }
  return pointers;
}

TEST(UnknownOptionsTest, OnlyUndeclaredNamesAreNamed) {
  EXPECT_THAT(Pointers("{}"), IsEmpty());
  EXPECT_THAT(Pointers(R"({"service":{"mem":1},"brokers":{"labels":{"x":"y"}},
                           "hosts":[{"port":1}]})"),
              IsEmpty());
  EXPECT_THAT(Pointers(R"({"service":{"memory":1,"cpus":1},"servce":{"mem":1},
                           "hosts":[{"port":1},{"prt":2}]})"),
              ElementsAre("/hosts/1/prt", "/servce", "/service/memory"));
}

TEST(UnknownOptionsTest, NearAndMisplacedNamesAreSuggested) {
  const auto unknown = UnknownOptions(
      Json(kConfig),
      Json(R"({"servce":{},"brokers":{"cout":3},"mem":1,"zzzz":1})"));
  ASSERT_THAT(unknown, SizeIs(4));
  EXPECT_THAT(unknown[0].did_you_mean, ElementsAre("brokers.count"));
  EXPECT_THAT(unknown[1].did_you_mean, ElementsAre("service.mem"));
  EXPECT_THAT(unknown[2].did_you_mean, ElementsAre("service"));
  EXPECT_THAT(unknown[3].did_you_mean, IsEmpty());
  EXPECT_EQ(UnknownOptionText(unknown[2]),
            "/servce: the package has no option \"servce\"; did you mean "
            "service?");
}

TEST(UnknownOptionsTest, TheSchemasShapeAroundTheOptionsIsSeen) {
  const auto unknown = UnknownOptions(
      Json(kConfig), Json(R"({"properties":{"service":{"mem":1}}})"));
  ASSERT_THAT(unknown, SizeIs(1));
  EXPECT_TRUE(unknown[0].schema_wrapper);
  EXPECT_THAT(UnknownOptionText(unknown[0]), HasSubstr("remove that level"));
}

TEST(UnknownOptionsTest, ADeclaredOptionCalledPropertiesIsNoWrapper) {
  EXPECT_THAT(UnknownOptions(Json(R"({"properties":{"properties":{}}})"),
                             Json(R"({"properties":{"x":1}})")),
              IsEmpty());
}

TEST(UnknownOptionsTest, ASchemaThatRefersToItselfIsSearchedToAnEnd) {
  EXPECT_THAT(UnknownOptions(
                  Json(R"({"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}})"),
                  Json(R"({"a":{"b":{"nope":1}}})")),
              SizeIs(1));
}

}  // namespace
}  // namespace orrery::catalog
