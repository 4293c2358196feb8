#include "registry/status/statement_report.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(StatementReportTest, WhatIsEncodedIsDecoded) {
  StatementReport pending;
  pending.package = "kafka";
  pending.seq = 2;
  pending.is_pending = true;
  pending.file = "trust/kafka/000002.stmt";
  pending.code = "record.threshold";
  pending.reason = "1 of 2 have signed";
  pending.statement = "ab";
  StatementReport refused = pending;
  refused.is_pending = false;
  refused.line = 7;
  refused.code = "record.syntax";
  refused.statement = "";
  refused.release_directory = "repo/packages/K/kafka/57";
  EXPECT_THAT(DecodeReports(EncodeReports({pending, refused})),
              ElementsAre(pending, refused));
  EXPECT_THAT(DecodeReports(EncodeReports({})), IsEmpty());
}

TEST(StatementReportTest, ReportsOfAnOlderStoreAreRead) {
  StatementReport report;
  report.package = "kafka";
  report.seq = 2;
  report.is_pending = true;
  report.file = "trust/kafka/000002.stmt";
  report.code = "record.threshold";
  report.reason = "waits";
  report.statement = "ab";
  EXPECT_THAT(DecodeReports("kafka\t2\tpending\ttrust/kafka/000002.stmt\t\t"
                            "record.threshold\twaits\tab\n"),
              ElementsAre(report));
}

TEST(StatementReportTest, OnlyAPendingRecordIsWaitedFor) {
  const std::string directory = "repo/packages/K/kafka/57";
  StatementReport report;
  report.is_pending = true;
  EXPECT_FALSE(IsWaitedFor("", {report}));
  report.release_directory = directory;
  EXPECT_TRUE(IsWaitedFor(directory, {report}));
  EXPECT_FALSE(IsWaitedFor("repo/packages/K/kafka/5", {report}));
  report.is_pending = false;
  EXPECT_FALSE(IsWaitedFor(directory, {report}));
}

TEST(StatementReportTest, LineEndsAndTabsOfReasonsBecomeSpaces) {
  StatementReport report;
  report.reason = "a\tb\nc";
  const std::vector<StatementReport> decoded =
      DecodeReports(EncodeReports({report}));
  ASSERT_EQ(decoded.size(), 1u);
  EXPECT_EQ(decoded[0].reason, "a b c");
}

TEST(StatementReportTest, WhatCannotBeReadIsLeftOut) {
  EXPECT_THAT(DecodeReports("kafka\t2\tpending\n\nx\ty\tz\t\t\t\t\t\n"),
              IsEmpty());
}

}  // namespace
}  // namespace orrery::registry
