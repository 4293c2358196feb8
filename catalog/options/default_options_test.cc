#include "catalog/options/default_options.h"

#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"

namespace orrery::catalog {
namespace {

TEST(DefaultOptionsTest, DefaultsAreCollected) {
  const struct {
    const char* rule;
    const char* config;
    const char* defaults;
  } kCases[] = {
      {"a group without defaults is dropped",
       R"({"properties":{"a":{"type":"integer","default":3},
           "b":{"properties":{"c":{"type":"string"}}}}})",
       R"({"a":3})"},
      {"a default stops the descent",
       R"({"properties":{"g":{"default":{"x":1},
           "properties":{"x":{"default":2}}}}})",
       R"({"g":{"x":1}})"},
      {"null is a default",
       R"({"properties":{"n":{"type":"string","default":null}}})",
       R"({"n":null})"},
      {"an option called properties is an option",
       R"({"properties":{"properties":{"nodes":{"properties":
           {"count":{"default":3}}}}}})",
       "{}"},
      {"numbers keep their spelling",
       R"({"properties":{"a":{"default":1.50},"b":{"default":1e3}}})",
       R"({"a":1.50,"b":1e3})"},
      {"a default of the root counts for nothing",
       R"({"default":{"a":1},"properties":{}})", "{}"},
      {"branches are not followed",
       R"({"properties":{"a":{"default":1}},
           "oneOf":[{"properties":{"b":{"default":2}}}],
           "dependencies":{"a":{"properties":{"c":{"default":3}}}}})",
       R"({"a":1})"},
      {"a property that is no schema is skipped",
       R"({"properties":{"a":7,"b":{"default":1}}})", R"({"b":1})"},
      {"local references are followed",
       R"({"properties":{"s":{"$ref":"#/definitions/s"}},
           "definitions":{"s":{"properties":{"x":{"$ref":"#/definitions/x"}}},
                          "x":{"default":5}}})",
       R"({"s":{"x":5}})"},
      {"a circle ends",
       R"({"properties":{"s":{"$ref":"#/definitions/s"}},
           "definitions":{"s":{"properties":{
               "v":{"default":1},"next":{"$ref":"#/definitions/s"}}}}})",
       R"({"s":{"v":1}})"},
      {"a reference to itself gives nothing",
       R"({"properties":{"s":{"$ref":"#/properties/s"}}})", "{}"},
      {"a remote reference gives nothing",
       R"({"properties":{"s":{"$ref":"http://127.0.0.1:9/s"}}})", "{}"},
      {"no properties, no defaults", R"({"type":"object"})", "{}"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(WriteJson(DefaultOptions(Json(c.config))), c.defaults) << c.rule;
  }
}

}  // namespace
}  // namespace orrery::catalog
