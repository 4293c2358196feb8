#include "registry/format/release_directory.h"

#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

TEST(ReleaseDirectoryTest, ReadsNameAndNumber) {
  for (const char* directory :
       {"repo/packages/K/kafka/0", "sub/dir/repo/packages/K/kafka/0",
        "K/kafka/0"}) {
    const auto parsed = ParseReleaseDirectory(directory);
    EXPECT_EQ(parsed.key, (ReleaseKey{"kafka", 0})) << directory;
    EXPECT_FALSE(parsed.finding.has_value()) << directory;
  }
  EXPECT_EQ(ParseReleaseDirectory("X/x1/9223372036854775807").key,
            (ReleaseKey{"x1", INT64_MAX}));
}

TEST(ReleaseDirectoryTest, RefusesEverythingElseAsLayout) {
  for (const char* directory : {"",
                                "kafka/0",
                                "k/kafka/1",
                                "K/Kafka/0",
                                "L/kafka/0",
                                "KK/kafka/0",
                                "/kafka/0",
                                "K/k/0",
                                "K/kafka_x/0",
                                "1/1kafka/0",
                                "K/kafka/",
                                "K/kafka/00",
                                "K/kafka/01",
                                "K/kafka/-1",
                                "K/kafka/+1",
                                "K/kafka/1 ",
                                "K/kafka/x",
                                "K/kafka/0x1",
                                "K/kafka/1.0",
                                "K/kafka/9223372036854775808"}) {
    const auto parsed = ParseReleaseDirectory(directory);
    EXPECT_FALSE(parsed.key.has_value()) << directory;
    ASSERT_TRUE(parsed.finding.has_value()) << directory;
    EXPECT_EQ(parsed.finding->rule, "layout");
    EXPECT_EQ(parsed.finding->severity, Severity::kError);
    EXPECT_TRUE(parsed.finding->refuses);
    EXPECT_EQ(parsed.finding->path, directory);
  }
}

TEST(ReleaseDirectoryTest, PathThatIsNotUtf8IsEscaped) {
  const auto parsed = ParseReleaseDirectory("K/k\xffy/0");
  ASSERT_TRUE(parsed.finding.has_value());
  EXPECT_EQ(parsed.finding->path, "K/k\\xffy/0");
}

TEST(ReleaseDirectoryTest, PutsAPackageBelowItsLetter) {
  EXPECT_EQ(PackageFolder("sub/repo/packages", "kafka"),
            "sub/repo/packages/K/kafka");
}

}  // namespace
}  // namespace orrery::registry
