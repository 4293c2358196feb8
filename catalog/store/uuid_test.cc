#include "catalog/store/uuid.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ContainsRegex;

TEST(NewUuidTest, HasVersionFourAndDiffersEachTime) {
  EXPECT_THAT(NewUuid(), ContainsRegex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                       "[89ab][0-9a-f]{3}-[0-9a-f]{12}$"));
  EXPECT_NE(NewUuid(), NewUuid());
}

}  // namespace
}  // namespace orrery::catalog
