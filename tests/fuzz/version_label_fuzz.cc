// Labels, split at NULs: those that can be read are in one order, whichever two
// or three of them are compared.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "resolver/version.h"

namespace {

using orrery::resolver::TotalLess;
using orrery::resolver::Version;

void CheckPair(const Version& a, const Version& b) {
  const int ways = (a < b ? 1 : 0) + (b < a ? 1 : 0) + (a == b ? 1 : 0);
  if (ways != 1) std::abort();
  const bool is_same = a.label() == b.label();
  if (TotalLess(a, b) + TotalLess(b, a) + (is_same ? 1 : 0) != 1) std::abort();
  if (a < b && !TotalLess(a, b)) std::abort();
}

void CheckTriple(const Version& a, const Version& b, const Version& c) {
  if (a <= b && b <= c && !(a <= c)) std::abort();
  if (TotalLess(a, b) && TotalLess(b, c) && !TotalLess(a, c)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<Version> versions;
  for (const absl::string_view label : absl::StrSplit(input, '\0')) {
    auto version = Version::Parse(label);
    if (!version.ok()) continue;
    const auto again = Version::Parse(version->label());
    if (!again.ok() || *again != *version) std::abort();
    versions.push_back(*std::move(version));
    if (versions.size() == 6) break;
  }
  for (const Version& a : versions) {
    for (const Version& b : versions) {
      CheckPair(a, b);
      for (const Version& c : versions) CheckTriple(a, b, c);
    }
  }
  return 0;
}
