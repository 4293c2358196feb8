#include "registry/page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "signing/digest.h"

namespace orrery::registry {
namespace {

// Enough to tell lists apart; a forged token only names a place in a list.
constexpr size_t kFingerprintLength = 12;

std::string Fingerprint(absl::string_view list) {
  return signing::Digest::Of(list).Hex().substr(0, kFingerprintLength);
}

}  // namespace

absl::StatusOr<Page> PageOf(absl::string_view list, size_t total,
                            int32_t page_size, absl::string_view page_token,
                            const PageLimits& limits) {
  if (page_size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size is ", page_size, "; it must not be negative"));
  }
  const int32_t wanted = page_size == 0 ? limits.default_size : page_size;
  const size_t size = static_cast<size_t>(std::min(wanted, limits.max_size));
  const std::string fingerprint = Fingerprint(list);
  Page page;
  if (!page_token.empty()) {
    std::string decoded;
    uint64_t begin = 0;
    const bool readable = absl::WebSafeBase64Unescape(page_token, &decoded);
    const std::vector<std::string> parts = absl::StrSplit(decoded, ':');
    if (!readable || parts.size() != 2 || parts[0] != fingerprint ||
        !absl::SimpleAtoi(parts[1], &begin)) {
      return absl::InvalidArgumentError(
          "page_token does not belong to this list; begin without one");
    }
    page.begin = std::min<size_t>(begin, total);
  }
  page.end = std::min(total, page.begin + size);
  if (page.end < total) {
    absl::WebSafeBase64Escape(absl::StrCat(fingerprint, ":", page.end),
                              &page.next_token);
  }
  return page;
}

}  // namespace orrery::registry
