#include "resolver/internal/propagation.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

#include "resolver/internal/nogoods.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {
namespace {

// `early` and `late` have their one release. Each lesson says that `other` does
// not, and the first one, {other, early, late}, is the reason that it does not.
class ForgettingTest : public ::testing::Test {
 protected:
  ForgettingTest() {
    propagation_.Decide(early_, 0);
    propagation_.Decide(late_, 0);
    LearnLong();
  }

  void LearnLong() { Learn({late_, early_}, {}); }
  void LearnShort(const std::vector<int32_t>& parents = {}) {
    Learn({late_}, parents);
  }

  // From `begin` to `end`, of the lessons in the order in which they came.
  size_t Forgotten(size_t begin, size_t end) const {
    size_t count = 0;
    for (size_t i = begin; i < end; ++i) {
      if (propagation_.nogoods().is_forgotten(lessons_[i])) ++count;
    }
    return count;
  }

  // That are kept before any is forgotten.
  static constexpr size_t kMost = 2000;

  Propagation propagation_;
  std::vector<NogoodId> lessons_;

 private:
  Place AddPlace() { return propagation_.AddFullPlace(/*absent=*/1); }
  void Learn(const std::vector<Place>& because,
             const std::vector<int32_t>& parents) {
    const SetId chosen = propagation_.sets().InternWord(Word{1});
    Terms terms = {{other_, chosen}};
    for (const Place place : because) terms.push_back({place, chosen});
    lessons_.push_back(static_cast<NogoodId>(propagation_.nogoods().size()));
    propagation_.AddLearned(terms, parents);
  }

  const Place early_ = AddPlace();
  const Place late_ = AddPlace();
  const Place other_ = AddPlace();
};

TEST_F(ForgettingTest, LongLessonsGoAndTheReasonStays) {
  while (lessons_.size() <= kMost / 2) LearnShort();
  while (lessons_.size() < kMost - 1) LearnLong();
  propagation_.ForgetSome();
  EXPECT_EQ(Forgotten(0, lessons_.size()), 0u);
  LearnLong();
  propagation_.ForgetSome();
  EXPECT_EQ(Forgotten(0, kMost / 2 + 1), 0u);
  EXPECT_EQ(Forgotten(kMost / 2 + 1, kMost), kMost / 2 - 1);
}

TEST_F(ForgettingTest, OfEquallyLongLessonsThoseGoThatWereNotUsedForLongest) {
  while (lessons_.size() < kMost - 1) LearnShort();
  LearnShort(/*parents=*/{lessons_[1]});
  propagation_.ForgetSome();
  EXPECT_EQ(Forgotten(1, 2), 0u);
  // Of the half that goes, the first lesson is the reason and the second used.
  EXPECT_EQ(Forgotten(2, kMost / 2 + 1), kMost / 2 - 1);
  EXPECT_EQ(Forgotten(kMost / 2 + 1, kMost), 0u);
}

}  // namespace
}  // namespace orrery::resolver::internal
