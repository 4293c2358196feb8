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
      {"kafka@release=57#1", "kafka release=57#1", "kafka"},
      {"kafka@prod@release=57#12", "kafka@prod release=57#12", "kafka@prod"},
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
      {"hdfs[,]", "cannot read \"hdfs[,]\": \"\" is not a feature name"},
      {"hdfs[UPPER]",
       "cannot read \"hdfs[UPPER]\": \"UPPER\" is not a feature name"},
      {"cap:UPPER!",
       "cannot read \"cap:UPPER!\": \"UPPER!\" is not a capability name"},
      {"cap:", "cannot read \"cap:\": \"\" is not a capability name"},
      {"kafka@release=1#0", "cannot read \"release=1#0\": a revision stands "},
      {"kafka@release=1#", "cannot read \"release=1#\": a revision stands "},
      {"kafka@release>=1#1", "cannot read \"release>=1#1\": a revision "},
      {"kafka@=1.0#1", "cannot read \"=1.0#1\": a revision stands behind"},
      {"kafka@release=1#99999999999",
       "cannot read \"release=1#99999999999\": a revision stands "},
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
