// The files of a bare clone that only this process and its git children touch.

#ifndef REGISTRY_GIT_CLONE_DIRECTORY_H_
#define REGISTRY_GIT_CLONE_DIRECTORY_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace orrery::registry {

// Whether `path` has all that git takes for a repository. What has not is
// better made anew than repaired.
bool IsClone(const std::string& path);

// Removes what a killed git leaves behind (locks, half-written packs), refs
// that hold no object name, and refs that are not among `followed`, which are
// full names. Requires: no git is at work in it.
void TidyClone(const std::string& path, const std::set<std::string>& followed);

struct PackUsage {
  int packs = 0;
  uint64_t bytes = 0;
};
PackUsage UsageOf(const std::string& clone);

// What was noted of the clone, also by an earlier process: the bytes of its
// packs when nothing in them was superfluous.
std::optional<uint64_t> NotedBytes(const std::string& clone);
void NoteBytes(const std::string& clone, uint64_t bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_CLONE_DIRECTORY_H_
