#include "server/http/http_fields.h"

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace orrery::server {
namespace {

TEST(HttpFieldsTest, TextHasTheFieldsInOrder) {
  HttpFields fields;
  fields.Add("ETag", "\"a\"");
  fields.Add("Vary", "");
  EXPECT_EQ(fields.text(), "ETag: \"a\"\r\nVary: \r\n");
}

TEST(HttpFieldsTest, TheFirstOfANameIsFoundWithoutCase) {
  HttpFields fields;
  fields.Add("Host", "one");
  fields.Add("host", "two");
  EXPECT_EQ(fields.Find("HOST"), "one");
  EXPECT_EQ(fields.Get("hOST"), "one");
  EXPECT_EQ(fields.Count("Host"), 2U);
  EXPECT_EQ(fields.Find("Hos"), std::nullopt);
  EXPECT_EQ(fields.Get("Hosts"), "");
}

TEST(HttpFieldsTest, AnEmptyValueIsOneAndNoFieldIsNone) {
  HttpFields fields;
  fields.Add("Accept-Encoding", "");
  EXPECT_EQ(fields.Find("Accept-Encoding"), "");
  EXPECT_EQ(fields.Find("Accept"), std::nullopt);
}

TEST(HttpFieldsTest, SetTakesThePlaceOfAllOfThatName) {
  HttpFields fields;
  fields.Add("Allow", "GET");
  fields.Add("Vary", "Accept");
  fields.Add("allow", "PUT");
  fields.Set("ALLOW", "HEAD");
  EXPECT_EQ(fields.text(), "Vary: Accept\r\nALLOW: HEAD\r\n");
}

TEST(HttpFieldsTest, FieldsOfOthersComeBehindOurs) {
  HttpFields others;
  others.Add("B", "2");
  others.Add("C", "3");
  HttpFields fields;
  fields.Add("A", "1");
  fields.AddAll(others);
  EXPECT_EQ(fields.text(), "A: 1\r\nB: 2\r\nC: 3\r\n");
  EXPECT_EQ(fields.Get("C"), "3");
  ASSERT_EQ(fields.List().size(), 3U);
  EXPECT_EQ(fields.List()[1].name, "B");
}

TEST(HttpFieldsTest, NoValueAddsAField) {
  const absl::string_view kNul("a\0b", 3);
  HttpFields fields;
  fields.Add("X-One", "a\r\nX-Forged: b");
  fields.Add("X-\nTwo", "a\nb\rc");
  fields.Add("X-Three", kNul);
  EXPECT_EQ(fields.text(),
            "X-One: aX-Forged: b\r\nX-Two: abc\r\nX-Three: ab\r\n");
  EXPECT_EQ(fields.Get("X-Two"), "abc");
}

}  // namespace
}  // namespace orrery::server
