#ifndef REGISTRY_JUDGE_TREE_HASH_H_
#define REGISTRY_JUDGE_TREE_HASH_H_

#include <string>

#include "registry/judge/release.h"

namespace orrery::registry {

// The identity of the content of a release: `h1:` and the base64 of a SHA-256
// over the names and digests of its files (trust.md §3). Requires: the release
// is served, so that all its files have digests.
std::string TreeHash(const Release& release);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_TREE_HASH_H_
