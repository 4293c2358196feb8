#include "cli-plugin/text/refusal_output.h"

#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using signing::Refusal;
using signing::RefusalCode;

TEST(RefusalOutputTest, ObjectHasItsMembersInOneOrderAndNoneThatIsUnknown) {
  const Refusal whole{RefusalCode::kLogFork,
                      "why",
                      {.file = "names",
                       .line = 3,
                       .check = 6,
                       .registry = "public",
                       .package = "kafka",
                       .release = 57,
                       .revision = 1,
                       .leaf = 5,
                       .evidence = "fork-01"}};
  EXPECT_EQ(registry::WriteJson(RefusalJson(whole)),
            R"({"refused":"log.fork","exit":11,"check":6,"registry":"public",)"
            R"("package":"kafka","release":57,"revision":1,"leaf":5,)"
            R"("file":"names","line":3,"detail":"why","evidence":"fork-01"})");
  EXPECT_EQ(
      registry::WriteJson(RefusalJson({RefusalCode::kStateLock, "held", {}})),
      R"({"refused":"state.lock","exit":20,"detail":"held"})");
}

TEST(RefusalOutputTest, TextSaysWhatWhyAndWhere) {
  EXPECT_EQ(RefusalText({RefusalCode::kRecordEvidence,
                         "is observed",
                         {.registry = "public",
                          .package = "kafka",
                          .release = 57,
                          .revision = 2,
                          .leaf = 5}}),
            "kafka@release=57#2: record.evidence: is observed (registry "
            "public, leaf 5)");
  EXPECT_EQ(RefusalText({RefusalCode::kPolicySyntax,
                         "unknown word",
                         {.file = "/etc/orrery/policy", .line = 4}}),
            "policy.syntax: /etc/orrery/policy:4: unknown word");
}

TEST(RefusalOutputTest, TextNamesTheWayToAcknowledgeEvidence) {
  EXPECT_EQ(RefusalText({RefusalCode::kLogFork, "x", {.evidence = "fork-01"}}),
            "log.fork: x (evidence is kept: `orrery log ack fork-01` when you "
            "have seen it)");
}

TEST(RefusalOutputTest, ForeignTextCannotDriveATerminal) {
  EXPECT_EQ(RefusalText({RefusalCode::kLogSyntax, "a\x1b[2Jb\nc", {}}),
            "log.syntax: a[2Jb c");
}

}  // namespace
}  // namespace orrery::cli
