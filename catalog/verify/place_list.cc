#include "catalog/verify/place_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "signing/client/refresh.h"

namespace orrery::catalog {

bool PlaceFailures::Add(const FileTree& place, absl::Status status) {
  if (absl::IsCancelled(status) || !signing::MayTryNextMirror(status)) {
    refusal_ = std::move(status);
    return false;
  }
  if (signing::RefusalOf(status).has_value()) {
    refusal_ = std::move(status);
    return true;
  }
  // A message may begin with what it is about.
  reasons_.push_back(absl::StartsWith(status.message(), place.name())
                         ? std::string(status.message())
                         : absl::StrCat(place.name(), ": ", status.message()));
  return true;
}

absl::Status PlaceFailures::Result(absl::string_view subject) const {
  if (!refusal_.ok()) return refusal_;
  return signing::Refuse(
      signing::RefusalCode::kLogUnavailable,
      absl::StrCat("cannot read ", subject, reasons_.empty() ? "" : ": ",
                   absl::StrJoin(reasons_, "; ")));
}

PlaceList::PlaceList(const std::vector<std::unique_ptr<FileTree>>& places,
                     bool is_offline)
    : is_offline_(is_offline) {
  for (const std::unique_ptr<FileTree>& place : places) {
    if (!is_offline || !place->is_remote()) places_.push_back(place.get());
  }
}

void PlaceList::Learn(const FileTree& place, const absl::Status& status) {
  if (!absl::IsUnavailable(status) || signing::RefusalOf(status).has_value()) {
    return;
  }
  silent_.Add(place, status);
  std::erase(places_, &place);
}

absl::StatusOr<std::string> PlaceList::Read(
    absl::string_view path, int64_t max_bytes,
    const std::function<absl::Status(absl::string_view)>& check) {
  PlaceFailures failures = silent_;
  const std::vector<FileTree*> places = places_;
  for (FileTree* const place : places) {
    auto bytes = place->Read(path, max_bytes);
    absl::Status status = bytes.status();
    if (bytes.ok()) {
      status = check(*bytes);
      if (status.ok()) return bytes;
    } else if (absl::IsResourceExhausted(status)) {
      status = signing::Refuse(
          signing::RefusalCode::kContentSize,
          absl::StrCat(path, " of ", place->name(), " has more than the ",
                       max_bytes, " bytes that are signed"));
    }
    Learn(*place, status);
    if (!failures.Add(*place, std::move(status))) break;
  }
  return failures.Result(
      absl::StrCat(path, is_offline_ ? " offline: it was not fetched before or "
                                       "is gone from the cache"
                                     : ""));
}

}  // namespace orrery::catalog
