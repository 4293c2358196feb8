#include "registry/index/package_epochs.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

TEST(PackageEpochsTest, AChangeIsOneOfItsPackagesAndOfTheWhole) {
  PackageEpochs epochs;
  const uint64_t kafka = epochs.Of("kafka");
  const uint64_t spark = epochs.Of("spark");
  const uint64_t all = epochs.Of("");
  epochs.Advance({"kafka", "hdfs"});
  EXPECT_GT(epochs.Of("kafka"), kafka);
  EXPECT_EQ(epochs.Of("spark"), spark);
  EXPECT_GT(epochs.Of(""), all);
}

TEST(PackageEpochsTest, AChangeOfNoPackageIsOneOfTheWhole) {
  PackageEpochs epochs;
  const uint64_t kafka = epochs.Of("kafka");
  const uint64_t all = epochs.Of("");
  epochs.Advance({});
  EXPECT_EQ(epochs.Of("kafka"), kafka);
  EXPECT_GT(epochs.Of(""), all);
}

TEST(PackageEpochsTest, AChangeOfAllIsOneOfEveryPackage) {
  PackageEpochs epochs;
  epochs.Advance({"kafka"});
  const uint64_t kafka = epochs.Of("kafka");
  const uint64_t spark = epochs.Of("spark");
  epochs.AdvanceAll();
  EXPECT_GT(epochs.Of("kafka"), kafka);
  EXPECT_GT(epochs.Of("spark"), spark);
}

TEST(PackageEpochsTest, AChangeOfTooManyCountsForAll) {
  PackageEpochs epochs;
  epochs.Advance({"kafka"});
  const uint64_t kafka = epochs.Of("kafka");
  const uint64_t spark = epochs.Of("spark");
  std::set<std::string> many;
  for (int i = 0; i < 20'000; ++i) many.insert(absl::StrCat("p", i));
  epochs.Advance(many);
  EXPECT_GT(epochs.Of("kafka"), kafka);
  EXPECT_GT(epochs.Of("spark"), spark);
  EXPECT_EQ(epochs.Of("p0"), epochs.Of("p19999"));
}

}  // namespace
}  // namespace orrery::registry
