// What maintainers took back, for whoever offers releases (spec: trust.md
// §10.4).

#ifndef REGISTRY_LOG_YANKS_H_
#define REGISTRY_LOG_YANKS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

#include "registry/index/snapshot.h"
#include "registry/judge/release.h"
#include "signing/replay/log_state.h"

namespace orrery::registry {

// The yanks of a log at one moment. Immutable; thread-safe. What it gives is
// valid as long as it.
class Yanks {
 public:
  // Null: of a log without leaves.
  explicit Yanks(std::shared_ptr<const signing::LogState> log)
      : log_(std::move(log)) {}

  // Why a revision was taken back; null if it was not.
  const std::string* ReasonOf(absl::string_view package,
                              absl::string_view source, int64_t release,
                              int64_t revision) const;
  // The same of the content that is served.
  const std::string* ReasonOf(const Release& release) const;

  // The package without what was taken back, or as it is if that is all.
  PackageEntry WithoutYanked(const PackageEntry& package) const;

 private:
  // nullptr if nothing of it was yanked.
  const signing::PackageState* FindYanked(absl::string_view package) const;

  const std::shared_ptr<const signing::LogState> log_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_YANKS_H_
