#include "catalog/options/canonical_text.h"

#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"

namespace orrery::catalog {
namespace {

TEST(CanonicalTextTest, EqualValuesHaveEqualTexts) {
  const char* kSame[][2] = {{"1", "1.0"},
                            {"100", "1e2"},
                            {"-0.0", "0"},
                            {R"({"a":1,"b":[2]})", R"({"b":[2.0],"a":1})"},
                            {R"("\u0041")", R"("A")"}};
  for (const auto& pair : kSame) {
    EXPECT_EQ(CanonicalText(Json(pair[0])), CanonicalText(Json(pair[1])))
        << pair[0];
  }
}

TEST(CanonicalTextTest, DifferentValuesHaveDifferentTexts) {
  const char* kAll[] = {
      "1",        "\"1\"",        "true",  "null",
      "[]",       "{}",           "[1]",   "-1",
      "\"null\"", "[[]]",         "[1,1]", "[11]",
      "10",       R"({"a":"b"})", "1.5",   R"({"a":{"b":{}}})"};
  for (const char* a : kAll) {
    for (const char* b : kAll) {
      EXPECT_EQ(CanonicalText(Json(a)) == CanonicalText(Json(b)), a == b)
          << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace orrery::catalog
