// A range and a label, split at the first NUL: what is read means the same
// when its canonical text is read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "resolver/version.h"
#include "resolver/version_range.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using orrery::resolver::PrereleaseGate;
  using orrery::resolver::Version;
  using orrery::resolver::VersionRange;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(input, absl::MaxSplits('\0', 1));
  const auto range = VersionRange::Parse(parts.first);
  const auto version = Version::Parse(parts.second);
  if (version.ok()) {
    if (*version != *version || *version < *version) std::abort();
    if (version->is_prerelease() != (version->key().Stem() != version->key())) {
      std::abort();
    }
  }
  if (!range.ok()) return 0;
  const auto again = VersionRange::Parse(range->ToString());
  if (!again.ok()) {
    if (range->ToString().size() <= 256) std::abort();
    return 0;
  }
  if (*again != *range) std::abort();
  if (!version.ok()) return 0;
  for (const PrereleaseGate gate :
       {PrereleaseGate::kClosed, PrereleaseGate::kOpen}) {
    if (range->Contains(*version, 7, gate) !=
        again->Contains(*version, 7, gate)) {
      std::abort();
    }
  }
  if (range->Contains(*version, 7, PrereleaseGate::kClosed) &&
      !range->Contains(*version, 7, PrereleaseGate::kOpen)) {
    std::abort();
  }
  return 0;
}
