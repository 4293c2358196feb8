#include "signing/replay/known_log.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/statusor.h"

#include "signing/replay/leaf_subject.h"
#include "signing/replay/replay.h"

namespace orrery::signing {
namespace {

using Places = std::vector<int64_t>;

class KnownPackages final : public WaitingPackages {
 public:
  KnownPackages(absl::string_view origin, std::vector<std::string> leaves)
      : origin_(origin), leaves_(std::move(leaves)) {}

  // All but what the leaves of packages say of them.
  LogState ReadRest() {
    Replay replay(origin_);
    std::map<std::string, int64_t, std::less<>> first_sightings;
    std::set<std::string, std::less<>> yanked;
    for (const std::string& leaf : leaves_) {
      const int64_t place = replay.state().size;
      const LeafSubject subject = SubjectOf(leaf);
      if (!subject.package.empty()) {
        places_[subject.package].push_back(place);
        if (!subject.source.empty()) {
          first_sightings.emplace(subject.source, place);
        }
        if (subject.is_yank) yanked.emplace(subject.package);
        replay.SkipTo(place + 1);
        continue;
      }
      const size_t indexes = replay.state().indexes.size();
      if (replay.Append(leaf).ok() &&
          replay.state().indexes.size() == indexes) {
        sources_.push_back(place);
      }
    }
    LogState state = std::move(replay).TakeState();
    state.yanked = std::move(yanked);
    for (auto& [id, source] : state.sources) {
      const auto first = first_sightings.find(id);
      if (first != first_sightings.end()) source.first_sighting = first->second;
    }
    return state;
  }

  absl::StatusOr<std::optional<PackageState>> Read(
      absl::string_view name) override {
    const auto own = places_.find(name);
    if (own == places_.end()) return std::nullopt;
    overhead_ += sources_.size();
    // Where sources are many, one replay for all that may still be asked for is
    // cheaper.
    if (overhead_ > leaves_.size()) {
      if (!all_.has_value()) all_ = AllPackages();
      const auto package = all_->find(name);
      if (package == all_->end()) return std::nullopt;
      return package->second;
    }
    Places places;
    std::merge(sources_.begin(), sources_.end(), own->second.begin(),
               own->second.end(), std::back_inserter(places));
    PackageMap::Map packages = PackagesIn(places);
    const auto package = packages.find(name);
    if (package == packages.end()) return std::nullopt;
    return std::optional(std::move(package->second));
  }

  absl::StatusOr<PackageMap::Map> ReadAll() override {
    return all_.has_value() ? *all_ : AllPackages();
  }

 private:
  PackageMap::Map AllPackages() const {
    Places places(leaves_.size());
    std::iota(places.begin(), places.end(), 0);
    return PackagesIn(places);
  }

  // As far as no void leaf names them.
  PackageMap::Map PackagesIn(const Places& places) const {
    Replay replay(origin_);
    for (const int64_t place : places) {
      replay.SkipTo(place);
      (void)replay.Append(leaves_[place]);
    }
    LogState state = std::move(replay).TakeState();
    PackageMap::Map packages = std::move(state.packages).TakeAll();
    for (const VoidLeaf& leaf : state.void_leaves) {
      for (const std::string& name : leaf.packages) packages.erase(name);
    }
    return packages;
  }

  const std::string origin_;
  const std::vector<std::string> leaves_;
  // Of the leaves of each package, and of those that sources stand in.
  std::map<absl::string_view, Places> places_;
  Places sources_;
  // Leaves of sources that were replayed again and again.
  size_t overhead_ = 0;
  std::optional<PackageMap::Map> all_;
};

}  // namespace

LogState ReadKnownLog(absl::string_view origin,
                      std::vector<std::string> leaves) {
  const auto waiting =
      std::make_shared<KnownPackages>(origin, std::move(leaves));
  LogState state = waiting->ReadRest();
  state.packages = PackageMap(waiting);
  return state;
}

}  // namespace orrery::signing
