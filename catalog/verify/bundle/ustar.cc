#include "catalog/verify/bundle/ustar.h"

#include <algorithm>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace orrery::catalog {
namespace {

struct Field {
  size_t offset;
  size_t size;
};
constexpr Field kName{0, kMaxUstarPath};
constexpr Field kMode{100, 8};
constexpr Field kUid{108, 8};
constexpr Field kGid{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kChecksum{148, 8};
constexpr Field kType{156, 1};
constexpr Field kLinkName{157, 100};
constexpr Field kMagic{257, 8};
constexpr Field kPrefix{345, 155};

constexpr absl::string_view kMagicBytes("ustar\00000", 8);

absl::string_view Read(absl::string_view block, const Field& field) {
  return block.substr(field.offset, field.size);
}

void Write(const Field& field, absl::string_view bytes, std::string& block) {
  block.replace(field.offset, bytes.size(), bytes.data(), bytes.size());
}

bool IsZero(absl::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char byte) { return byte == '\0'; });
}

// Of all bytes, with spaces for the sum itself.
uint32_t Checksum(absl::string_view block) {
  uint32_t sum = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    const bool is_of_sum =
        i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    sum += is_of_sum ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

// Octal digits, then a NUL or a space, and no more digits.
std::optional<int64_t> ReadOctal(absl::string_view field) {
  int64_t value = 0;
  size_t i = 0;
  for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i) {
    value = value * 8 + (field[i] - '0');
  }
  if (i == 0 || i == field.size()) return std::nullopt;
  const absl::string_view rest = field.substr(i);
  if (rest.find_first_not_of(absl::string_view("\0 ", 2)) !=
      absl::string_view::npos) {
    return std::nullopt;
  }
  return value;
}

absl::Status Bad(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

}  // namespace

std::string FormatUstarHeader(const UstarMember& member) {
  std::string block(kUstarBlock, '\0');
  Write(kName, member.path, block);
  Write(kMode, "0000644", block);
  Write(kUid, "0000000", block);
  Write(kGid, "0000000", block);
  Write(kSize, absl::StrFormat("%011o", member.bytes), block);
  Write(kTime, "00000000000", block);
  Write(kType, "0", block);
  Write(kMagic, kMagicBytes, block);
  Write(kChecksum,
        absl::StrCat(absl::StrFormat("%06o", Checksum(block)),
                     absl::string_view("\0 ", 2)),
        block);
  return block;
}

absl::StatusOr<std::optional<UstarMember>> ParseUstarHeader(
    absl::string_view block) {
  if (IsZero(block)) return std::optional<UstarMember>();
  if (Read(block, kMagic) != kMagicBytes) return Bad("is no ustar header");
  if (ReadOctal(Read(block, kChecksum)) != Checksum(block)) {
    return Bad("has a wrong checksum");
  }
  if (Read(block, kType) != "0") return Bad("is no regular file");
  if (!IsZero(Read(block, kLinkName))) return Bad("links to another");
  if (!IsZero(Read(block, kPrefix))) return Bad("has too long a name");
  const absl::string_view name = Read(block, kName);
  const size_t end = std::min(name.find('\0'), name.size());
  if (!IsZero(name.substr(end))) return Bad("has a NUL in its name");
  const std::optional<int64_t> bytes = ReadOctal(Read(block, kSize));
  if (!bytes.has_value()) return Bad("has no size");
  return std::optional<UstarMember>(
      UstarMember{std::string(name.substr(0, end)), *bytes});
}

}  // namespace orrery::catalog
