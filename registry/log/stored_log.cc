#include "registry/log/stored_log.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/log/leaf_lookup.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::LogState;
using signing::PackageMap;
using signing::PackageState;

class StoredPackages final : public signing::WaitingPackages {
 public:
  StoredPackages(LogStore& store, std::string origin, int64_t size)
      : store_(store), origin_(std::move(origin)), size_(size) {}

  absl::StatusOr<std::optional<PackageState>> Read(
      absl::string_view name) override {
    ORRERY_ASSIGN_OR_RETURN(LogState state, ReadLeavesOf(name));
    const PackageState* const package = state.packages.Find(name);
    if (package == nullptr) return std::optional<PackageState>();
    return std::optional<PackageState>(*package);
  }

  absl::StatusOr<PackageMap::Map> ReadAll() override {
    signing::Replay replay(origin_);
    ORRERY_RETURN_IF_ERROR(store_.VisitLeaves(0, size_, Into(replay)));
    return std::move(std::move(replay).TakeState().packages).TakeAll();
  }

  // Those of sources, too.
  absl::StatusOr<LogState> ReadLeavesOf(absl::string_view name) {
    signing::Replay replay(origin_);
    ORRERY_RETURN_IF_ERROR(store_.VisitLeavesOf(name, size_, Into(replay)));
    return std::move(replay).TakeState();
  }

 private:
  static LeafVisitor Into(signing::Replay& replay) {
    return [&replay](int64_t leaf, absl::string_view bytes) {
      replay.SkipTo(leaf);
      const absl::Status taken = replay.Append(bytes);
      if (taken.ok()) return taken;
      return LogDamage(absl::StrCat("leaf ", leaf, " ", taken.message()));
    };
  }

  LogStore& store_;
  const std::string origin_;
  const int64_t size_;
};

}  // namespace

absl::StatusOr<LogState> ReadStoredLog(LogStore& store,
                                       const std::string& origin,
                                       int64_t size) {
  const auto packages = std::make_shared<StoredPackages>(store, origin, size);
  ORRERY_ASSIGN_OR_RETURN(LogState state, packages->ReadLeavesOf(""));
  ORRERY_ASSIGN_OR_RETURN(LogOutline outline, store.ReadOutline(size));
  state.size = size;
  state.indexes = std::move(outline.indexes);
  state.yanked = std::move(outline.yanked);
  for (auto& [id, source] : state.sources) {
    const auto first = outline.first_sightings.find(id);
    if (first != outline.first_sightings.end()) {
      source.first_sighting = first->second;
    }
  }
  state.packages = PackageMap(packages);
  return state;
}

}  // namespace orrery::registry
