#include "resolver/internal/resolution.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "resolver/internal/nogoods.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

// Places with one release, 0, each decided at it or made to have it.
class ResolutionTest : public ::testing::Test {
 protected:
  Term Chosen(Place place) { return {place, SetOf(0)}; }
  // {first: 0, then: absent}: where the first is, so is the second.
  NogoodId AddNeed(Place first, Place then) {
    const auto id = static_cast<NogoodId>(propagation_.nogoods().size());
    propagation_.AddGiven({Chosen(first), {then, SetOf(kAbsent)}}, kNoLeaf);
    return id;
  }
  NogoodId Choose(Place place) {
    propagation_.Decide(place, 0);
    return propagation_.Propagate();
  }

  static constexpr Value kAbsent = 1;

  SetId SetOf(Value value) {
    return propagation_.sets().InternWord(Word{1} << value);
  }
  Place AddPlace() { return propagation_.AddFullPlace(kAbsent); }

  Propagation propagation_;
  const Place app_ = AddPlace();
  const Place library_ = AddPlace();
  const Place other_ = AddPlace();
  const Place late_ = AddPlace();
  const Place one_ = AddPlace();
  const Place two_ = AddPlace();
};

std::vector<Place> PlacesOf(const Lesson& lesson) {
  std::vector<Place> places;
  for (const Term& term : lesson.terms) places.push_back(term.place);
  return places;
}

TEST_F(ResolutionTest, LessonLeavesOutWhatItsOtherTermsImply) {
  const NogoodId need = AddNeed(app_, library_);
  AddNeed(late_, one_);
  AddNeed(late_, two_);
  propagation_.AddGiven(
      {Chosen(app_), Chosen(library_), Chosen(one_), Chosen(two_)}, kNoLeaf);
  ASSERT_EQ(Choose(app_), kNoNogood);
  const NogoodId violated = Choose(late_);
  ASSERT_NE(violated, kNoNogood);
  const Lesson lesson =
      Resolution(&propagation_, /*lazy_reason=*/nullptr).Learn(violated);
  EXPECT_THAT(PlacesOf(lesson), ElementsAre(late_, app_));
  EXPECT_EQ(lesson.level, 1u);
  EXPECT_THAT(lesson.parents, Contains(need));
}

TEST_F(ResolutionTest, LessonKeepsWhatComesFromElsewhere) {
  AddNeed(other_, library_);
  AddNeed(late_, one_);
  AddNeed(late_, two_);
  propagation_.AddGiven(
      {Chosen(app_), Chosen(library_), Chosen(one_), Chosen(two_)}, kNoLeaf);
  ASSERT_EQ(Choose(app_), kNoNogood);
  ASSERT_EQ(Choose(other_), kNoNogood);
  const NogoodId violated = Choose(late_);
  ASSERT_NE(violated, kNoNogood);
  const Lesson lesson =
      Resolution(&propagation_, /*lazy_reason=*/nullptr).Learn(violated);
  EXPECT_THAT(PlacesOf(lesson), ElementsAre(late_, library_, app_));
  EXPECT_EQ(lesson.level, 2u);
}

}  // namespace
}  // namespace orrery::resolver::internal
