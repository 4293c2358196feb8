// The lock file (resolver.md §12): an answer that can be had again.

#ifndef CATALOG_RESOLUTION_LOCK_FILE_H_
#define CATALOG_RESOLUTION_LOCK_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

struct ResolveQuery;
struct Resolution;

struct LockedNode {
  std::string node;
  std::string package;
  // Service id.
  std::string instance;
  std::string source;
  int64_t release = 0;
  int64_t revision = 0;
  std::string version;
  // `h1:…`.
  std::string tree;
  // `sha256:…` of the relations.json in force, or `none`.
  std::string relations;
  std::vector<std::string> features;
  // `request:0`, `installed`, or the nodes that need it.
  std::vector<std::string> why = {};

  bool operator==(const LockedNode&) const = default;
};

struct Lock {
  // Digest of the request that it answers, and what that asks for.
  std::string request;
  std::vector<std::string> items = {};
  std::vector<LockedNode> nodes;
};

// `sha256:…` over what was asked for. `hold` has the nodes that are held, each
// as `node=release`.
std::string RequestDigest(const ResolveQuery& query,
                          std::vector<std::string> hold);

// The text of the lock of a solved answer: the same for the same request, facts
// and answer. Not optimal ones say so.
std::string WriteLock(const ResolveQuery& query, const Resolution& resolution);
// The same if the query wants it of such an answer, else empty.
std::string LockOf(const ResolveQuery& query, const Resolution& resolution);

// The text of its member `nodes` alone.
std::string LockNodes(const Resolution& resolution);

// kInvalidArgument when `text` is no lock of this format.
absl::StatusOr<Lock> ParseLock(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_LOCK_FILE_H_
