#include "registry/format/config_document.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "rule pointer" of each remark on a schema with `members` beside its type.
std::vector<std::string> Remarks(const std::string& members) {
  const std::string text = absl::StrCat(
      R"({"type":"object")", members.empty() ? "" : ",", members, "}");
  std::vector<std::string> result;
  for (const SchemaRemark& remark :
       CheckConfigDocument(ParseJson(text)->root)) {
    result.push_back(absl::StrCat(remark.rule.name, " ", remark.fault.pointer));
  }
  return result;
}

TEST(ConfigDocumentTest, AcceptsWhatTheMetaschemaAllows) {
  for (const char* members :
       {"", R"("id":"x","title":"t","description":"d","default":{"a":[1]})",
        R"("multipleOf":0.5,"minimum":-1,"exclusiveMinimum":true)",
        R"("maximum":2,"exclusiveMaximum":false,"maxLength":0,"minLength":1.0)",
        R"("items":[{},{"type":"string"}],"additionalItems":false)",
        R"("items":{"enum":["a",1,null]},"uniqueItems":true,"minItems":1)",
        R"("maxItems":3,"maxProperties":1,"minProperties":0)",
        R"("required":["a","b"],"additionalProperties":{"type":"null"})",
        R"("definitions":{"a":{}},"patternProperties":{"^x":{}})",
        R"("dependencies":{"a":["b"],"c":{"required":["d"]}})",
        R"("allOf":[{}],"anyOf":[{}],"oneOf":[{}],"not":{})",
        R"("format":"password","media":{"type":"x"},"$ref":"#/definitions/a")",
        R"("properties":{"properties":{"type":"string"}})",
        R"("$schema":"http://json-schema.org/draft-04/schema#")",
        R"("properties":{"a":{"type":["string","null"]}})"}) {
    EXPECT_THAT(Remarks(members), IsEmpty()) << members;
  }
}

TEST(ConfigDocumentTest, RejectsWhatTheMetaschemaForbids) {
  struct {
    const char* members;
    const char* pointer;
  } const cases[] = {
      {R"("id":1)", "/id"},
      {R"("title":null)", "/title"},
      {R"("multipleOf":0)", "/multipleOf"},
      {R"("minimum":"1")", "/minimum"},
      {R"("exclusiveMinimum":true)", "/exclusiveMinimum"},
      {R"("exclusiveMaximum":true)", "/exclusiveMaximum"},
      {R"("minLength":-1)", "/minLength"},
      {R"("maxLength":1.5)", "/maxLength"},
      {R"("pattern":7)", "/pattern"},
      {R"("items":"x")", "/items"},
      {R"("items":[])", "/items"},
      {R"("items":[1])", "/items/0"},
      {R"("additionalItems":"x")", "/additionalItems"},
      {R"("uniqueItems":1)", "/uniqueItems"},
      {R"("required":true)", "/required"},
      {R"("required":[])", "/required"},
      {R"("required":["a",1])", "/required/1"},
      {R"("required":["a","a"])", "/required/1"},
      {R"("properties":[])", "/properties"},
      {R"("properties":{"a":true})", "/properties/a"},
      {R"("properties":{"a":{"required":true}})", "/properties/a/required"},
      {R"("properties":{"a":{"type":"strnig"}})", "/properties/a/type"},
      {R"("additionalProperties":[])", "/additionalProperties"},
      {R"("dependencies":{"a":[]})", "/dependencies/a"},
      {R"("dependencies":{"a":"b"})", "/dependencies/a"},
      {R"("enum":[])", "/enum"},
      {R"("enum":["a","a"])", "/enum/1"},
      {R"("oneOf":{})", "/oneOf"},
      {R"("allOf":[])", "/allOf"},
      {R"("not":[])", "/not"},
  };
  for (const auto& [members, pointer] : cases) {
    EXPECT_THAT(Remarks(members),
                ElementsAre(absl::StrCat("schema-config ", pointer)))
        << members;
  }
}

TEST(ConfigDocumentTest, TypeNamesAreChecked) {
  std::vector<std::string> pointers;
  for (const auto& remark : CheckConfigDocument(
           ParseJson(R"({"type":["object","x","object",1]})")->root)) {
    if (remark.rule.name == "schema-config") {
      pointers.push_back(remark.fault.pointer);
    }
  }
  EXPECT_THAT(pointers, ElementsAre("/type/1", "/type/3", "/type/2"));
}

TEST(ConfigDocumentTest, ReportsEveryFault) {
  EXPECT_THAT(
      Remarks(R"("title":1,"properties":{"a":{"minimum":"x"},
      "b":{"properties":{"c":7}}})"),
      ElementsAre("schema-config /title", "schema-config /properties/a/minimum",
                  "schema-config /properties/b/properties/c"));
}

TEST(ConfigDocumentTest, RootShouldBeAnObjectType) {
  for (const char* text : {"{}", R"({"type":"string"})"}) {
    const auto remarks = CheckConfigDocument(ParseJson(text)->root);
    ASSERT_EQ(remarks.size(), 1u) << text;
    EXPECT_EQ(remarks[0].rule.name, "config-root-type");
  }
}

TEST(ConfigDocumentTest, OtherSchemaUriIsReported) {
  EXPECT_THAT(Remarks(R"("$schema":"http://json-schema.org/schema#")"),
              ElementsAre("config-schema-uri /$schema"));
}

TEST(ConfigDocumentTest, UnknownKeywordNamesTheNearest) {
  const auto remarks =
      CheckConfigDocument(ParseJson(R"({"type":"object","type:":1})")->root);
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_EQ(remarks[0].rule.name, "config-unknown-keyword");
  EXPECT_THAT(remarks[0].fault.text, HasSubstr(R"(did you mean "type"?)"));
}

TEST(ConfigDocumentTest, KeywordsInsideValuesAreNone) {
  EXPECT_THAT(Remarks(R"("default":{"x":1},"enum":[{"y":1}])"), IsEmpty());
}

TEST(ConfigDocumentTest, PropertiesInsidePropertiesIsSuspicious) {
  EXPECT_THAT(Remarks(R"("properties":{"properties":{"a":{}}})"),
              ElementsAre("config-unknown-keyword /properties/properties/a",
                          "config-double-properties /properties/properties"));
}

TEST(ConfigDocumentTest, PatternsAreReadByRe2) {
  EXPECT_THAT(Remarks(R"("properties":{"a":{"pattern":"a**{"}})"),
              ElementsAre("config-regex /properties/a/pattern"));
  EXPECT_THAT(Remarks(R"("patternProperties":{"[":{}})"),
              ElementsAre("config-regex /patternProperties/["));
}

TEST(ConfigDocumentTest, ReferenceThatLeavesTheDocumentIsReported) {
  EXPECT_THAT(Remarks(R"("properties":{"a":{"$ref":"http://x/y#"}})"),
              ElementsAre("config-ref /properties/a/$ref"));
}

}  // namespace
}  // namespace orrery::registry
