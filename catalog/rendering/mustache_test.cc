// The tables of rendering §6 and §7.

#include "catalog/rendering/mustache.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

absl::StatusOr<std::string> Render(absl::string_view text,
                                   absl::string_view context,
                                   const RenderLimits& limits = {}) {
  const absl::StatusOr<Template> parsed = Template::Parse(text);
  if (!parsed.ok()) return parsed.status();
  return parsed->Render(Json(context), limits);
}

struct Case {
  const char* context;
  const char* text;
  std::string output;
};

void ExpectOutputs(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    EXPECT_THAT(Render(c.text, c.context), IsOkAndHolds(c.output))
        << c.text << " with " << c.context;
  }
}

TEST(MustacheTest, ValuesPrintByKind) {
  ExpectOutputs({
      {R"({"v":"a \"b\" \\ c"})", R"("{{v}}")", R"("a \"b\" \\ c")"},
      {R"({"v":"<x&y>'/"})", "{{v}} {{{v}}} {{& v}}",
       "<x&y>'/ <x&y>'/ <x&y>'/"},
      {R"({"v":"{{w}}","w":"no"})", "{{v}}", "{{w}}"},
      {R"({"a":["red","blue"]})", "{{a}}", R"(["red", "blue"])"},
      {R"({"n":4e2})", "{{n}}", "400"},
      {R"({"n":0.00099})", "{{n}}", "9.9E-4"},
      {R"({"t":true,"f":false})", "{{t}}{{f}}", "truefalse"},
      {R"({"z":null})", "[{{z}}{{missing}}]", "[]"},
      {R"({"a":[1,2.0,0.25,true,null]})", "{{a}}", "[1, 2, 0.25, true, null]"},
      {R"({"a":[["x",1],["y"]]})", "{{a}}", R"([["x", 1], ["y"]])"},
      {R"({"a":[],"o":{}})", "{{a}}{{o}}", "[]{}"},
      {R"({"o":{"x":"1","y":[2,"z"]}})", "{{o}}", R"({x=1, y=[2, "z"]})"},
      {R"({"o":{"k":null,"s":"a\"b"}})", "{{o}}", R"({k=null, s=a\"b})"},
      {R"({"a":[{"h":"n1","p":80}]})", "{{a}}", "[{h=n1, p=80}]"},
      {R"({"v":"\b\f\n\r\t\u0001\u001f\u007f\u0080\u009f\u00a0/\u2028"})",
       "{{v}}",
       "\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u0080\\u009f\xc2\xa0/"
       "\xe2\x80\xa8"},
      {R"({"v":"\ud800"})", "{{v}}", "\\ud800"},
  });
}

TEST(MustacheTest, TagsAreToldByTheirFirstCharacter) {
  ExpectOutputs({
      {R"({"v":"q"})", "{{ v }}{{{ v }}}{{&v}}", "qqq"},
      {R"({"a":1})", "{{# a }}x{{/ a }}", "x"},
      {R"({"a":1})", "{{^a}}x{{/a}}", ""},
      {"{}", "{{! c }}x{{!\nd}}", "x"},
      {R"({"a":1,"#a":2})", "{{ #a}}x", "2x"},
      {"{}", "{{ #a}}x", "x"},
      {"{}", "{{ssl -m end .{host} }}", ""},
      {R"({"my opt":1})", "{{my opt}}", "1"},
      {R"({"a":1})", "{{a}}}", "1}"},
      {R"({"a":1})", "{a} { {a}", "{a} { {a}"},
      {R"({"":1})", "[{{  }}]", "[1]"},
      {"{}", "[{{  }}]", "[]"},
      {R"({"a":1,"b":2})", "{{=<< >>=}}<<a>>{{b}}", "1{{b}}"},
      {R"({"a":1})", "{{#a}}{{=| |=}}|a|{{a}}|/a|{{a}}", "1{{a}}1"},
      {"{}", "{{%pragma x}}y", "y"},
      {"{}", "{{$x}}body{{/x}}{{?y}}more{{/y}}", "bodymore"},
  });
}

TEST(MustacheTest, NamesResolveFromTheInnermostScope) {
  ExpectOutputs({
      {R"({"a":{"b":1},"a.b":2})", "{{a.b}}", "2"},
      {R"({"a.b":{"c":7}})", "{{a.b.c}}", ""},
      {R"({"s":{"k":1},"x":"outer"})", "{{#s}}{{x}}{{/s}}", "outer"},
      {R"({"s":{"x":null},"x":"outer"})", "{{#s}}{{x}}{{/s}}", ""},
      {R"({"s":{"x":{"z":1}},"x":{"y":"outer"}})", "{{#s}}{{x.y}}{{/s}}", ""},
      {R"({"s":{"x":{"q":1}},"x":{"y":{"z":"outer"}}})",
       "{{#s}}{{x.y.z}}{{/s}}", "outer"},
      {R"({"s":{"x":{"y":null}},"x":{"y":{"z":"outer"}}})",
       "{{#s}}{{x.y.z}}{{/s}}", ""},
      {R"({"s":{"x":5},"x":{"y":"outer"}})", "{{#s}}{{x.y}}{{/s}}", ""},
      {R"({"s":{"x":5},"x":{"y":{"z":"outer"}}})", "{{#s}}{{x.y.z}}{{/s}}",
       "outer"},
      {R"({"s":{"x":null},"x":{"y":"outer"}})", "{{#s}}{{x.y}}{{/s}}", ""},
      {R"({"svc":{"name":"w","port":80}})",
       "{{#svc.name}}{{svc.port}}{{/svc.name}}", "80"},
      {R"({"l":["x"]})", "{{l.0}}", ""},
  });
}

TEST(MustacheTest, TruthIsNotWhatPrints) {
  const std::string text = "{{#v}}yes{{/v}}{{^v}}no{{/v}}";
  for (const char* value :
       {"true", "0", "0.0", "-1", "\"0\"", "\"false\"", "\" \"", "{}",
        R"({"k":false})", "[0]", "[false]", "[null]", "[[]]"}) {
    EXPECT_THAT(Render(text, absl::StrCat("{\"v\":", value, "}")),
                IsOkAndHolds("yes"))
        << value;
  }
  for (const char* value : {"false", "null", "\"\"", "[]"}) {
    EXPECT_THAT(Render(text, absl::StrCat("{\"v\":", value, "}")),
                IsOkAndHolds("no"))
        << value;
  }
  EXPECT_THAT(Render(text, "{}"), IsOkAndHolds("no"));
}

TEST(MustacheTest, SectionsPushTheirValue) {
  ExpectOutputs({
      {R"({"a":["p","q"]})", "{{#a}}{{.}};{{/a}}", R"("p";"q";)"},
      {R"({"a":[1,2.0,false]})", "{{#a}}{{.}};{{/a}}", "1;2;false;"},
      {R"({"e":[{"key":"A","value":"1"}]})",
       R"({{#e}}"{{key}}":"{{value}}",{{/e}})", R"("A":"1",)"},
      {R"({"a":[{"x":"in"},{}],"x":"out"})", "{{#a}}{{x}}{{/a}}", "inout"},
      {R"({"a":[null],"x":"out"})", "{{#a}}{{x}}{{/a}}", "out"},
      {R"({"m":[[1,2],[3]]})", "{{#m}}{{#.}}{{.}},{{/.}};{{/m}}", "1,2,;3,;"},
      {R"({"o":{"k":1}})", "{{#o}}{{k}}{{/o}}", "1"},
      {R"({"s":"web"})", "{{#s}}[{{.}}]{{/s}}", "[web]"},
      {R"({"n":0})", "{{#n}}[{{.}}]{{/n}}", "[0]"},
      {R"({"s":"","t":"T"})", "{{^s}}{{t}}{{/s}}", "T"},
      {R"({"a":[""]})", "{{#a}}{{#.}}quoted{{/.}}{{/a}}", "quoted"},
  });
}

TEST(MustacheTest, ListsAndStringsHaveFiveMembers) {
  const char* is_empty =
      "{{^l.isEmpty}}N{{/l.isEmpty}}{{#l.isEmpty}}E{{/l.isEmpty}}";
  ExpectOutputs({
      {R"({"l":[]})", is_empty, "E"},
      {R"({"l":[1]})", is_empty, "N"},
      {"{}", is_empty, "N"},
      {R"({"l":[1,2]})", "{{l.size}} {{l.empty}}", "2 false"},
      {R"({"s":"a\"b"})", "{{s.length}}", "4"},
      {R"({"s":"\ud83d\ude00\u00e9"})", "{{s.length}}", "3"},
      {R"({"s":""})", "{{s.isEmpty}} {{s.empty}} {{s.length}}", "true true 0"},
      {R"({"o":{"size":42}})", "{{o.size}}", "42"},
      {R"({"o":{"k":1}})", "{{o.size}}{{o.isEmpty}}", ""},
      {R"({"s":"four","length":"opt"})", "{{#s}}{{length}}{{/s}}", "4"},
      {R"({"n":5})", "{{n.length}}{{n.class}}", ""},
  });
}

TEST(MustacheTest, WhiteSpaceAroundTags) {
  const char* block = "{\n  {{#a}}\n  \"p\": 1,\n  {{/a}}\n  \"q\": 2\n}";
  ExpectOutputs({
      {R"({"a":1})", block, "{\n  \"p\": 1,\n  \"q\": 2\n}"},
      {R"({"a":""})", block, "{\n  \"q\": 2\n}"},
      {R"({"a":1})", "  {{#a}}1{{/a}}  \nk", "  1  \nk"},
      {R"({"a":1})", "x {{#a}}\n y\n{{/a}} z\n", "x  y\n z\n"},
      {R"({"a":1,"b":1})", "{{a}} {{#b}}\nx\n{{/b}}\n", "1x\n"},
      {R"({"b":1})", "{{#b}}\nx\n y {{/b}}\nk", "x\n y k"},
      {R"({"b":1})", "{{#b}}\nx\n{{/b}}  k\n", "x\n  k\n"},
      {"{}", " {{! note }}\nk\n", " \nk\n"},
      {R"({"v":""})", "\t{{v}}\nk", "\t\nk"},
      {R"({"b":1})", "a\r\n{{#b}}\r\nc\r\n{{/b}}\r\nd", "a\r\nc\r\nd"},
      {R"({"b":1})", "{{#b}}{{b}}\n{{/b}}k", "1k"},
      {"{}", "p\rq", "pq"},
      {"{}", "p\r\n\nq", "p\r\n\r\nq"},
  });
}

TEST(MustacheTest, AsJsonInsertsATopLevelStringUnescaped) {
  ExpectOutputs({
      {R"({"cfg":"{\"x\":[1]}"})", "{{#asJson}}cfg{{/asJson}}", R"({"x":[1]})"},
      {R"({"cfg":"[\"{{y}}\"]","y":"z"})", "{{#asJson}}cfg{{/asJson}}",
       R"(["{{y}}"])"},
      {R"({"cfg":{"x":1}})", "{{#asJson}}cfg{{/asJson}}", "null"},
      {"{}", "{{#asJson}}cfg{{/asJson}}", "null"},
      {R"({"cfg":"1"})", "{{#asJson}} cfg{{/asJson}}", "null"},
      {R"({"s":{"cfg":"3"},"cfg":"4"})",
       "{{#s}}{{#asJson}}cfg{{/asJson}}{{/s}}", "4"},
      {R"({"asJson":"opt"})", "{{asJson}}{{^asJson}}x{{/asJson}}", "null"},
  });
}

TEST(MustacheTest, MalformedTemplatesAreRefusedWithTheirPlace) {
  const struct {
    const char* text;
    const char* place;
    const char* reason;
  } kCases[] = {
      {"\n {{#a}}x", "line 2, column 2", "{{#a}} is not closed"},
      {"{{#a}}\n{{#b}}{{/a}}{{/b}}", "line 2, column 7",
       "{{/a}} does not match {{#b}} on line 2"},
      {"x{{/a}}", "line 1, column 2", "closes no section"},
      {"{{}}", "line 1, column 1", "empty tag"},
      {"ab\n{{a", "line 2, column 1", "not closed"},
      {"{{{a}}", "line 1, column 1", "not closed"},
      {"{{{a}} }", "line 1, column 1", "not closed"},
      {"{{=<<=}}", "line 1, column 1", "bad delimiters"},
      {"{{=a b}}", "line 1, column 1", "bad delimiters"},
      {"{{> p}}", "line 1, column 1", "partials"},
      {"{{< p}}{{/p}}", "line 1, column 1", "partials"},
      {"{{! open", "line 1, column 1", "not closed"},
      {"{{& a", "line 1, column 1", "not closed"},
      {"{{", "line 1, column 1", "not closed"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(Template::Parse(c.text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(c.place), HasSubstr(c.reason))))
        << c.text;
  }
}

TEST(MustacheTest, TagsInMessagesAreShortAndOnOneLine) {
  EXPECT_THAT(Template::Parse("{{#a\nb" + std::string(100, 'c') + "}}"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "line 1, column 1: section {{#a b" +
                           std::string(54, 'c') + "... is not closed"));
  EXPECT_THAT(
      Template::Parse("{{a}}\xff"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not UTF-8")));
}

TEST(MustacheTest, SectionsNestToALimit) {
  const auto nested = [](int depth) {
    std::string open;
    std::string close;
    for (int i = 0; i < depth; ++i) {
      open += "{{#a}}";
      close += "{{/a}}";
    }
    return open + "x" + close;
  };
  EXPECT_THAT(Render(nested(kMaxSectionDepth), R"({"a":1})"),
              IsOkAndHolds("x"));
  EXPECT_THAT(Template::Parse(nested(kMaxSectionDepth + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("deeper than 64")));
}

TEST(MustacheTest, OutputStopsAtItsLimit) {
  RenderLimits limits;
  limits.max_output_bytes = 10;
  EXPECT_THAT(Render("{{v}}", R"({"v":"0123456789"})", limits), IsOk());
  for (const char* text : {"{{v}}{{v}}", "{{#a}}xx{{v}}{{/a}}", "{{o}}"}) {
    EXPECT_THAT(
        Render(text, R"({"v":"012345678","a":[1,2],"o":["aaaaaaaa","b"]})",
               limits),
        StatusIs(absl::StatusCode::kResourceExhausted,
                 HasSubstr("more than 10 bytes")))
        << text;
  }
}

TEST(MustacheTest, LoopsInsideLoopsStopAtTheStepLimit) {
  std::string items = "[1";
  for (int i = 0; i < 999; ++i) items += ",1";
  const std::string context = absl::StrCat("{\"a\":", items, "]}");
  EXPECT_THAT(
      Render("{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}{{/a}}", context),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("steps")));
}

TEST(MustacheTest, EveryByteOfTheOutputHasAPlace) {
  const auto parsed = Template::Parse("ab\n{{#s}}{{v}},\n{{/s}}c");
  ASSERT_THAT(parsed, IsOk());
  const registry::JsonValue context = Json(R"({"s":[1,2],"v":"xy"})");
  ASSERT_THAT(parsed->Render(context), IsOkAndHolds("ab\nxy,\nxy,\nc"));
  EXPECT_EQ(parsed->PlaceOfOutput(context, 0)->line, 1);
  EXPECT_EQ(parsed->PlaceOfOutput(context, 0)->name, "");
  EXPECT_EQ(parsed->PlaceOfOutput(context, 8)->line, 2);
  EXPECT_EQ(parsed->PlaceOfOutput(context, 8)->name, "v");
  EXPECT_EQ(parsed->PlaceOfOutput(context, 11)->line, 3);
  EXPECT_FALSE(parsed->PlaceOfOutput(context, 12).has_value());
}

TEST(MustacheTest, TheContextsOrderShowsOnlyInPrintedObjects) {
  const char* text = "{{a}}{{b.c}}{{#b}}{{d}}{{/b}}";
  EXPECT_EQ(*Render(text, R"({"a":1,"b":{"c":2,"d":3}})"),
            *Render(text, R"({"b":{"d":3,"c":2},"a":1})"));
}

}  // namespace
}  // namespace orrery::catalog
