#include "registry/format/canonical_json.h"

#include <string>

#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

std::string Canonical(const std::string& text) {
  return CanonicalJson(ParseJson(text)->root);
}

TEST(CanonicalJsonTest, NumbersReadAsEcmaScriptPrintsThem) {
  const struct {
    const char* written;
    const char* canonical;
  } kRows[] = {
      {"0", "0"},
      {"-0", "0"},
      {"1.0", "1"},
      {"10e2", "1000"},
      {"1e20", "100000000000000000000"},
      {"1e21", "1e+21"},
      {"0.000001", "0.000001"},
      {"0.0000001", "1e-7"},
      {"-12.50", "-12.5"},
      {"123456789012345680000", "123456789012345680000"},
      {"4.35", "4.35"},
      {"333333333.33333329", "333333333.3333333"},
      {"5e-324", "5e-324"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Canonical(row.written), row.canonical) << row.written;
  }
}

TEST(CanonicalJsonTest, MembersGoByUtf16Units) {
  EXPECT_EQ(Canonical("{\"\uE000\":1,\"\U0001F600\":2,\"b\":3,\"a\":[ true ]}"),
            "{\"a\":[true],\"b\":3,\"\U0001F600\":2,\"\uE000\":1}");
}

TEST(CanonicalJsonTest, IndentedPutsEveryMemberOnItsLine) {
  EXPECT_EQ(
      CanonicalJsonIndented(ParseJson(R"({"b":{},"a":[1,"x"],"c":[]})")->root),
      "{\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"b\": {},\n  \"c\": "
      "[]\n}\n");
}

}  // namespace
}  // namespace orrery::registry
