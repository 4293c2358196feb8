#include "catalog/options/merge_options.h"

#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"

namespace orrery::catalog {
namespace {

TEST(MergeOptionsTest, FragmentIsLaidOverTheTarget) {
  const struct {
    const char* target;
    const char* fragment;
    const char* merged;
  } kCases[] = {
      {R"({"a":{"x":1,"y":2}})", R"({"a":{"y":3,"z":4}})",
       R"({"a":{"x":1,"y":3,"z":4}})"},
      {R"({"a":[1,2]})", R"({"a":[3]})", R"({"a":[3]})"},
      {R"({"a":{"x":1}})", R"({"a":"s"})", R"({"a":"s"})"},
      {R"({"a":"s"})", R"({"a":{"x":1}})", R"({"a":{"x":1}})"},
      {R"({"a":1})", R"({"a":null})", R"({"a":null})"},
      {R"({"a":1,"b":2})", R"({"c":3,"a":1.0})", R"({"a":1.0,"b":2,"c":3})"},
      {"{}", R"({"b":{"c":{}}})", R"({"b":{"c":{}}})"},
      {R"({"a":{"b":1}})", R"({"a":{}})", R"({"a":{"b":1}})"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(WriteJson(MergeOptions(Json(c.target), Json(c.fragment))),
              c.merged)
        << c.target << c.fragment;
  }
}

TEST(MergeOptionsTest, NullMembersAreDroppedAtEveryDepth) {
  EXPECT_EQ(WriteJson(DropNulls(
                Json(R"({"a":null,"b":{"c":null,"d":1},"e":[null,{"f":null}],
                         "g":{"h":null}})"))),
            R"({"b":{"d":1},"e":[null,{}],"g":{}})");
}

}  // namespace
}  // namespace orrery::catalog
