#ifndef SIGNING_POLICY_REQUIRE_OPTIONS_H_
#define SIGNING_POLICY_REQUIRE_OPTIONS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "signing/digest.h"
#include "signing/policy/name_pattern.h"

namespace orrery::signing {

enum class Evidence { kObserved, kSshsig };
absl::string_view EvidenceName(Evidence evidence);

// What anchors the first keyset of a package.
enum class NameAnchor { kCurated, kClaimed, kOpen };
enum class OverlayUse { kNone, kAdd };

// A setting, and the line that decides it; 0 for a default.
template <typename T>
struct Decided {
  T value;
  int64_t line = 0;
};

// What `require` lines ask of a package.
struct Demands {
  Decided<Evidence> evidence{Evidence::kSshsig};
  Decided<int64_t> threshold{1};
  Decided<NameAnchor> names{NameAnchor::kCurated};
  Decided<std::optional<Digest>> keyset{std::nullopt};
  Decided<absl::Duration> min_age{absl::ZeroDuration()};
  Decided<bool> accepts_import{true};
  Decided<bool> accepts_yanked{true};
  Decided<bool> accepts_revisions{true};
  Decided<bool> requires_pins{true};
  Decided<OverlayUse> overlays{OverlayUse::kNone};
};

// A number and `s`, `m`, `h` or `d`; kInvalidArgument otherwise.
absl::StatusOr<absl::Duration> ReadDuration(absl::string_view text);

// The options of the `require` lines of a policy (spec: trust.md §12.3).
class RequireOptions {
 public:
  // kInvalidArgument for an unknown word or value, or a pattern that has the
  // option already; also for what is not supported yet.
  absl::Status Take(const NamePattern& pattern, absl::string_view word,
                    absl::string_view value, int64_t line);

  // For each option what the most specific pattern says that sets it.
  Demands DemandsOn(absl::string_view package) const;

 private:
  PatternTable<Evidence> evidence_;
  PatternTable<int64_t> threshold_;
  PatternTable<NameAnchor> names_;
  PatternTable<std::optional<Digest>> keyset_;
  PatternTable<absl::Duration> min_age_;
  PatternTable<bool> import_;
  PatternTable<bool> yanked_;
  PatternTable<bool> revisions_;
  PatternTable<bool> pins_;
  PatternTable<OverlayUse> overlays_;
};

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_REQUIRE_OPTIONS_H_
