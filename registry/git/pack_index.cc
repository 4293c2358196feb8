#include "registry/git/pack_index.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr uint64_t kIdBytes = 20;
constexpr uint64_t kFanoutBytes = 1024;
constexpr uint64_t kTrailerBytes = 2 * kIdBytes;
// Magic and version, which the first version has not.
constexpr uint64_t kHeaderBytes = 8;
constexpr absl::string_view kMagic("\377tOc", 4);
// Smaller ones are held, so that many packs need no descriptors.
constexpr uint64_t kHeldBytes = uint64_t{1} << 20;
constexpr uint64_t kWindowBytes = 4096;

uint64_t BigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

}  // namespace

absl::StatusOr<PackIndex> PackIndex::Open(const std::string& path) {
  ORRERY_ASSIGN_OR_RETURN(RegularFile file, RegularFile::Open(path));
  file.set_window(file.size() <= kHeldBytes ? kHeldBytes : kWindowBytes);
  PackIndex index(std::move(file));
  const absl::Status read = index.ReadFront();
  if (!read.ok()) {
    return absl::DataLossError(
        absl::StrCat(path, " is damaged: ", read.message()));
  }
  return index;
}

absl::StatusOr<uint64_t> PackIndex::Number(uint64_t offset, int bytes) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view text,
                          file_.Bytes(offset, static_cast<uint64_t>(bytes)));
  return BigEndian(text.substr(0, static_cast<size_t>(bytes)));
}

absl::Status PackIndex::ReadFront() {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view front,
                          file_.Bytes(0, kHeaderBytes));
  first_version_ = front.substr(0, kMagic.size()) != kMagic;
  const uint64_t version = BigEndian(front.substr(kMagic.size(), 4));
  if (!first_version_ && version != 2) {
    return absl::DataLossError(absl::StrCat("it has version ", version));
  }
  const uint64_t start = first_version_ ? 0 : kHeaderBytes;
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view fanout,
                          file_.Bytes(start, kFanoutBytes));
  for (size_t i = 0; i < fanout_.size(); ++i) {
    fanout_[i] = static_cast<uint32_t>(BigEndian(fanout.substr(4 * i, 4)));
    if (i > 0 && fanout_[i] < fanout_[i - 1]) {
      return absl::DataLossError("its counts go down");
    }
  }
  // Name, offset and, in the second version, a checksum.
  const uint64_t entry_bytes = first_version_ ? 24 : 28;
  if (file_.size() <
      start + kFanoutBytes + fanout_.back() * entry_bytes + kTrailerBytes) {
    return absl::DataLossError("it is too short");
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> PackIndex::OffsetOf(uint64_t entry) {
  if (first_version_) return Number(kFanoutBytes + 24 * entry, 4);
  constexpr uint64_t kFar = uint64_t{1} << 31;
  const uint64_t count = fanout_.back();
  const uint64_t names = kHeaderBytes + kFanoutBytes;
  ORRERY_ASSIGN_OR_RETURN(const uint64_t offset,
                          Number(names + 24 * count + 4 * entry, 4));
  if (offset < kFar) return offset;
  return Number(names + 28 * count + 8 * (offset - kFar), 8);
}

absl::StatusOr<std::optional<uint64_t>> PackIndex::Find(const ObjectId& id) {
  const absl::string_view wanted(reinterpret_cast<const char*>(id.bytes.data()),
                                 kIdBytes);
  const uint64_t names = first_version_ ? kFanoutBytes + 4  // behind an offset
                                        : kHeaderBytes + kFanoutBytes;
  const uint64_t stride = first_version_ ? 24 : kIdBytes;
  uint64_t begin = id.bytes[0] == 0 ? 0 : fanout_[id.bytes[0] - 1];
  uint64_t end = fanout_[id.bytes[0]];
  while (begin < end) {
    const uint64_t middle = begin + (end - begin) / 2;
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view text,
                            file_.Bytes(names + stride * middle, kIdBytes));
    const int order = text.substr(0, kIdBytes).compare(wanted);
    if (order == 0) {
      ORRERY_ASSIGN_OR_RETURN(const uint64_t offset, OffsetOf(middle));
      return offset;
    }
    if (order < 0) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return std::nullopt;
}

}  // namespace orrery::registry
