// Resolver problems in the form of `rcase/1` (resolver.md §15).

#ifndef TESTS_TESTING_CASE_UNIVERSE_H_
#define TESTS_TESTING_CASE_UNIVERSE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "resolver/metadata_source.h"
#include "resolver/relations.h"
#include "resolver/request.h"

namespace orrery::tests {

// The packages of a case. Names are any text; packages that are only named get
// a number too.
class CaseUniverse : public resolver::MetadataSource {
 public:
  // `packages` is the member of that name of a case or a `runiverse/1`.
  explicit CaseUniverse(const registry::JsonValue& packages);

  absl::string_view Name(resolver::PackageId package) override {
    return names_[static_cast<size_t>(package)];
  }
  absl::StatusOr<std::span<const resolver::Candidate>> Candidates(
      resolver::PackageId package) override;
  resolver::CandidateTraits Traits(resolver::PackageId package) override {
    return traits_[static_cast<size_t>(package)];
  }
  absl::StatusOr<const resolver::PackageRelations*> Load(
      const resolver::Node& node) override;

  resolver::PackageId IdOf(absl::string_view name);
  // Of the version in the list of the package; it must be there.
  resolver::Rank RankOf(absl::string_view name, absl::string_view version);
  resolver::Request ReadRequest(const registry::JsonValue& request);

  // What a request in the words of this universe can reach, as a universe of
  // its own with other numbers.
  CaseUniverse Part(const resolver::Request& request) const;

  // Names of the packages that were loaded, in order.
  std::vector<std::string> Loaded() const;
  void ForgetLoaded() { loaded_.clear(); }

  // All packages, by number.
  size_t size() const { return names_.size(); }

 private:
  class PartMaker;

  CaseUniverse() = default;
  resolver::Alternative ReadAlternative(const registry::JsonValue& alternative);
  resolver::Requirement ReadRequirement(const registry::JsonValue& dependency);
  std::vector<resolver::Requirement> ReadRequirements(
      const registry::JsonValue* list);
  void ReadVersion(const registry::JsonValue& version, resolver::Rank rank,
                   resolver::PackageRelations* relations);
  void ReadFeatures(const registry::JsonValue& features, resolver::Rank rank,
                    resolver::PackageRelations* relations);
  std::vector<resolver::NodeRelease> ReadReleases(
      const registry::JsonValue* object);

  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, resolver::PackageId> ids_;
  std::vector<std::vector<resolver::Candidate>> candidates_;
  std::vector<resolver::PackageRelations> relations_;
  std::vector<resolver::CandidateTraits> traits_;
  std::vector<resolver::PackageId> loaded_;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_CASE_UNIVERSE_H_
