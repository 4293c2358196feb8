#include "catalog/options/decimal.h"

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(DecimalTest, ValuesArePutInOneForm) {
  const struct {
    const char* text;
    Decimal value;
  } kCases[] = {
      {"0", {false, "0", 0}},
      {"-0.000", {false, "0", 0}},
      {"0e99", {false, "0", 0}},
      {"120", {false, "12", 1}},
      {"1.20", {false, "12", -1}},
      {"-0.05", {true, "5", -2}},
      {"1.7976931348623157E308", {false, "17976931348623157", 292}},
      {"1e+3", {false, "1", 3}},
      {"25e-1", {false, "25", -1}},
      {"1e99999999999999999999", {false, "1", 1'000'000'000'000}},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(ParseDecimal(c.text), c.value) << c.text;
}

TEST(DecimalTest, IntegralWhateverTheSpelling) {
  for (const char* text : {"3", "3.0", "1e3", "30e-1", "-0.0", "1.5e1"}) {
    EXPECT_TRUE(ParseDecimal(text).integral()) << text;
  }
  for (const char* text : {"3.5", "1e-1", "0.1", "15e-2"}) {
    EXPECT_FALSE(ParseDecimal(text).integral()) << text;
  }
}

TEST(DecimalTest, OrderOfValues) {
  const char* kSorted[] = {"-1e400",
                           "-10",
                           "-9.5",
                           "-0.1",
                           "0",
                           "1e-400",
                           "0.1",
                           "0.11",
                           "9007199254740992",
                           "9007199254740993",
                           "1e400"};
  for (size_t i = 0; i < std::size(kSorted); ++i) {
    for (size_t j = 0; j < std::size(kSorted); ++j) {
      const int order =
          CompareDecimals(ParseDecimal(kSorted[i]), ParseDecimal(kSorted[j]));
      EXPECT_EQ(order < 0, i < j) << kSorted[i] << " " << kSorted[j];
      EXPECT_EQ(order == 0, i == j) << kSorted[i] << " " << kSorted[j];
    }
  }
  EXPECT_EQ(CompareDecimals(ParseDecimal("1.0"), ParseDecimal("1")), 0);
}

TEST(DecimalTest, MultiplesAreExact) {
  const struct {
    const char* value;
    const char* divisor;
    bool multiple;
  } kCases[] = {{"0.3", "0.1", true},        {"0.35", "0.1", false},
                {"10", "5", true},           {"12", "5", false},
                {"-12", "4", true},          {"1e30", "7", false},
                {"7e30", "7", true},         {"0", "3", true},
                {"4.5", "1.5", true},        {"9007199254740993", "2", false},
                {"1e1000000000", "3", false}};
  for (const auto& c : kCases) {
    EXPECT_EQ(IsMultipleOf(ParseDecimal(c.value), ParseDecimal(c.divisor)),
              c.multiple)
        << c.value << " " << c.divisor;
  }
}

}  // namespace
}  // namespace orrery::catalog
