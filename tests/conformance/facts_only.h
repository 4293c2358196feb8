// A problem of which nothing is left but some facts.

#ifndef TESTS_CONFORMANCE_FACTS_ONLY_H_
#define TESTS_CONFORMANCE_FACTS_ONLY_H_

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/fact.h"
#include "resolver/metadata_source.h"
#include "resolver/relations.h"
#include "resolver/request.h"

namespace orrery::tests {

// Says of `base` only what the facts say. Packages have one instance.
class FactsOnly : public resolver::MetadataSource {
 public:
  // All must outlive this.
  FactsOnly(std::span<const resolver::Fact> facts,
            const resolver::Request& request, resolver::MetadataSource* base);

  // What is left of the request.
  const resolver::Request& request() const { return request_; }

  absl::string_view Name(resolver::PackageId package) override {
    return base_.Name(package);
  }
  absl::StatusOr<std::span<const resolver::Candidate>> Candidates(
      resolver::PackageId package) override;
  absl::StatusOr<const resolver::PackageRelations*> Load(
      const resolver::Node& node) override;

 private:
  const resolver::Fact* Find(resolver::Fact::Kind kind,
                             absl::string_view subject,
                             absl::string_view targets) const;
  void ReduceRequest(const resolver::Request& whole);
  resolver::RequirementTable Reduced(const resolver::RequirementTable& table,
                                     absl::string_view subject) const;
  resolver::PackageRelations Reduced(const resolver::PackageRelations& whole,
                                     absl::string_view name) const;

  std::span<const resolver::Fact> facts_;
  resolver::MetadataSource& base_;
  resolver::Request request_;
  std::map<resolver::PackageId, std::vector<resolver::Candidate>> candidates_;
  std::map<resolver::PackageId, std::unique_ptr<resolver::PackageRelations>>
      relations_;
};

}  // namespace orrery::tests

#endif  // TESTS_CONFORMANCE_FACTS_ONLY_H_
