#ifndef REGISTRY_GIT_ODB_BACKEND_H_
#define REGISTRY_GIT_ODB_BACKEND_H_

#include <memory>

#include "registry/git/object_reader.h"

struct git_odb_backend;

namespace orrery::registry {

// For an object database of libgit2, which owns the result.
git_odb_backend* NewOdbBackend(std::unique_ptr<ObjectReader> reader);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_ODB_BACKEND_H_
