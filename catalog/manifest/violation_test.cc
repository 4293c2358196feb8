#include "catalog/manifest/violation.h"

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(ViolationTest, PathsOfMarathonArePointersWithIndicesInBrackets) {
  EXPECT_EQ(PointerOfPath("/"), "");
  EXPECT_EQ(PointerOfPath("/cmd"), "/cmd");
  EXPECT_EQ(PointerOfPath("/healthChecks(0)/portIndex"),
            "/healthChecks/0/portIndex");
  EXPECT_EQ(PointerOfPath("/container/volumes(12)/persistent/size"),
            "/container/volumes/12/persistent/size");
  EXPECT_EQ(PointerOfPath("/env/A(B)"), "/env/A(B)");
}

}  // namespace
}  // namespace orrery::catalog
