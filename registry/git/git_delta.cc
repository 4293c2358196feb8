#include "registry/git/git_delta.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::Status Malformed() { return absl::DataLossError("a delta is malformed"); }

// Takes single bytes from the front of a delta.
class DeltaReader {
 public:
  explicit DeltaReader(absl::string_view delta) : rest_(delta) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Byte() {
    if (rest_.empty()) {
      short_ = true;
      return 0;
    }
    const auto byte = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return byte;
  }
  absl::string_view Bytes(size_t size) {
    short_ = short_ || size > rest_.size();
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  // Seven bits a byte, the lowest first, all but the last with the high bit.
  uint64_t Size() {
    uint64_t size = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const uint8_t byte = Byte();
      size |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return size;
    }
    short_ = true;
    return 0;
  }
  // Little-endian; the bits of `present` say which of `count` bytes are there.
  uint64_t Sparse(unsigned present, int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; ++i) {
      if ((present >> i & 1) != 0) {
        value |= static_cast<uint64_t>(Byte()) << (8 * i);
      }
    }
    return value;
  }
  // Whether more was taken than there was.
  bool too_short() const { return short_; }

 private:
  absl::string_view rest_;
  bool short_ = false;
};

absl::StatusOr<DeltaSizes> TakeSizes(DeltaReader& reader) {
  DeltaSizes sizes;
  sizes.base = reader.Size();
  sizes.result = reader.Size();
  if (reader.too_short()) return Malformed();
  return sizes;
}

}  // namespace

absl::StatusOr<DeltaSizes> ParseDeltaSizes(absl::string_view delta) {
  DeltaReader reader(delta);
  return TakeSizes(reader);
}

absl::StatusOr<std::string> ApplyDelta(absl::string_view base,
                                       absl::string_view delta,
                                       uint64_t max_bytes) {
  constexpr unsigned kCopy = 0x80;
  constexpr uint64_t kDefaultCopy = 0x10000;
  DeltaReader reader(delta);
  ORRERY_ASSIGN_OR_RETURN(const DeltaSizes sizes, TakeSizes(reader));
  if (sizes.base != base.size()) return Malformed();
  if (sizes.result > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it has ", sizes.result, " bytes, more than ", max_bytes));
  }
  std::string result;
  result.reserve(sizes.result);
  while (!reader.empty()) {
    const unsigned instruction = reader.Byte();
    absl::string_view piece;
    if ((instruction & kCopy) != 0) {
      const uint64_t offset = reader.Sparse(instruction, 4);
      uint64_t size = reader.Sparse(instruction >> 4 & 7, 3);
      if (size == 0) size = kDefaultCopy;
      if (offset > base.size() || size > base.size() - offset) {
        return Malformed();
      }
      piece = base.substr(offset, size);
    } else {
      // 0 is reserved.
      if (instruction == 0) return Malformed();
      piece = reader.Bytes(instruction);
    }
    if (reader.too_short() || piece.size() > sizes.result - result.size()) {
      return Malformed();
    }
    result.append(piece.data(), piece.size());
  }
  if (result.size() != sizes.result) return Malformed();
  return result;
}

}  // namespace orrery::registry
