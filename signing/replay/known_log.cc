#include "signing/replay/known_log.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "signing/replay/replay.h"

namespace orrery::signing {
namespace {

using Places = std::vector<int64_t>;

// The first field behind `keyword`, with the LF before it, in a leaf whose form
// is right; empty if there is none.
absl::string_view FieldOf(absl::string_view leaf, absl::string_view keyword) {
  const size_t found = leaf.find(keyword);
  if (found == absl::string_view::npos) return {};
  const absl::string_view rest = leaf.substr(found + keyword.size());
  return rest.substr(0, rest.find_first_of(" \n"));
}

class KnownPackages final : public WaitingPackages {
 public:
  KnownPackages(absl::string_view origin, std::vector<std::string> leaves)
      : origin_(origin), leaves_(std::move(leaves)) {}

  // All but what the leaves of packages say of them.
  LogState ReadRest() {
    Replay replay(origin_);
    std::map<std::string, int64_t, std::less<>> first_sightings;
    for (const std::string& leaf : leaves_) {
      const int64_t place = replay.state().size;
      const absl::string_view package = FieldOf(leaf, "\npackage ");
      if (!package.empty()) {
        places_[package].push_back(place);
        const absl::string_view source = FieldOf(leaf, "\nsource ");
        if (!source.empty()) first_sightings.emplace(source, place);
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
    for (auto& [id, source] : state.sources) {
      const auto first = first_sightings.find(id);
      if (first != first_sightings.end()) source.first_sighting = first->second;
    }
    return state;
  }

  std::optional<PackageState> Read(absl::string_view name) override {
    const auto own = places_.find(name);
    if (own == places_.end()) return std::nullopt;
    overhead_ += sources_.size();
    // Where sources are many, one replay for all that may still be asked for is
    // cheaper.
    if (overhead_ > leaves_.size()) {
      if (!all_.has_value()) all_ = ReadAll();
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
    return std::move(package->second);
  }

  PackageMap::Map ReadAll() override {
    if (all_.has_value()) return *all_;
    Places places(leaves_.size());
    std::iota(places.begin(), places.end(), 0);
    return PackagesIn(places);
  }

 private:
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
