#include "catalog/orchestrator/process/process_tree.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ProcessStat Process(pid_t pid, pid_t parent) {
  ProcessStat stat;
  stat.pid = pid;
  stat.parent = parent;
  stat.state = 'S';
  return stat;
}

std::vector<pid_t> Pids(const std::vector<ProcessStat>& processes) {
  std::vector<pid_t> pids;
  for (const ProcessStat& process : processes) pids.push_back(process.pid);
  return pids;
}

TEST(DescendantsTest, FindsGrandchildrenWhateverTheirNumbers) {
  const std::vector<ProcessStat> table = {Process(1, 0), Process(5, 9),
                                          Process(9, 20), Process(20, 1),
                                          Process(30, 1)};
  EXPECT_THAT(Pids(Descendants(table, 20)), ElementsAre(9, 5));
  EXPECT_THAT(Pids(Descendants(table, 30)), IsEmpty());
}

TEST(DescendantsTest, ACircleEnds) {
  const std::vector<ProcessStat> table = {Process(2, 3), Process(3, 2)};
  EXPECT_THAT(Pids(Descendants(table, 2)), ElementsAre(3));
}

}  // namespace
}  // namespace orrery::catalog
