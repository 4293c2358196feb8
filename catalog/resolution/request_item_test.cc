#include "catalog/resolution/request_item.h"

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(RequestItemTest, FormsOfTheSpecificationAreRead) {
  const struct {
    const char* written;
    const char* text;
    const char* node;
  } kRows[] = {
      {"kafka", "kafka", "kafka"},
      {"kafka@>=2.0", "kafka >=2.0", "kafka"},
      {"kafka@2.0", "kafka 2.0", "kafka"},
      {"kafka@v2", "kafka v2", "kafka"},
      {"kafka@release=57", "kafka release=57", "kafka"},
      {"kafka@release", "kafka@release", "kafka@release"},
      {"kafka@prod", "kafka@prod", "kafka@prod"},
      {"kafka@latest", "kafka@latest", "kafka@latest"},
      {"kafka@=latest", "kafka =latest", "kafka"},
      {"kafka@kafka", "kafka", "kafka"},
      {"kafka@prod@>=2.0", "kafka@prod >=2.0", "kafka@prod"},
      {"hdfs[kerberos]@^2", "hdfs[kerberos] ^2", "hdfs"},
      {"hdfs[a1,b1]@team/x@*", "hdfs@team/x[a1,b1]", "hdfs@team/x"},
      {"cap:sql@>=5", "cap:sql >=5", "cap:sql"},
  };
  for (const auto& row : kRows) {
    const auto item = ParseRequestItem(row.written);
    ASSERT_TRUE(item.ok()) << row.written << ": " << item.status();
    EXPECT_EQ(item->Text(), row.text) << row.written;
    EXPECT_EQ(item->NodeText(), row.node) << row.written;
  }
}

TEST(RequestItemTest, WhatCannotBeReadSaysWhy) {
  const struct {
    const char* written;
    const char* message;
  } kRows[] = {
      {"Kafka", "cannot read \"Kafka\": "},
      {"kafka@",
       "cannot read \"kafka@\": \"\" is neither a range nor the name "
       "of a service"},
      {"kafka@>= 2", "cannot read range \">= 2\" at \">= 2\""},
      {"kafka@a@b",
       "cannot read \"kafka@a@b\": what follows the second @ is no "
       "range"},
      {"kafka@A",
       "cannot read \"kafka@A\": \"A\" is neither a range nor the "
       "name of a service"},
      {"hdfs[",
       "cannot read \"hdfs[\": features stand in brackets, as in "
       "hdfs[kerberos]"},
  };
  for (const auto& row : kRows) {
    const auto item = ParseRequestItem(row.written);
    ASSERT_FALSE(item.ok()) << row.written;
    EXPECT_EQ(item.status().message().substr(
                  0, absl::string_view(row.message).size()),
              row.message);
  }
}

}  // namespace
}  // namespace orrery::catalog
