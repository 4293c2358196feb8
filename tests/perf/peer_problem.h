// A resolver problem as the program in tests/perf/peers reads it.

#ifndef TESTS_PERF_PEER_PROBLEM_H_
#define TESTS_PERF_PEER_PROBLEM_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "resolver/answer.h"
#include "resolver/metadata_source.h"
#include "resolver/relations.h"
#include "resolver/request.h"

namespace orrery::tests {

// The slots of a package are packages of their own there. What the request cuts
// cannot be chosen, and what must be kept is asked for.
class PeerProblem {
 public:
  // `packages`: how many the source has. Nothing if the problem cannot be
  // expressed: conditions, features, claims, instances.
  static std::optional<PeerProblem> Make(const resolver::Request& request,
                                         resolver::MetadataSource* source,
                                         size_t packages);

  // Numbers with spaces between (tests/perf/peers/src/problem.rs).
  const std::string& text() const { return text_; }

  // Of an answer: numbers of package and version, by turns.
  std::vector<resolver::ChosenRelease> Chosen(absl::string_view numbers) const;

 private:
  struct Version {
    size_t package = 0;
    size_t version = 0;
  };

  PeerProblem() = default;
  // False if it cannot be expressed.
  bool Build(const resolver::Request& request, resolver::MetadataSource* source,
             size_t packages);
  // All packages have to be added before anything is written.
  void AddReleases(resolver::PackageId package,
                   resolver::MetadataSource* source);
  bool Write(const std::vector<resolver::Requirement>& requirements);
  bool WriteRelease(resolver::PackageId package, resolver::Rank rank,
                    const resolver::Request& request,
                    resolver::MetadataSource* source);
  // All releases of `ranks`, one target a slot.
  std::vector<std::string> Targets(const resolver::PackageRanks& member) const;
  void Put(size_t number);

  std::string text_;
  // They are packages there, with one version that can be chosen.
  std::vector<resolver::PackageId> facts_;
  // Of each package, what its releases are there.
  std::vector<std::vector<Version>> versions_;
  std::vector<std::vector<resolver::NodeRelease>> releases_;
};

}  // namespace orrery::tests

#endif  // TESTS_PERF_PEER_PROBLEM_H_
