#ifndef CATALOG_VERIFY_PLACE_LIST_H_
#define CATALOG_VERIFY_PLACE_LIST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/file_tree.h"
#include "signing/refusal.h"

namespace orrery::catalog {

// Why one place after the other did not do (spec: trust.md §14.4).
class PlaceFailures {
 public:
  // Whether the next place may be asked: not after a refusal that is final, nor
  // when the user ended it.
  bool Add(const FileTree& place, absl::Status status);
  // The last refusal; if nothing but transport failed, log.unavailable, with
  // `subject` ("the log of registry public") and what each place said.
  absl::Status Result(absl::string_view subject) const;

 private:
  absl::Status refusal_;
  std::vector<std::string> reasons_;
};

// The places of a registry in one run. One that did not answer is not asked
// again.
class PlaceList {
 public:
  // Offline only those that need no network.
  PlaceList(const std::vector<std::unique_ptr<FileTree>>& places,
            bool is_offline);

  // In order of preference; valid until the next call of a member.
  const std::vector<FileTree*>& usable() const { return places_; }
  // Drops the place if `status` says that it does not answer.
  void Learn(const FileTree& place, const absl::Status& status);

  // The bytes of the first place whose bytes `check` accepts. content.size for
  // more than `max_bytes`, else as PlaceFailures.
  absl::StatusOr<std::string> Read(
      absl::string_view path, int64_t max_bytes,
      const std::function<absl::Status(absl::string_view)>& check);

 private:
  std::vector<FileTree*> places_;
  const bool is_offline_;
  // What those said that do not answer.
  PlaceFailures silent_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_PLACE_LIST_H_
