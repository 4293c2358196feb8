#include "cli-plugin/catalog/package_reference.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ParseItemTest, PartsStandInTheirOrder) {
  const auto item = ParseItem("hdfs[kerberos,tls]@prod@>=2.0");
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_EQ(item->name, "hdfs");
  EXPECT_THAT(item->features, ElementsAre("kerberos", "tls"));
  EXPECT_EQ(item->service, "prod");
  EXPECT_EQ(item->range, ">=2.0");
}

TEST(ParseItemTest, FeaturesMayStandBehindTheService) {
  const auto item = ParseItem("hdfs@prod[kerberos,tls]@^2");
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_EQ(item->name, "hdfs");
  EXPECT_EQ(item->service, "prod");
  EXPECT_THAT(item->features, ElementsAre("kerberos", "tls"));
  EXPECT_EQ(item->range, "^2");
}

TEST(ParseItemTest, WhatBeginsLikeARangeIsOne) {
  for (const std::string range :
       {"2.0", "v1.2", "=latest", ">=2", "^2", "~2", "*", "!=2", "release=7"}) {
    const auto item = ParseItem("kafka@" + range);
    ASSERT_TRUE(item.ok()) << range << item.status();
    EXPECT_EQ(item->range, range);
    EXPECT_EQ(item->service, "") << range;
  }
}

TEST(ParseItemTest, ARevisionStandsBehindARelease) {
  const auto item = ParseItem("kafka@prod@release=7#1");
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_EQ(item->range, "release=7#1");
  EXPECT_EQ(item->VersionsText(), "release=7");
  for (const char* text :
       {"kafka@release=7#", "kafka@release=7#0", "kafka@release=7#x",
        "kafka@=2.0#1", "kafka@release>=7#1"}) {
    EXPECT_FALSE(ParseItem(text).ok()) << text;
  }
}

TEST(ParseItemTest, WhatIsNoRangeIsToldOneOfItsLabel) {
  for (const auto& [text, told] :
       {std::pair("zk@>= 1", "write zk@=1 for that version, zk@>=LABEL "),
        std::pair("zk@", "write zk@=LABEL for that version, ")}) {
    EXPECT_THAT(std::string(ParseItem(text).status().message()),
                HasSubstr(told));
  }
}

TEST(ParseItemTest, AnythingElseIsAService) {
  for (const std::string service :
       {"prod", "latest", "release", "v-2", "eu/a"}) {
    const auto item = ParseItem("kafka@" + service);
    ASSERT_TRUE(item.ok()) << service << item.status();
    EXPECT_EQ(item->service, service);
    EXPECT_EQ(item->range, "") << service;
    EXPECT_THAT(item->features, IsEmpty());
  }
}

TEST(ParseItemTest, RestThatCannotBeReadIsRefused) {
  for (const char* text :
       {"kafka@>= 2", "kafka@", "kafka@prod@", "kafka[a", "kafka[a]b",
        "kafka@prod@other", "kafka[a]@prod[b]", "kafka@prod[a"}) {
    EXPECT_FALSE(ParseItem(text).ok()) << text;
  }
}

}  // namespace
}  // namespace orrery::cli
