#ifndef REGISTRY_GIT_PACK_OBJECTS_H_
#define REGISTRY_GIT_PACK_OBJECTS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "registry/git/object_reader.h"

namespace orrery::registry {

// Objects in the packs of `directory`, the `objects` folder of a repository.
// libgit2 1.5 follows an object that is made from itself for ever, and maps
// packs into memory, so that one which is cut short while it is read ends the
// process.
std::unique_ptr<ObjectReader> NewPackObjects(const std::string& directory,
                                             uint64_t max_bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_PACK_OBJECTS_H_
