// Objects that have a file of their own. libgit2 1.5 believes the size such a
// file states and writes past its buffer when more follows, so these files are
// read here.

#ifndef REGISTRY_LOOSE_OBJECTS_H_
#define REGISTRY_LOOSE_OBJECTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git_object.h"

struct git_odb_backend;

namespace orrery::registry {

enum class ObjectType : uint8_t { kCommit, kTree, kBlob, kTag };

struct LooseHeader {
  ObjectType type = ObjectType::kBlob;
  uint64_t size = 0;
};

struct LooseObject {
  LooseHeader header;
  std::string bytes;
};

// In `directory`, the `objects` folder of a repository. kNotFound when the
// object has no file; kDataLoss when the file is damaged or lies;
// kResourceExhausted when the object has more than `max_bytes`. Memory and time
// are bounded by what is asked for, whatever the file holds.
absl::StatusOr<LooseHeader> ReadLooseHeader(const std::string& directory,
                                            const ObjectId& id);
absl::StatusOr<LooseObject> ReadLooseObject(const std::string& directory,
                                            const ObjectId& id,
                                            uint64_t max_bytes);

// The same for an object database of libgit2, which owns the result.
git_odb_backend* NewLooseBackend(const std::string& directory,
                                 uint64_t max_bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_LOOSE_OBJECTS_H_
