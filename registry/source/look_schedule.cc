#include "registry/source/look_schedule.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_remote.h"
#include "signing/digest.h"

namespace orrery::registry {
namespace {

constexpr absl::Duration kMaxDelay = absl::Minutes(30);
constexpr int kMaxDoublings = 10;
// Of the time between two polls: what spreads sources that were added together,
// and how old another source's look at the same remote may be.
constexpr double kJitter = 0.1;
// How long further hints are waited for: after the last, and after the first.
constexpr absl::Duration kHintPause = absl::Seconds(1);
constexpr absl::Duration kMaxHintPause = absl::Seconds(5);

// In [0, 1): another for each text, and the same in every run of the server,
// which absl::HashOf is not.
double ShareOf(absl::string_view text) {
  const signing::Digest digest = signing::Digest::Of(text);
  const auto high = static_cast<uint8_t>(digest.bytes()[0]);
  const auto low = static_cast<uint8_t>(digest.bytes()[1]);
  return (256.0 * high + low) / 65536;
}

}  // namespace

LookSchedule::LookSchedule(std::string name, absl::Duration poll_interval)
    : name_(std::move(name)), poll_interval_(poll_interval) {}

void LookSchedule::Resume(absl::Time failing_since, absl::Time paused_until,
                          absl::Time now) {
  // However often it is started anew, looks are not more frequent than these.
  next_ = failing_since;
  for (failures_ = 0; next_ <= now;) {
    ++failures_;
    next_ += Delay();
  }
  // Clocks may have been put back.
  paused_until_ = std::min(paused_until, now + kRetryLaterPause);
  next_ = std::max(std::min(next_, now + Delay()), paused_until_);
}

absl::Time LookSchedule::SeenSince(absl::Time real_now) const {
  return hint_.has_value() ? hint_->last : real_now - kJitter * poll_interval_;
}

absl::Time LookSchedule::Hint(absl::Time now, absl::Time real_now) {
  PendingHint hint{.first = hint_.has_value() ? hint_->first : now,
                   .last = real_now,
                   .due = {}};
  hint.due = std::max(std::min(now + kHintPause, hint.first + kMaxHintPause),
                      paused_until_);
  hint_ = hint;
  failures_ = 0;
  next_ = hint.due;
  return next_;
}

void LookSchedule::End(Outcome outcome, absl::Time now) {
  ++looks_;
  if (outcome == Outcome::kSuccess) failures_ = 0;
  if (outcome == Outcome::kFailure || outcome == Outcome::kRetryLater) {
    ++failures_;
  }
  if (outcome == Outcome::kRetryLater) paused_until_ = now + kRetryLaterPause;
  // A hint that came while the look was under way wants another.
  const absl::Time due = hint_.has_value() ? hint_->due : now + Delay();
  next_ = std::max(due, paused_until_);
}

absl::Duration LookSchedule::Delay() const {
  const int doublings = std::min(failures_, kMaxDoublings);
  absl::Duration delay = poll_interval_ * (int64_t{1} << doublings);
  if (failures_ > 0) {
    delay = std::min(delay, std::max(kMaxDelay, poll_interval_));
  }
  // The same for the same failure, whether or not it was resumed.
  const double share = failures_ > 0
                           ? ShareOf(absl::StrCat(name_, "!", failures_))
                           : ShareOf(absl::StrCat(name_, "/", looks_));
  return delay * (1.0 - kJitter * share);
}

}  // namespace orrery::registry
