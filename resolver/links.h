// Which services an answer binds to which.

#ifndef RESOLVER_LINKS_H_
#define RESOLVER_LINKS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "resolver/answer.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::resolver {

// A requirement of the request or of a chosen release, the alternative that
// counts for it, and the node that meets it.
struct Link {
  // Nothing: the request.
  std::optional<Node> consumer;
  // The feature of the consumer that requires it; empty for the release.
  std::string feature;
  // Place among the items of the request, or, as written, among the
  // requirements of the release or feature.
  uint32_t requirement = 0;
  uint32_t alternative = 0;
  // May be a fact.
  Node provider;

  bool operator==(const Link&) const = default;
};

// One for each requirement that applies: the alternative recorded for an
// installed consumer if it still holds, else the first one that holds; inside a
// capability the first node in the order of the candidates (resolver.md §9.3).
// The request's first, then by node as chosen. Requires: `chosen` is a solution
// of `request`. Errors are the first one of the source.
absl::StatusOr<std::vector<Link>> LinksOf(const Request& request,
                                          std::span<const ChosenRelease> chosen,
                                          MetadataSource& source);

}  // namespace orrery::resolver

#endif  // RESOLVER_LINKS_H_
