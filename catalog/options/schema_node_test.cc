#include "catalog/options/schema_node.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SchemaNodeTest, OptionsAreKnownWhereverTheyAreDeclared) {
  const registry::JsonValue config = Json(R"({
    "properties": {
      "service": {"properties": {"mem": {"type": "integer"}}},
      "free": {"type": "object"},
      "closed": {"type": "object", "additionalProperties": false},
      "open": {"properties": {"a": {}}, "additionalProperties": true},
      "typed": {"properties": {"a": {}},
                "additionalProperties": {"type": "string"}},
      "byName": {"properties": {"a": {}},
                 "patternProperties": {"^x": {"type": "number"}}},
      "list": {"items": {"properties": {"host": {"type": "string"}}}},
      "shared": {"$ref": "#/definitions/shared"}
    },
    "dependencies": {"service": {"properties": {"late": {"type": "boolean"}}}},
    "oneOf": [{"properties": {"one": {"type": "null"}}}],
    "allOf": [{"anyOf": [{"properties": {"any": {}}}]}],
    "definitions": {"shared": {"properties": {
        "next": {"$ref": "#/definitions/shared"}, "v": {"type": "array"}}}}
  })");
  for (const char* pointer :
       {"/service", "/service/mem", "/free/x", "/free/x/y", "/open/b",
        "/open/b/c", "/typed/b", "/byName/xy", "/list/0/host", "/late", "/one",
        "/any", "/shared/next/next/v"}) {
    EXPECT_TRUE(NodeAt(config, pointer).known()) << pointer;
  }
  for (const char* pointer : {"/servce", "/service/memory", "/closed/x",
                              "/list/0/port", "/shared/next/w"}) {
    EXPECT_FALSE(NodeAt(config, pointer).known()) << pointer;
  }
}

TEST(SchemaNodeTest, TypesComeFromTypeElseFromValues) {
  const registry::JsonValue config = Json(R"({"properties":{
    "a":{"type":["string","null"]}, "b":{"enum":["x",1]},
    "c":{"default":true}, "d":{"properties":{}}, "e":{},
    "f":{"type":"integer","default":"x"}}})");
  EXPECT_THAT(NodeAt(config, "/a").Types(), ElementsAre("null", "string"));
  EXPECT_THAT(NodeAt(config, "/b").Types(), ElementsAre("number", "string"));
  EXPECT_THAT(NodeAt(config, "/c").Types(), ElementsAre("boolean"));
  EXPECT_THAT(NodeAt(config, "/d").Types(), ElementsAre("object"));
  EXPECT_THAT(NodeAt(config, "/e").Types(), IsEmpty());
  EXPECT_THAT(NodeAt(config, "/f").Types(), ElementsAre("integer"));
  EXPECT_THAT(NodeAt(config, "").Names(),
              ElementsAre("a", "b", "c", "d", "e", "f"));
}

TEST(SchemaNodeTest, ReferencesInPercentAndPointerEscapesResolve) {
  const registry::JsonValue config = Json(R"({"d":{"a b/c":{"x":1}}})");
  EXPECT_NE(ResolveReference(config, "#/d/a%20b~1c"), nullptr);
  EXPECT_EQ(ResolveReference(config, "#"), &config);
  EXPECT_EQ(ResolveReference(config, "#/d/none"), nullptr);
  EXPECT_EQ(ResolveReference(config, "file:///etc/passwd"), nullptr);
}

}  // namespace
}  // namespace orrery::catalog
