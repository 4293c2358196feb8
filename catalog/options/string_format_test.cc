#include "catalog/options/string_format.h"

#include <string>

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(StringFormatTest, FormatsAcceptAndReject) {
  const struct {
    const char* format;
    std::string text;
    bool fits;
  } kCases[] = {
      {"ipv4", "10.0.0.1", true},
      {"ipv4", "999", false},
      {"ipv4", "10.0.0.1\n", false},
      {"ipv4", std::string("10.0.0.1\0x", 10), false},
      {"ipv6", "::1", true},
      {"ipv6", "10.0.0.1", false},
      {"date-time", "2026-01-31T12:00:00Z", true},
      {"date-time", "2026-01-31t12:00:00.25+01:00", true},
      {"date-time", "2026-01-31", false},
      {"date-time", "2026-02-31T12:00:00Z", false},
      {"date-time", std::string(200000, '1'), false},
      {"email", "a@b.example", true},
      {"email", "a b@c", false},
      {"email", "@b", false},
      {"hostname", "node-1.example", true},
      {"hostname", "-a", false},
      {"hostname", "a..b", false},
      {"password", "anything", true},
      {"uri", "not one", true},
      {"", "x", true},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(HasStringFormat(c.format, c.text), c.fits)
        << c.format << " " << c.text.substr(0, 40);
  }
}

}  // namespace
}  // namespace orrery::catalog
