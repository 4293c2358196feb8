#ifndef REGISTRY_GIT_GIT_ALLOCATOR_H_
#define REGISTRY_GIT_GIT_ALLOCATOR_H_

#include <cstddef>

namespace orrery::registry {

// From now on libgit2 gets no block of more than `max_bytes`: an object says
// nothing about the size of those it is made from, and a pack file of a few
// kilobytes can ask for any amount. What needs more fails as unreadable. Not
// thread-safe; blocks that libgit2 had before stay valid.
void LimitGitAllocations(size_t max_bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_ALLOCATOR_H_
