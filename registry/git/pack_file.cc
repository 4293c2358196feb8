#include "registry/git/pack_file.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

#include "registry/git/git_delta.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr uint64_t kPackHeaderBytes = 12;
constexpr uint64_t kTrailerBytes = 20;
constexpr uint64_t kIdBytes = 20;
constexpr uint64_t kWindowBytes = 8192;
// Type and size, then the base: a name at most.
constexpr uint64_t kMaxFrontBytes = 10 + kIdBytes;
// Git makes none longer. A longer one may have no end: an object names its base
// by its own name, too.
constexpr size_t kMaxChain = 4096;
// Of all that must be made for one object, in objects of the largest size.
constexpr uint64_t kMaxMade = 4;
constexpr uint64_t kMaxBasesBytes = uint64_t{16} << 20;

// Such a one is inflated at once.
constexpr uint64_t kSmallEntry = uint64_t{1} << 18;
// Such a one is read whole where its first bytes would do.
constexpr uint64_t kSmallDelta = 16384;

constexpr int kOffsetDelta = 6;
constexpr int kNamedDelta = 7;

absl::Status Malformed() {
  return absl::DataLossError("its place in the pack is malformed");
}

absl::Status ChainTooLong() {
  return absl::DataLossError(
      "it is made from itself, or from too many others in turn");
}

std::optional<ObjectType> TypeOf(int type) {
  switch (type) {
    case 1:
      return ObjectType::kCommit;
    case 2:
      return ObjectType::kTree;
    case 3:
      return ObjectType::kBlob;
    case 4:
      return ObjectType::kTag;
    default:
      return std::nullopt;
  }
}

// Takes the bytes of the front of an entry; 0 behind its end.
class FrontReader {
 public:
  explicit FrontReader(absl::string_view bytes) : bytes_(bytes) {}

  uint8_t Byte() {
    return read_ < bytes_.size() ? static_cast<uint8_t>(bytes_[read_++]) : 0;
  }
  absl::string_view Rest() const { return bytes_.substr(read_); }
  uint64_t read() const { return read_; }

 private:
  absl::string_view bytes_;
  size_t read_ = 0;
};

struct Front {
  int type = 0;
  uint64_t size = 0;
};

Front ReadFront(FrontReader& reader) {
  uint8_t byte = reader.Byte();
  Front front{.type = byte >> 4 & 7, .size = byte & uint64_t{15}};
  for (int shift = 4; (byte & 0x80) != 0 && shift < 60; shift += 7) {
    byte = reader.Byte();
    front.size |= static_cast<uint64_t>(byte & 0x7f) << shift;
  }
  return front;
}

// How far before a delta its base is.
uint64_t ReadDistance(FrontReader& reader) {
  uint8_t byte = reader.Byte();
  uint64_t distance = byte & 0x7f;
  for (int i = 0; (byte & 0x80) != 0 && i < 8; ++i) {
    byte = reader.Byte();
    distance = (distance + 1) << 7 | (byte & 0x7f);
  }
  return distance;
}

}  // namespace

PackFile::PackFile(PackIndex index, std::string path, uint64_t max_bytes)
    : index_(std::move(index)), path_(std::move(path)), max_bytes_(max_bytes) {}

absl::StatusOr<std::unique_ptr<PackFile>> PackFile::Open(
    const std::string& index, uint64_t max_bytes) {
  ORRERY_ASSIGN_OR_RETURN(PackIndex opened, PackIndex::Open(index));
  const std::string path =
      absl::StrCat(absl::StripSuffix(index, ".idx"), ".pack");
  return std::unique_ptr<PackFile>(
      new PackFile(std::move(opened), path, max_bytes));
}

absl::StatusOr<uint64_t> PackFile::Find(const ObjectId& id) {
  ORRERY_ASSIGN_OR_RETURN(const std::optional<uint64_t> offset,
                          index_.Find(id));
  if (!offset.has_value()) return absl::NotFoundError("it is in no pack");
  if (!file_.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(RegularFile file, RegularFile::Open(path_));
    file.set_window(kWindowBytes);
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view front,
                            file.Bytes(0, kPackHeaderBytes));
    if (front.substr(0, 4) != "PACK") {
      return absl::DataLossError(absl::StrCat(path_, " is no pack"));
    }
    file_ = std::move(file);
  }
  return *offset;
}

absl::StatusOr<PackFile::Entry> PackFile::ReadEntry(uint64_t offset) {
  const uint64_t end = file_->size() - std::min(file_->size(), kTrailerBytes);
  if (offset < kPackHeaderBytes || offset >= end) return Malformed();
  const uint64_t size = std::min(kMaxFrontBytes, end - offset);
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view bytes,
                          file_->Bytes(offset, size));
  FrontReader reader(bytes.substr(0, size));
  const Front front = ReadFront(reader);
  Entry entry;
  entry.size = front.size;
  entry.data = offset + reader.read();
  if (front.type == kOffsetDelta) {
    const uint64_t distance = ReadDistance(reader);
    if (distance == 0 || distance > offset) return Malformed();
    entry.base = offset - distance;
    entry.data = offset + reader.read();
    return entry;
  }
  if (front.type == kNamedDelta) {
    const absl::string_view name = reader.Rest();
    if (name.size() < kIdBytes) return Malformed();
    ObjectId id;
    std::copy_n(name.begin(), kIdBytes, id.bytes.begin());
    entry.data += kIdBytes;
    ORRERY_ASSIGN_OR_RETURN(entry.base, index_.Find(id));
    if (!entry.base.has_value()) {
      return absl::DataLossError("what it is made from is not in its pack");
    }
    return entry;
  }
  const std::optional<ObjectType> type = TypeOf(front.type);
  if (!type.has_value()) return Malformed();
  entry.type = *type;
  return entry;
}

absl::StatusOr<uint64_t> PackFile::ResultSize(const Entry& entry) {
  if (!entry.base.has_value()) return entry.size;
  std::array<char, 20> front;
  absl::string_view delta;
  if (entry.size <= std::min(kSmallDelta, max_bytes_)) {
    ORRERY_ASSIGN_OR_RETURN(delta, DeltaOf(entry));
  } else {
    ORRERY_RETURN_IF_ERROR(stream_.Begin(&*file_, entry.data));
    ORRERY_ASSIGN_OR_RETURN(const size_t read,
                            stream_.Read(front.data(), front.size()));
    delta = {front.data(), read};
  }
  ORRERY_ASSIGN_OR_RETURN(const DeltaSizes sizes, ParseDeltaSizes(delta));
  return sizes.result;
}

absl::StatusOr<absl::string_view> PackFile::DeltaOf(const Entry& entry) {
  if (last_delta_data_ != entry.data) {
    last_delta_data_ = 0;
    ORRERY_ASSIGN_OR_RETURN(last_delta_, Inflate(entry));
    last_delta_data_ = entry.data;
  }
  return absl::string_view(last_delta_);
}

absl::StatusOr<std::string> PackFile::Inflate(const Entry& entry) {
  if (entry.size > max_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it takes too much memory: ", entry.size, " bytes"));
  }
  if (entry.size <= kSmallEntry) {
    const uint64_t size =
        std::min(file_->size() - entry.data, Inflater::MostBytes(entry.size));
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view input,
                            file_->Bytes(entry.data, size));
    std::optional<std::string> bytes = inflater_.Inflate(input, entry.size);
    if (bytes.has_value()) return *std::move(bytes);
  }
  // Which also says what is wrong with it.
  ORRERY_RETURN_IF_ERROR(stream_.Begin(&*file_, entry.data));
  return stream_.ReadToEnd("", entry.size);
}

absl::StatusOr<ObjectHeader> PackFile::ReadHeader(const ObjectId& id) {
  ORRERY_ASSIGN_OR_RETURN(const uint64_t offset, Find(id));
  ORRERY_ASSIGN_OR_RETURN(Entry entry, ReadEntry(offset));
  ObjectHeader header;
  ORRERY_ASSIGN_OR_RETURN(header.size, ResultSize(entry));
  for (size_t i = 0; entry.base.has_value(); ++i) {
    if (i == kMaxChain) return ChainTooLong();
    const auto known = bases_.find(*entry.base);
    if (known != bases_.end()) {
      header.type = known->second->type;
      return header;
    }
    ORRERY_ASSIGN_OR_RETURN(entry, ReadEntry(*entry.base));
  }
  header.type = entry.type;
  return header;
}

void PackFile::KeepBase(uint64_t offset,
                        std::shared_ptr<const StoredObject> object) {
  const uint64_t bytes = object->bytes.size();
  if (bytes > kMaxBasesBytes) return;
  if (bases_bytes_ + bytes > kMaxBasesBytes) {
    bases_.clear();
    bases_bytes_ = 0;
  }
  if (bases_.emplace(offset, std::move(object)).second) bases_bytes_ += bytes;
}

absl::StatusOr<StoredObject> PackFile::Read(const ObjectId& id) {
  ORRERY_ASSIGN_OR_RETURN(uint64_t offset, Find(id));
  struct Delta {
    uint64_t offset;
    Entry entry;
  };
  // From the object to the one that is no delta, or is known.
  std::vector<Delta> deltas;
  std::shared_ptr<const StoredObject> base;
  while (base == nullptr) {
    const auto known = bases_.find(offset);
    if (known != bases_.end()) {
      base = known->second;
      break;
    }
    ORRERY_ASSIGN_OR_RETURN(const Entry entry, ReadEntry(offset));
    if (entry.base.has_value()) {
      if (deltas.size() == kMaxChain) return ChainTooLong();
      deltas.push_back({offset, entry});
      offset = *entry.base;
      continue;
    }
    StoredObject object{entry.type, {}};
    ORRERY_ASSIGN_OR_RETURN(object.bytes, Inflate(entry));
    if (deltas.empty()) return object;
    base = std::make_shared<const StoredObject>(std::move(object));
    KeepBase(offset, base);
  }
  if (deltas.empty()) return *base;
  uint64_t made = base->bytes.size();
  while (true) {
    const Delta delta = deltas.back();
    deltas.pop_back();
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view text, DeltaOf(delta.entry));
    StoredObject object{base->type, {}};
    ORRERY_ASSIGN_OR_RETURN(object.bytes,
                            ApplyDelta(base->bytes, text, max_bytes_));
    made += text.size() + object.bytes.size();
    if (made / kMaxMade > max_bytes_) {
      return absl::ResourceExhaustedError(
          "it takes too much memory and time: what it is made from is large");
    }
    if (deltas.empty()) return object;
    base = std::make_shared<const StoredObject>(std::move(object));
    KeepBase(delta.offset, base);
  }
}

}  // namespace orrery::registry
