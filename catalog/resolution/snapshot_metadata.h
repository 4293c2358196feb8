// What the resolver asks, answered from a snapshot.

#ifndef CATALOG_RESOLUTION_SNAPSHOT_METADATA_H_
#define CATALOG_RESOLUTION_SNAPSHOT_METADATA_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/option_values.h"
#include "catalog/resolution/package_facts.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/request_item.h"
#include "registry/format/json_value.h"
#include "registry/index/snapshot.h"
#include "resolver/metadata_source.h"
#include "resolver/relations.h"
#include "resolver/written_relations.h"

namespace orrery::catalog {

// A release that a service of a package runs.
struct RunningRelease {
  std::string package;
  std::string source;
  int64_t release = 0;
  // Empty if it is not known.
  std::string tree;

  bool Is(const ReleaseFacts& facts) const;
};

// An option that the user gave, which takes something away that sets another
// value.
struct Contradiction {
  std::string option;
  // What is not there.
  std::vector<resolver::PackageRanks> without;
};

// What an answer is made for.
struct ResolutionContext {
  registry::SnapshotPtr snapshot;
  PackageFactsCache* cache = nullptr;
  // Facts of the cluster by name (`@dcos`); nothing: no cluster is looked at,
  // and every demand on a fact holds.
  std::optional<std::map<std::string, std::string>> facts;
  // The user's options by node text.
  std::map<std::string, registry::JsonValue> options;
  bool allow_prereleases = false;
  std::set<std::string> prereleases_of;
  // Ranges that the items of the request write, by package: what one names
  // exactly may be hidden.
  std::map<std::string, std::vector<resolver::VersionRange>> asked;
  // By node text of the service. A range lets in what it runs.
  std::map<std::string, RunningRelease> running;
  // Packages with releases that only services have, instead of the cache's.
  std::map<std::string, std::shared_ptr<const PackageFacts>> with_lost;
  // Whether the query names a content that is not current, so that every node
  // may have it; null: it names whatever is there.
  std::function<bool(const ReleaseFacts&, int64_t revision)> names = nullptr;
  // Which releases may be chosen anew; null: all.
  ReleaseAdmissionPtr admission = nullptr;
  // False: what it refuses is a candidate all the same.
  bool bars_refused = true;
};

// One request over one snapshot; not thread-safe. Errors are those of reading
// the snapshot.
class SnapshotMetadata : public resolver::MetadataSource {
 public:
  explicit SnapshotMetadata(ResolutionContext context);

  absl::string_view Name(resolver::PackageId package) override;
  bool IsFact(resolver::PackageId package);
  // Whether the cluster has it.
  bool HasFact(const std::string& name) const {
    return context_.facts.has_value() && context_.facts->contains(name);
  }
  resolver::CandidateTraits Traits(resolver::PackageId) override {
    return {.has_slots = false};
  }
  absl::StatusOr<std::span<const resolver::Candidate>> Candidates(
      resolver::PackageId package) override;
  absl::StatusOr<const resolver::PackageRelations*> Load(
      const resolver::Node& node) override;

  // Of a package or fact.
  resolver::PackageId IdOf(absl::string_view name);
  absl::StatusOr<const PackageFacts*> FactsOf(resolver::PackageId package);
  // The releases that the admission refuses.
  absl::StatusOr<resolver::RankSet> UntrustedOf(resolver::PackageId package);
  // The releases that may not be chosen because they are not current, for
  // nothing else.
  absl::StatusOr<resolver::RankSet> PastOf(resolver::PackageId package);
  // The alternative of a request that an item means.
  absl::StatusOr<resolver::Alternative> AlternativeOf(const RequestItem& item);
  // As ReleaseAdmission has it.
  int64_t RevisionOf(const ReleaseFacts& release) const;
  // `sha256:` over one line per release (resolver.md §12.2).
  absl::StatusOr<std::string> CatalogDigest(resolver::PackageId package);
  // Whether the admission refused any release that was looked at so far.
  bool has_refused() const { return has_refused_; }

  // What an author wrote, by the place that Link gives. Null for what nobody
  // wrote: the implicit requirements. Requires: the node is loaded.
  const resolver::WrittenRequirement* Written(const resolver::Node& node,
                                              resolver::Rank rank,
                                              const std::string& feature,
                                              uint32_t place) const;
  // The text of that requirement.
  std::string RequirementText(const resolver::Node& node, resolver::Rank rank,
                              const std::string& feature, uint32_t place) const;

  // Why a loaded node has no use for an alternative or a feature of its own,
  // by the name of the alternative's target or of the feature; null if it is
  // not the user's options.
  const Contradiction* AlternativeIsSet(const std::string& node,
                                        const std::string& target) const;
  const Contradiction* FeatureIsSet(const std::string& node,
                                    const std::string& feature) const;

  // Options of a node at a release, for conditions.
  OptionValues OptionsOf(const resolver::Node& node,
                         const ReleaseFacts& release) const;
  std::string TextOf(const resolver::Node& node) const;

 private:
  struct Package {
    std::string name;
    std::shared_ptr<const PackageFacts> facts;
    std::vector<resolver::Candidate> candidates;
    // Those that services run, those that the admission refuses, and PastOf.
    resolver::RankSet running = {};
    resolver::RankSet untrusted = {};
    resolver::RankSet past = {};
    bool is_read = false;
  };
  // A requirement at its place, with the text for what was not written.
  struct Origin {
    const resolver::WrittenRequirement* written = nullptr;
    std::string text;
  };
  struct Loaded {
    resolver::PackageRelations relations;
    // By rank, in the order of the requirements.
    std::vector<std::vector<Origin>> origins;
    std::map<std::string, std::vector<std::vector<Origin>>> feature_origins;
  };
  struct Reader;

  absl::StatusOr<Package*> Read(resolver::PackageId package);
  void ReadFact(Package* package) const;
  // Why it may not be chosen anew; `refused`: by the admission.
  std::string BarredText(const PackageFacts& package, size_t rank,
                         bool* refused) const;
  resolver::RankSet OfRevision(int64_t revision, const PackageFacts& package,
                               const resolver::RankSet& ranks) const;
  bool AllowsPrereleases(const Package& package) const;

  absl::StatusOr<resolver::Target> TargetOf(
      const resolver::WrittenTarget& written,
      std::span<const resolver::WrittenBinding> bind);
  absl::StatusOr<resolver::PackageRanks> RanksOf(
      resolver::PackageId package, const resolver::VersionRange& range,
      std::span<const resolver::WrittenBinding> bind);
  absl::StatusOr<resolver::Target> TargetOfItem(const RequestItem& item);
  absl::Status AddProviders(const resolver::WrittenTarget& written,
                            std::span<const resolver::WrittenBinding> bind,
                            resolver::Target* target);
  resolver::RankSet FactRanks(absl::string_view fact,
                              const resolver::VersionRange& range);
  bool FactHolds(const resolver::WrittenTarget& target);

  const ResolutionContext context_;
  // By PackageId; names are looked at while others come.
  std::deque<Package> packages_;
  absl::flat_hash_map<std::string, resolver::PackageId> ids_;
  absl::flat_hash_map<resolver::Node, std::unique_ptr<Loaded>> loaded_;
  // By node text, then name.
  using Contradictions =
      std::map<std::pair<std::string, std::string>, Contradiction>;
  Contradictions set_alternatives_;
  Contradictions set_features_;
  bool has_refused_ = false;
};

// Whether the release provides the capability at a version in the range, with
// these outputs.
bool Provides(const ReleaseFacts& release, absl::string_view capability,
              const resolver::VersionRange& range,
              std::span<const resolver::WrittenBinding> bind);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_SNAPSHOT_METADATA_H_
