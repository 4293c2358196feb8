// Which releases a walk may still take.

#ifndef RESOLVER_INTERNAL_RELEASES_LEFT_H_
#define RESOLVER_INTERNAL_RELEASES_LEFT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"

#include "resolver/internal/package_index.h"
#include "resolver/internal/value_sets.h"
#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"
#include "resolver/relations.h"

namespace orrery::resolver::internal {

// Of every package the releases that are taken, and those that nothing taken
// excludes. Packages are numbered as they are first named.
class ReleasesLeft {
 public:
  using Index = uint32_t;
  using Ranks = std::span<const RankInterval>;
  static constexpr Index kNone = PackageIndex::kNone;
  // Lists begin with room for so many, which is all that the smallest solves
  // need.
  static constexpr size_t kRoom = 8;

  struct Package {
    PackageId id{};
    bool is_open = false;
    bool is_fact = false;
    // The agenda has a point that it alone can settle.
    bool is_needed = false;
    CandidateTraits traits = {};
    // Where its row begins in the list of all.
    uint32_t row = 0;
    // The last of those that came before it was open, or kNone.
    uint32_t exclusions = kNone;
    std::span<const Candidate> candidates;
    const PackageRelations* relations = nullptr;
    // One a slot at most.
    absl::InlinedVector<Rank, 2> taken;

    Window window() const { return {0, static_cast<Value>(candidates.size())}; }
    uint32_t width() const { return window().width(); }
  };

  // `source` must outlive this.
  explicit ReleasesLeft(MetadataSource* source) : source_(*source) {
    packages_.reserve(kRoom);
    rows_.reserve(kRoom);
  }

  // kNone if it was not named.
  Index Find(PackageId package) const { return index_.Get(package); }
  // The same, and asks for its candidates. Errors are those of the source.
  absl::StatusOr<Index> Open(PackageId package) {
    const Index index = IndexOf(package);
    if (packages_[index].is_open) return index;
    return OpenNew(index);
  }

  Package& operator[](Index index) { return packages_[index]; }
  const Package& operator[](Index index) const { return packages_[index]; }

  // All of these are of packages that are open.

  // Whether one of the ranks is taken.
  bool IsMet(Index index, Ranks ranks) const;
  // Those of the ranks that are left, as a row of the package; null if none is.
  // Valid until the next call.
  Word* LeftOf(Index index, Ranks ranks);
  // One of the ranks must be taken. So if they are of one slot, no others of
  // that slot are left. False if none is.
  bool Narrow(Index index, Ranks ranks);
  // False if the slot has another release.
  bool Take(Index index, Rank rank);

  // These releases, or with `are_others` all others of the package, may not be
  // taken, but for `except`. `ranks` must outlive this. False if one is.
  bool Exclude(PackageId package, const RankSet& ranks, bool are_others,
               Rank except);
  static constexpr Rank kNoRank = ~Rank{0};

 private:
  struct Exclusion {
    const RankSet* ranks = nullptr;
    bool are_others = false;
    Rank except = kNoRank;
    // The one before it of the same package, or kNone.
    uint32_t previous = kNone;
  };

  Index IndexOf(PackageId package);
  absl::StatusOr<Index> OpenNew(Index index);
  bool Apply(const Exclusion& exclusion, const Package& package);
  Word* RowAt(const Package& package) { return rows_.data() + package.row; }

  MetadataSource& source_;
  PackageIndex index_;
  std::vector<Package> packages_;
  std::vector<Word> rows_;
  std::vector<Exclusion> exclusions_;
  // What LeftOf returns.
  std::vector<Word> found_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_RELEASES_LEFT_H_
