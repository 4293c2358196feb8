#ifndef REGISTRY_GIT_LOOSE_OBJECTS_H_
#define REGISTRY_GIT_LOOSE_OBJECTS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "registry/git/object_reader.h"

namespace orrery::registry {

// Objects that have a file of their own in `directory`, the `objects` folder of
// a repository.
std::unique_ptr<ObjectReader> NewLooseObjects(const std::string& directory,
                                              uint64_t max_bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_LOOSE_OBJECTS_H_
