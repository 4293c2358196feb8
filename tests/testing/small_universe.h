// A few packages for tests of the resolver.

#ifndef TESTS_TESTING_SMALL_UNIVERSE_H_
#define TESTS_TESTING_SMALL_UNIVERSE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"
#include "resolver/relations.h"

namespace orrery::tests {

// A universe written line by line. Releases of a package are 1, 2, ….
class SmallUniverse : public resolver::MetadataSource {
 public:
  resolver::PackageId Package(const std::string& name, uint32_t releases) {
    std::vector<std::string> labels;
    for (uint32_t i = 1; i <= releases; ++i) labels.push_back(absl::StrCat(i));
    return Package(name, labels);
  }
  resolver::PackageId Package(const std::string& name,
                              const std::vector<std::string>& labels) {
    const auto id = static_cast<resolver::PackageId>(names_.size());
    names_.push_back(name);
    candidates_.emplace_back();
    for (const std::string& label : labels) {
      candidates_.back().push_back({label});
    }
    relations_.emplace_back();
    return id;
  }

  // Releases `first` to `last`, counted from 1.
  static resolver::Alternative Of(resolver::PackageId package,
                                  resolver::Rank first, resolver::Rank last) {
    resolver::Alternative alternative;
    alternative.target.members = {{package, {{first - 1, last - 1}}}};
    return alternative;
  }

  void Needs(resolver::PackageId package, resolver::Rank release,
             std::vector<resolver::Alternative> any_of) {
    At(package).requirements.Add(release - 1, {std::move(any_of)});
  }
  resolver::PackageRelations& At(resolver::PackageId package) {
    return relations_[static_cast<size_t>(package)];
  }
  resolver::Candidate& CandidateAt(resolver::PackageId package,
                                   resolver::Rank release) {
    return candidates_[static_cast<size_t>(package)][release - 1];
  }

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
    const std::string& name = names_[static_cast<size_t>(node.package)];
    if (name == broken) return absl::UnavailableError("the disk is gone");
    loaded.push_back(name);
    return &relations_[static_cast<size_t>(node.package)];
  }

  std::vector<std::string> loaded;
  std::string broken;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<resolver::Candidate>> candidates_;
  std::vector<resolver::PackageRelations> relations_;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_SMALL_UNIVERSE_H_
