#ifndef CATALOG_VERIFY_BUNDLE_RELEASE_NEEDS_H_
#define CATALOG_VERIFY_BUNDLE_RELEASE_NEEDS_H_

#include <string>
#include <vector>

#include "catalog/verify/verified_release.h"
#include "resolver/written_relations.h"

namespace orrery::catalog {

// What a release asks of others and offers them, by its files.
struct ReleaseNeeds {
  // Those of the release, and that of its manager (resolver.md §1.5); not those
  // of features.
  std::vector<resolver::WrittenRequirement> requirements;
  std::vector<std::string> capabilities;
};

ReleaseNeeds ReadNeeds(const VerifiedRelease& release);

// A release among others, with what it says.
struct NeedingRelease {
  std::string package;
  int64_t release = 0;
  std::string version;
  ReleaseNeeds needs;
};

// Whether one of `releases` can meet the requirement. One that has a condition,
// or that a cluster may meet by what it has, is taken for met.
bool IsMet(const resolver::WrittenRequirement& requirement,
           const std::vector<NeedingRelease>& releases);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_RELEASE_NEEDS_H_
