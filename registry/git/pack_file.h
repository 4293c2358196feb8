#ifndef REGISTRY_GIT_PACK_FILE_H_
#define REGISTRY_GIT_PACK_FILE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/inflate_stream.h"
#include "registry/git/inflater.h"
#include "registry/git/object_reader.h"
#include "registry/git/pack_index.h"
#include "registry/git/regular_file.h"

namespace orrery::registry {

// One pack with its index (gitformat-pack(5)), which anybody may have made.
// Not thread-safe.
class PackFile {
 public:
  // `index` is the file `.idx`; the pack beside it is opened when it is needed.
  // An object that has more than `max_bytes`, or is made from such a one, is
  // not put together.
  static absl::StatusOr<std::unique_ptr<PackFile>> Open(
      const std::string& index, uint64_t max_bytes);

  // As ObjectReader.
  absl::StatusOr<ObjectHeader> ReadHeader(const ObjectId& id);
  absl::StatusOr<StoredObject> Read(const ObjectId& id);

 private:
  // An object as it stands in the pack.
  struct Entry {
    // Of the object, unless it is a delta.
    ObjectType type = ObjectType::kBlob;
    // Of the bytes that stand here: the object's, or the delta's.
    uint64_t size = 0;
    // Where they begin.
    uint64_t data = 0;
    // Where the object is that this one is made from.
    std::optional<uint64_t> base;
  };

  PackFile(PackIndex index, std::string path, uint64_t max_bytes);
  // Where an object is; kNotFound.
  absl::StatusOr<uint64_t> Find(const ObjectId& id);
  absl::StatusOr<Entry> ReadEntry(uint64_t offset);
  absl::StatusOr<uint64_t> ResultSize(const Entry& entry);
  absl::StatusOr<std::string> Inflate(const Entry& entry);
  // Of an entry that is a delta; valid until the next call.
  absl::StatusOr<absl::string_view> DeltaOf(const Entry& entry);
  void KeepBase(uint64_t offset, std::shared_ptr<const StoredObject> object);

  PackIndex index_;
  const std::string path_;
  const uint64_t max_bytes_;
  std::optional<RegularFile> file_;
  InflateStream stream_;
  Inflater inflater_;
  // Who asks for a header mostly asks for the object next.
  std::string last_delta_;
  uint64_t last_delta_data_ = 0;
  // What others are made from, by its place.
  std::map<uint64_t, std::shared_ptr<const StoredObject>> bases_;
  uint64_t bases_bytes_ = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_PACK_FILE_H_
