#include "registry/api/page.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Enough to tell lists apart; a forged token only names a place in a list.
constexpr size_t kFingerprintLength = 12;

std::string Fingerprint(absl::string_view list) {
  return signing::Digest::Of(list).Hex().substr(0, kFingerprintLength);
}

absl::StatusOr<size_t> SizeOf(const PageRequest& request) {
  if (request.page_size < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "page_size is ", request.page_size, "; it must not be negative"));
  }
  const int32_t wanted =
      request.page_size == 0 ? request.limits.default_size : request.page_size;
  return static_cast<size_t>(std::min(wanted, request.limits.max_size));
}

absl::StatusOr<std::string> KeyIn(const PageRequest& request) {
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(request.page_token, &decoded) ||
      !absl::StartsWith(decoded,
                        absl::StrCat(Fingerprint(request.list), ":"))) {
    return absl::InvalidArgumentError(
        "page_token does not belong to this list; begin without one");
  }
  return decoded.substr(kFingerprintLength + 1);
}

}  // namespace

absl::StatusOr<KeyPage> KeyPageOf(const PageRequest& request) {
  KeyPage page;
  ORRERY_ASSIGN_OR_RETURN(page.size, SizeOf(request));
  if (!request.page_token.empty()) {
    ORRERY_ASSIGN_OR_RETURN(page.after, KeyIn(request));
  }
  return page;
}

std::string TokenAfter(absl::string_view list, absl::string_view key) {
  std::string token;
  absl::WebSafeBase64Escape(absl::StrCat(Fingerprint(list), ":", key), &token);
  return token;
}

absl::StatusOr<Page> PageOf(const PageRequest& request, size_t total,
                            const KeyOf& key) {
  ORRERY_ASSIGN_OR_RETURN(const KeyPage wanted, KeyPageOf(request));
  Page page;
  if (!request.page_token.empty()) {
    size_t behind = total;
    while (page.begin < behind) {
      const size_t middle = page.begin + (behind - page.begin) / 2;
      if (key(middle) > wanted.after) {
        behind = middle;
      } else {
        page.begin = middle + 1;
      }
    }
  }
  page.end = std::min(total, page.begin + wanted.size);
  if (page.begin < page.end && page.end < total) {
    page.next_token = TokenAfter(request.list, key(page.end - 1));
  }
  return page;
}

std::string SortableNumber(int64_t number) {
  // Negative ones come first.
  const uint64_t shifted = static_cast<uint64_t>(number) ^ (uint64_t{1} << 63);
  return absl::StrCat(absl::Hex(shifted, absl::kZeroPad16));
}

}  // namespace orrery::registry
