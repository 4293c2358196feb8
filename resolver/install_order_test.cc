#include "resolver/install_order.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;
using Texts = std::vector<std::string>;

TEST(InstallOrderTest, SoftCircleIsOneGroupBeforeWhatNeedsIt) {
  const Texts nodes = {"a", "b", "c"};
  const std::vector<OrderEdge> edges = {
      {"a", "b"}, {"b", "a"}, {"c", "b", /*hard=*/true}};
  EXPECT_THAT(*InstallOrder(nodes, edges),
              ElementsAre(Texts({"a", "b"}), Texts({"c"})));
}

TEST(InstallOrderTest, ProvidersFirstThenSmallestText) {
  const Texts nodes = {"kafka", "app", "zookeeper", "db"};
  const std::vector<OrderEdge> edges = {{"kafka", "zookeeper"},
                                        {"app", "kafka"}};
  EXPECT_THAT(*InstallOrder(nodes, edges),
              ElementsAre(Texts({"db"}), Texts({"zookeeper"}), Texts({"kafka"}),
                          Texts({"app"})));
}

TEST(InstallOrderTest, HardEdgesOrderTheInsideOfAGroup) {
  const Texts nodes = {"a", "b"};
  const std::vector<OrderEdge> edges = {{"a", "b", true}, {"b", "a"}};
  EXPECT_THAT(*InstallOrder(nodes, edges), ElementsAre(Texts({"b", "a"})));
}

TEST(InstallOrderTest, HardCircleIsRefusedWithItsPath) {
  const Texts nodes = {"a", "b", "c"};
  const std::vector<OrderEdge> edges = {
      {"a", "b", true}, {"b", "c", true}, {"c", "a", true}};
  EXPECT_EQ(InstallOrder(nodes, edges).status().message(),
            "plan.cycle: a -> b -> c -> a wait for each other's outputs");
}

TEST(InstallOrderTest, EdgeToWhatIsNotThereIsIgnored) {
  const Texts nodes = {"a"};
  const std::vector<OrderEdge> edges = {{"a", "@dcos", true}};
  EXPECT_THAT(*InstallOrder(nodes, edges), ElementsAre(Texts({"a"})));
}

}  // namespace
}  // namespace orrery::resolver
