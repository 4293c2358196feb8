#ifndef CATALOG_RESOLUTION_REQUEST_ITEM_H_
#define CATALOG_RESOLUTION_REQUEST_ITEM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/version_range.h"

namespace orrery::catalog {

// What somebody asks for (resolver.md §8.1): `kafka`, `kafka@>=2.0`,
// `kafka@prod`, `kafka@prod@>=2.0`, `hdfs[kerberos]@^2`, `cap:sql`.
struct RequestItem {
  // Of the package or the capability.
  std::string name;
  bool is_capability = false;
  // Service id; empty means the package's own name.
  std::string instance;
  std::vector<std::string> features;
  resolver::VersionRange versions;
  // Of `release=N#R`; nothing: the current one.
  std::optional<uint32_t> revision = {};

  // `kafka@prod`.
  std::string NodeText() const;
  // `^2`, `release=7#1`; `*` for any.
  std::string RangeText() const;
  // `hdfs@prod[kerberos] ^2`: as messages and locks show it.
  std::string Text() const;
};

// Reads the range of an item: one of versions (resolver.md §3), or a revision
// of a release, `release=7#1`. kInvalidArgument says what cannot be read.
absl::Status ParseItemRange(absl::string_view text, RequestItem* item);

// kInvalidArgument says what cannot be read.
absl::StatusOr<RequestItem> ParseRequestItem(absl::string_view text);

// `kafka` or `kafka@prod`.
std::string NodeText(absl::string_view package, absl::string_view instance);

// The same from text, as package and instance; the instance is empty when it is
// the package's name. kInvalidArgument.
struct NodeName {
  std::string package;
  std::string instance;
};
absl::StatusOr<NodeName> ParseNodeName(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_REQUEST_ITEM_H_
