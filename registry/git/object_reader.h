#ifndef REGISTRY_GIT_OBJECT_READER_H_
#define REGISTRY_GIT_OBJECT_READER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

#include "registry/git/git_object.h"

namespace orrery::registry {

enum class ObjectType : uint8_t { kCommit, kTree, kBlob, kTag };

struct ObjectHeader {
  ObjectType type = ObjectType::kBlob;
  uint64_t size = 0;
};

struct StoredObject {
  ObjectType type = ObjectType::kBlob;
  std::string bytes;
};

// One of the ways in which a folder `objects` holds objects. What is asked for
// bounds memory and time, whatever the files hold. kNotFound when an object is
// not there; kDataLoss when a file is damaged or lies; kResourceExhausted when
// the object, or one it is made from, is larger than the reader allows. Not
// thread-safe.
class ObjectReader {
 public:
  ObjectReader() = default;
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;
  virtual ~ObjectReader() = default;

  virtual absl::StatusOr<ObjectHeader> ReadHeader(const ObjectId& id) = 0;
  virtual absl::StatusOr<StoredObject> Read(const ObjectId& id) = 0;
  // Looks for what was added meanwhile.
  virtual void Refresh() {}
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_OBJECT_READER_H_
