#include "registry/source/indexing_slots.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <optional>
#include <utility>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

class IndexingSlotsTest : public ::testing::Test {
 protected:
  // Holds a place until the end, or the one that is given back; whether there
  // was one at once.
  bool Take(bool doubtful = false) {
    auto slot = slots_.Take(
        doubtful, [] { return absl::DeadlineExceededError("no place"); });
    if (slot.ok()) held_.push_back(*std::move(slot));
    return slot.ok();
  }
  int TakeAll(bool doubtful = false) {
    int taken = 0;
    while (Take(doubtful)) ++taken;
    return taken;
  }

  // How many of the places that are held belong to others by now.
  int Lost() {
    return static_cast<int>(
        std::count_if(held_.begin(), held_.end(),
                      [](const auto& slot) { return !slot.Check().ok(); }));
  }

  absl::Time now_ = absl::UnixEpoch();
  IndexingSlots slots_{{.all = 7,
                        .beginning = 2,
                        .patience = absl::Seconds(10),
                        .look_interval = absl::Milliseconds(1)},
                       [this] { return now_; }};
  std::list<IndexingSlots::Slot> held_;
};

TEST_F(IndexingSlotsTest, FewBeginAtATime) {
  EXPECT_EQ(TakeAll(), 2);
  held_.pop_front();
  EXPECT_EQ(TakeAll(), 1);
}

TEST_F(IndexingSlotsTest, ThoseThatTakeLongKeepNobodyWaiting) {
  EXPECT_EQ(TakeAll(), 2);
  EXPECT_FALSE(held_.front().is_late());
  now_ += absl::Seconds(11);
  EXPECT_TRUE(held_.front().is_late());
  EXPECT_EQ(TakeAll(), 2);
  now_ += absl::Seconds(11);
  EXPECT_EQ(TakeAll(), 2);
  EXPECT_EQ(Lost(), 0);
}

TEST_F(IndexingSlotsTest, WhenAllTakeLongTheLastOnesLoseTheirPlaces) {
  for (int round = 0; round < 3; ++round) {
    TakeAll();
    now_ += absl::Seconds(11);
  }
  ASSERT_TRUE(Take());
  ASSERT_EQ(held_.size(), 7u);
  EXPECT_EQ(Lost(), 0);
  // One is beginning, and another may.
  EXPECT_EQ(TakeAll(), 1);
  EXPECT_EQ(Lost(), 1);
  EXPECT_THAT(std::next(held_.begin(), 5)->Check(),
              StatusIs(absl::StatusCode::kUnavailable));
  now_ += absl::Seconds(11);
  EXPECT_EQ(TakeAll(), 2);
  EXPECT_EQ(Lost(), 3);
  EXPECT_THAT(held_.front().Check(), IsOk());
}

TEST_F(IndexingSlotsTest, DoubtfulOnesTakeNoPlaceAway) {
  for (int round = 0; round < 4; ++round) {
    TakeAll();
    now_ += absl::Seconds(11);
  }
  const int lost = Lost();
  EXPECT_FALSE(Take(/*doubtful=*/true));
  EXPECT_EQ(Lost(), lost);
}

TEST_F(IndexingSlotsTest, DoubtfulOnesLeaveTheLastPlacesToTheOthers) {
  for (int round = 0; round < 5; ++round) {
    TakeAll(/*doubtful=*/true);
    now_ += absl::Seconds(11);
  }
  EXPECT_EQ(held_.size(), 5u);
  EXPECT_EQ(TakeAll(), 2);
  EXPECT_EQ(Lost(), 0);
  held_.pop_back();
  EXPECT_FALSE(Take(/*doubtful=*/true));
  EXPECT_TRUE(Take());
}

TEST_F(IndexingSlotsTest, WaitGoesOnWhenSomebodyTurnsOutToTakeLong) {
  TakeAll();
  int asked = 0;
  const auto slot = slots_.Take(false, [&] {
    ++asked;
    now_ += absl::Seconds(6);
    return absl::OkStatus();
  });
  EXPECT_THAT(slot, IsOk());
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace orrery::registry
