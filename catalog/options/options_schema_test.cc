#include "catalog/options/options_schema.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<OptionFault> Faults(absl::string_view config,
                                absl::string_view options) {
  const auto schema = OptionsSchema::Compile(Json(config));
  EXPECT_THAT(schema, IsOk()) << config;
  if (!schema.ok()) return {};
  auto faults = schema->Validate(Json(options));
  EXPECT_THAT(faults, IsOk());
  return faults.ok() ? *faults : std::vector<OptionFault>();
}

// "keyword pointer" of each fault.
std::vector<std::string> Broken(absl::string_view config,
                                absl::string_view options) {
  std::vector<std::string> broken;
  for (const OptionFault& fault : Faults(config, options)) {
    broken.push_back(absl::StrCat(fault.keyword, " ", fault.pointer));
  }
  return broken;
}

struct KeywordCase {
  const char* schema;
  std::vector<const char*> accepted;
  std::vector<const char*> rejected;
};

// The schema of one option "v".
TEST(OptionsSchemaTest, KeywordsOfOneValue) {
  const KeywordCase kCases[] = {
      {R"({"type":"integer"})",
       {"3", "1.0", "1e3", "-0.0", "1.7976931348623157E308",
        "99999999999999999999"},
       {"3.5", "\"3\"", "true", "null"}},
      {R"({"type":"number"})", {"3", "0.5", "18446744073709551616"}, {"\"1\""}},
      {R"({"type":["string","null"]})", {"\"\"", "null"}, {"1", "[]"}},
      {R"({"type":"boolean"})", {"true"}, {"\"true\"", "\"\"", "0"}},
      {R"({"enum":["a",1,{"x":[1.0]}]})",
       {"\"a\"", "1.0", R"({"x":[1]})"},
       {"\"A\"", "2", R"({"x":[]})"}},
      {R"({"minimum":256})", {"256", "256.0", "\"x\""}, {"255.9", "-1e99"}},
      {R"({"minimum":0,"exclusiveMinimum":true})", {"1e-400"}, {"0", "-0.0"}},
      {R"({"maximum":9007199254740992})",
       {"9007199254740992"},
       {"9007199254740993"}},
      {R"({"maximum":1,"exclusiveMaximum":true})", {"0.9"}, {"1"}},
      {R"({"multipleOf":0.01})", {"0.07", "3"}, {"0.075"}},
      {R"({"minLength":2,"maxLength":3})",
       {"\"ab\"", "\"\u00e9\u00e9\u00e9\"", "\"\\ud83d\\ude00a\"", "7"},
       {"\"a\"", "\"abcd\"", "\"\\ud83d\\ude00\""}},
      {R"({"pattern":"yes"})", {"\"oh yes!\"", "1"}, {"\"no\"", "\"\""}},
      {R"({"pattern":"^a$"})", {"\"a\""}, {"\"a\\u0000\"", "\"a\\n\""}},
      {R"({"format":"ipv4"})", {"\"10.0.0.1\""}, {"\"999\""}},
      {R"({"format":"password"})", {"\"x\""}, {}},
      {R"({"items":{"type":"integer"}})", {"[]", "[1,2]", "{}"}, {"[1,\"a\"]"}},
      {R"({"items":[{"type":"integer"}],"additionalItems":false})",
       {"[1]", "[]"},
       {"[1,2]", "[\"a\"]"}},
      {R"({"items":[{}],"additionalItems":{"type":"null"}})",
       {"[1,null]"},
       {"[1,2]"}},
      {R"({"minItems":1,"maxItems":2,"uniqueItems":true})",
       {"[1]", "[1,\"1\"]"},
       {"[]", "[1,2,3]", "[1,1.0]", R"([{"a":1,"b":2},{"b":2,"a":1}])"}},
      {R"({"minProperties":1,"maxProperties":1})",
       {R"({"a":1})"},
       {"{}", R"({"a":1,"b":2})"}},
      {R"({"required":["a"]})", {R"({"a":null})", "[]"}, {"{}"}},
      {R"({"properties":{"a":{}},"additionalProperties":false})",
       {R"({"a":1})", "{}"},
       {R"({"b":1})"}},
      {R"({"additionalProperties":{"type":"string"}})",
       {R"({"a":"x"})"},
       {R"({"a":1})"}},
      {R"({"patternProperties":{"^n":{"type":"number"}},
           "additionalProperties":false})",
       {R"({"n1":1})"},
       {R"({"n1":"x"})", R"({"x":1})"}},
      {R"({"properties":{"ab":{"minimum":5}},
           "patternProperties":{"^a":{"type":"integer"}}})",
       {R"({"ab":5})"},
       {R"({"ab":5.5})", R"({"ab":4})"}},
      {R"({"dependencies":{"a":["b"]}})",
       {R"({"a":1,"b":1})", R"({"b":1})"},
       {R"({"a":1})"}},
      {R"({"dependencies":{"a":{"required":["b"]}}})",
       {R"({"a":1,"b":1})", "{}"},
       {R"({"a":1})"}},
      {R"({"allOf":[{"minimum":1},{"maximum":2}]})", {"1", "2"}, {"0", "3"}},
      {R"({"anyOf":[{"minimum":5},{"type":"string"}]})", {"5", "\"a\""}, {"4"}},
      {R"({"oneOf":[{"minimum":5},{"minimum":7}]})", {"5"}, {"4", "8"}},
      {R"({"not":{"pattern":"^a"}})", {"\"b\""}, {"\"a\"", "1"}},
      {R"({"$ref":"#/definitions/d","minimum":9})", {"1"}, {"\"x\""}},
      {R"({"media":{"type":"x"},"type:":"string","foo":[1]})", {"1"}, {}},
      {R"({"properties":{"pattern":{"type":"string"},
                         "$schema":{"type":"string"}}})",
       {R"({"pattern":"("})"},
       {R"({"pattern":1})"}},
  };
  for (const KeywordCase& c : kCases) {
    const std::string config =
        absl::StrCat(R"({"properties":{"v":)", c.schema,
                     R"(},"definitions":{"d":{"type":"integer"}}})");
    for (const char* value : c.accepted) {
      EXPECT_THAT(Broken(config, absl::StrCat("{\"v\":", value, "}")),
                  IsEmpty())
          << c.schema << value;
    }
    for (const char* value : c.rejected) {
      EXPECT_THAT(Broken(config, absl::StrCat("{\"v\":", value, "}")),
                  Not(IsEmpty()))
          << c.schema << value;
    }
  }
}

TEST(OptionsSchemaTest, EmptyOptionsAreNeverValidated) {
  EXPECT_THAT(Broken(R"({"required":["a"]})", "{}"), IsEmpty());
  EXPECT_THAT(Broken(R"({"required":["a"]})", R"({"b":1})"),
              ElementsAre("required /a"));
}

constexpr char kService[] = R"({"properties":{"service":{
  "properties":{
    "accept-terms":{"type":"boolean","description":"You accept\n the terms."},
    "mem":{"type":"integer","minimum":256,"default":512},
    "mode":{"enum":["fast","safe"],"description":"How to write."},
    "gate":{"type":"string","pattern":"^yes$"},
    "password":{"type":"string","minLength":8}
  },"required":["accept-terms"],"additionalProperties":false}}})";

TEST(OptionsSchemaTest, EachFaultIsOneLineWithItsCure) {
  const struct {
    const char* service;
    const char* line;
  } kCases[] = {
      {R"({"mem":512})",
       "/service/accept-terms: found nothing, wanted a boolean (You accept the "
       "terms.); fix: --set service.accept-terms=true"},
      {R"({"accept-terms":true,"mem":128})",
       "/service/mem: found 128, wanted at least 256; fix: --set "
       "service.mem=256"},
      {R"({"accept-terms":true,"mem":"512"})",
       "/service/mem: found \"512\", wanted an integer; fix: --set "
       "service.mem=512"},
      {R"({"accept-terms":true,"mem":512.5})",
       "/service/mem: found 512.5, wanted an integer; fix: --set "
       "service.mem=512"},
      {R"({"accept-terms":true,"mode":"saef"})",
       "/service/mode: found \"saef\", wanted one of \"fast\", \"safe\" (How "
       "to "
       "write.); fix: --set service.mode=safe"},
      {R"({"accept-terms":true,"gate":"no"})",
       "/service/gate: found \"no\", wanted text that matches ^yes$; fix: "
       "--set service.gate=yes"},
      {R"({"accept-terms":true,"password":"hunter2"})",
       "/service/password: found a secret, wanted at least 8 characters; fix: "
       "--set service.password=VALUE"},
      {R"({"accept-terms":true,"memm":1})",
       "/service/memm: found 1, wanted no option of this name; fix: --unset "
       "service.memm"},
      {R"({"accept-terms":true,"mem\nory":1})",
       "/service/mem\\u000aory: found 1, wanted no option of this name"},
      {R"({"accept-terms":""})",
       "/service/accept-terms: found \"\", wanted a boolean (You accept the "
       "terms.); fix: --set service.accept-terms=false"},
  };
  for (const auto& c : kCases) {
    const auto faults =
        Faults(kService, absl::StrCat("{\"service\":", c.service, "}"));
    ASSERT_EQ(faults.size(), 1u) << c.service;
    EXPECT_EQ(OptionFaultText(faults[0]), c.line);
  }
}

TEST(OptionsSchemaTest, FaultsAreSortedByPointer) {
  EXPECT_THAT(
      Broken(kService, R"({"service":{"mode":"x","mem":"y","gate":1}})"),
      ElementsAre("required /service/accept-terms", "type /service/gate",
                  "type /service/mem", "enum /service/mode"));
}

TEST(OptionsSchemaTest, SchemaPointersLeadToTheBrokenKeyword) {
  const auto faults = Faults(
      R"({"properties":{"a":{"$ref":"#/definitions/n"}},
          "definitions":{"n":{"properties":{"b~/":{"minimum":3}}}}})",
      R"({"a":{"b~/":1}})");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].pointer, "/a/b~0~1");
  EXPECT_EQ(faults[0].schema_pointer, "/definitions/n/properties/b~0~1");
}

TEST(OptionsSchemaTest, TheBranchThatIsMeantIsExplained) {
  constexpr char kTls[] = R"({"properties":{"tls":{"type":"boolean"}},
    "dependencies":{"tls":{"oneOf":[
      {"properties":{"tls":{"enum":[false]}}},
      {"properties":{"tls":{"enum":[true]},"cert":{"type":"string"}},
       "required":["cert"]}]}}})";
  EXPECT_THAT(Broken(kTls, R"({"tls":false})"), IsEmpty());
  EXPECT_THAT(Broken(kTls, R"({"tls":true,"cert":"c"})"), IsEmpty());
  EXPECT_THAT(Broken(kTls, R"({"tls":true})"), ElementsAre("required /cert"));
}

TEST(OptionsSchemaTest, ValuesForTheShellAreQuoted) {
  const auto faults =
      Faults(R"({"properties":{"a.b":{"enum":["it's"]}}})", R"({"a.b":1})");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].fix, R"(--set '/a.b=it'\''s')");
}

TEST(OptionsSchemaTest, ItemsOfListsHaveNoFlag) {
  const auto faults = Faults(
      R"({"properties":{"a":{"items":{"type":"string"}}}})", R"({"a":[1]})");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].pointer, "/a/0");
  EXPECT_EQ(faults[0].fix, "");
}

TEST(OptionsSchemaTest, Draft3RequiredIsRead) {
  constexpr char kConfig[] = R"({"required":true,"properties":{
    "a":{"type":"string","required":true},
    "b":{"type":"string","required":false},
    "c":{"properties":{"d":{"required":true}}}}})";
  EXPECT_THAT(Broken(kConfig, R"({"b":"x","c":{}})"),
              ElementsAre("required /a", "required /c/d"));
}

TEST(OptionsSchemaTest, UnusableSchemasAreRefusedWithTheirPlace) {
  const struct {
    const char* config;
    const char* pointer;
    const char* reason;
  } kCases[] = {
      {R"({"properties":{"a":{"type":"strnig"}}})", "/properties/a/type",
       "type names"},
      {R"j({"properties":{"a":{"pattern":"(?=x)"}}})j", "/properties/a/pattern",
       "cannot be used"},
      {R"({"properties":{"a":{"pattern":7}}})", "/properties/a/pattern",
       "a string"},
      {R"({"patternProperties":{"(":{}}})", "/patternProperties/(",
       "cannot be used"},
      {R"({"properties":[]})", "/properties", "object of schemas"},
      {R"({"properties":{"a":1}})", "/properties/a", "a schema is an object"},
      {R"({"required":"a"})", "/required", "list of names"},
      {R"({"enum":"a"})", "/enum", "list of values"},
      {R"({"minLength":-1})", "/minLength", "number"},
      {R"({"multipleOf":0})", "/multipleOf", "above zero"},
      {R"({"oneOf":[]})", "/oneOf", "list of schemas"},
      {R"({"items":[1]})", "/items/0", "a schema is an object"},
      {R"({"properties":{"a":{"$ref":"http://127.0.0.1:9/s.json"}}})",
       "/properties/a/$ref", "copy it into definitions"},
      {R"({"properties":{"a":{"$ref":"file:///etc/passwd"}}})",
       "/properties/a/$ref", "copy it into definitions"},
      {R"({"properties":{"a":{"$ref":"artifact:sha256:00"}}})",
       "/properties/a/$ref", "copy it into definitions"},
      {R"({"properties":{"a":{"$ref":"other.json#/x"}}})", "/properties/a/$ref",
       "copy it into definitions"},
      {R"({"properties":{"a":{"$ref":"#/definitions/x"}}})",
       "/properties/a/$ref", "nothing at"},
      {R"({"properties":{"a":{"$ref":"#/properties/a"}}})", "/properties/a",
       "circle"},
      {R"({"allOf":[{"not":{"$ref":"#"}}]})", "config.json", "circle"},
      {R"({"properties":{"a":{"$ref":"#/x"}},"x":{"type":"y"}})", "/x/type",
       "type names"},
      {"[]", "config.json", "a schema is an object"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(OptionsSchema::Compile(Json(c.config)),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(c.pointer), HasSubstr(c.reason))))
        << c.config;
  }
}

TEST(OptionsSchemaTest, LocalReferencesMayGoInCircles) {
  constexpr char kTree[] = R"({"$schema":"http://127.0.0.1:9/","properties":{
    "root":{"$ref":"#/definitions/node"}},"definitions":{"node":{
      "properties":{"size":{"type":"integer"},
                    "next":{"$ref":"#/definitions/node"}}}}})";
  EXPECT_THAT(Broken(kTree, R"({"root":{"next":{"next":{"size":1}}}})"),
              IsEmpty());
  EXPECT_THAT(Broken(kTree, R"({"root":{"next":{"next":{"size":"1"}}}})"),
              ElementsAre("type /root/next/next/size"));
}

// Fourteen definitions that each name the next one three times.
TEST(OptionsSchemaTest, BranchesThatMultiplyAreStopped) {
  std::string definitions;
  for (int i = 0; i < 14; ++i) {
    absl::StrAppend(&definitions, "\"d", i,
                    R"(":{"allOf":[{"$ref":"#/definitions/d)", i + 1,
                    R"("},{"$ref":"#/definitions/d)", i + 1,
                    R"("},{"$ref":"#/definitions/d)", i + 1, "\"}]},");
  }
  const auto schema = OptionsSchema::Compile(Json(
      absl::StrCat(R"({"properties":{"a":{"items":{"$ref":"#/definitions/d0"}}},
                       "definitions":{)",
                   definitions, R"("d14":{"type":"integer"}}})")));
  ASSERT_THAT(schema, IsOk());
  EXPECT_THAT(
      schema->Validate(Json(R"({"a":[1,2,3,4,5,6,7,8,9]})")),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("steps")));
}

TEST(OptionsSchemaTest, LongValuesInLongListsAreStopped) {
  const std::string long_text(10000, 'a');
  std::string choices;
  std::string items = "0";
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&choices, i == 0 ? "" : ",", "\"", long_text, i, "\"");
  }
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&items, ",", i);
  const auto schema = OptionsSchema::Compile(Json(absl::StrCat(
      R"({"properties":{"a":{"items":{"enum":[)", choices, "]}}}}")));
  ASSERT_THAT(schema, IsOk());
  EXPECT_THAT(schema->Validate(Json(absl::StrCat("{\"a\":[", items, "]}"))),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace orrery::catalog
