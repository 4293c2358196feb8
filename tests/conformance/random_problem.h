// Small resolver problems of every kind, made from a number.

#ifndef TESTS_CONFORMANCE_RANDOM_PROBLEM_H_
#define TESTS_CONFORMANCE_RANDOM_PROBLEM_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/metadata_source.h"
#include "resolver/relations.h"
#include "resolver/request.h"

namespace orrery::tests {

// Up to 7 packages of up to 4 releases with requirements, alternatives,
// conditions, conflicts, bounds, claims and at most one feature, `f`; and a
// request with installed, locked, preferred and updated ones. The last package
// may be a fact.
class RandomProblem : public resolver::MetadataSource {
 public:
  static constexpr uint32_t kMostPackages = 7;
  static constexpr uint32_t kMostReleases = 4;

  // The same problem for the same seed, everywhere.
  explicit RandomProblem(uint32_t seed);

  absl::string_view Name(resolver::PackageId package) override {
    return names_[static_cast<size_t>(package)];
  }
  absl::StatusOr<std::span<const resolver::Candidate>> Candidates(
      resolver::PackageId package) override {
    return std::span<const resolver::Candidate>(
        candidates_[static_cast<size_t>(package)]);
  }
  absl::StatusOr<const resolver::PackageRelations*> Load(
      const resolver::Node& node) override {
    return &relations_[static_cast<size_t>(node.package)];
  }

  const resolver::Request& request() const { return request_; }
  // Whether what runs has features that stay on, or is inside where others are
  // not.
  bool is_of_running() const { return is_of_running_; }
  size_t size() const { return names_.size(); }
  const std::vector<resolver::Candidate>& candidates(size_t package) const {
    return candidates_[package];
  }
  const resolver::PackageRelations& relations(size_t package) const {
    return relations_[package];
  }

 private:
  // 0 to `bound` - 1.
  uint32_t Draw(uint32_t bound);
  bool Chance(uint32_t percent) { return Draw(100) < percent; }
  resolver::Rank DrawRank(size_t package);
  // Of packages, not of the fact.
  resolver::Target DrawTarget();
  resolver::PackageRanks DrawRanks(uint32_t package);
  resolver::Alternative DrawAlternative();
  resolver::Requirement DrawRequirement();
  // With alternatives on the fact.
  resolver::Requirement DrawNeed();
  void AddRelations(size_t package);
  void AddRequest();
  resolver::InstalledNode DrawInstalled(const resolver::Node& node);
  void AddFact();

  // How many packages are no fact.
  uint32_t packages() const {
    return static_cast<uint32_t>(size()) - (has_fact_ ? 1 : 0);
  }

  uint64_t state_ = 0;
  bool has_fact_ = false;
  bool is_of_running_ = false;
  std::vector<std::string> names_;
  std::vector<std::vector<resolver::Candidate>> candidates_;
  std::vector<resolver::PackageRelations> relations_;
  resolver::Request request_;
};

}  // namespace orrery::tests

#endif  // TESTS_CONFORMANCE_RANDOM_PROBLEM_H_
