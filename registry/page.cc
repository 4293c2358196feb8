#include "registry/page.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
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

absl::StatusOr<size_t> SizeOf(int32_t page_size, const PageLimits& limits) {
  if (page_size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size is ", page_size, "; it must not be negative"));
  }
  const int32_t wanted = page_size == 0 ? limits.default_size : page_size;
  return static_cast<size_t>(std::min(wanted, limits.max_size));
}

absl::Status ForeignToken() {
  return absl::InvalidArgumentError(
      "page_token does not belong to this list; begin without one");
}

absl::StatusOr<std::string> PlaceOf(absl::string_view list,
                                    absl::string_view page_token) {
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(page_token, &decoded) ||
      !absl::StartsWith(decoded, absl::StrCat(Fingerprint(list), ":"))) {
    return ForeignToken();
  }
  return decoded.substr(kFingerprintLength + 1);
}

}  // namespace

absl::StatusOr<Page> PageOf(absl::string_view list, size_t total,
                            int32_t page_size, absl::string_view page_token,
                            const PageLimits& limits) {
  ORRERY_ASSIGN_OR_RETURN(const size_t size, SizeOf(page_size, limits));
  Page page;
  if (!page_token.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const std::string place, PlaceOf(list, page_token));
    uint64_t begin = 0;
    if (!absl::SimpleAtoi(place, &begin)) return ForeignToken();
    page.begin = std::min<size_t>(begin, total);
  }
  page.end = std::min(total, page.begin + size);
  if (page.end < total)
    page.next_token = TokenAfter(list, absl::StrCat(page.end));
  return page;
}

absl::StatusOr<NamePage> NamePageOf(absl::string_view list, int32_t page_size,
                                    absl::string_view page_token) {
  NamePage page;
  ORRERY_ASSIGN_OR_RETURN(page.size, SizeOf(page_size, PageLimits()));
  if (!page_token.empty()) {
    ORRERY_ASSIGN_OR_RETURN(page.after, PlaceOf(list, page_token));
  }
  return page;
}

std::string TokenAfter(absl::string_view list, absl::string_view name) {
  std::string token;
  absl::WebSafeBase64Escape(absl::StrCat(Fingerprint(list), ":", name), &token);
  return token;
}

}  // namespace orrery::registry
