#include "catalog/rendering/java_number.h"

#include <string>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

TEST(JavaNumberTest, NumbersPrintAsInTheReference) {
  const struct {
    const char* text;
    std::string printed;
  } kCases[] = {
      {"0", "0"},
      {"-0.0", "0"},
      {"0e5", "0"},
      {"3", "3"},
      {"-7", "-7"},
      {"2.0", "2"},
      {"4e2", "400"},
      {"1200e-2", "12"},
      {"1e30", "1" + std::string(30, '0')},
      {"123456789012345678901", "123456789012345678901"},
      {"18446744073709551616", "18446744073709551616"},
      {"1.7976931348623157E308", "17976931348623157" + std::string(292, '0')},
      {"1.7976931348623157e+308", "17976931348623157" + std::string(292, '0')},
      {"2.50", "2.5"},
      {"0.1", "0.1"},
      {"1.25E-2", "0.0125"},
      {"0.001", "0.001"},
      {"0.00099", "9.9E-4"},
      {"9999999.5", "9999999.5"},
      {"10000000.5", "1.00000005E7"},
      {"6.02e-9", "6.02E-9"},
      {"-1.5e-4", "-1.5E-4"},
      {"1e-4", "1.0E-4"},
      {"2e-320", "2.0E-320"},
      {"3e-400", "0.0"},
      {"123456.00000000000000000001", "123456.0"},
      {"9007199254740993.5", "9.007199254740994E15"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(JavaNumber(c.text), IsOkAndHolds(c.printed)) << c.text;
  }
}

TEST(JavaNumberTest, NumbersThatWouldFillMemoryAreRefused) {
  EXPECT_THAT(JavaNumber("1e4095"), IsOk());
  for (const std::string& text :
       {std::string("1e4096"), std::string("1e999999999999999999999"),
        std::string(400, '9') + ".5"}) {
    EXPECT_THAT(JavaNumber(text),
                StatusIs(absl::StatusCode::kResourceExhausted))
        << text;
  }
}

}  // namespace
}  // namespace orrery::catalog
