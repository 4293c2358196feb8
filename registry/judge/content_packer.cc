#include "registry/judge/content_packer.h"

#include <zstd.h>

#include "absl/status/status.h"

namespace orrery::registry {
namespace {

// The index is made while somebody waits, and git keeps the bytes as well.
constexpr int kLevel = 1;

}  // namespace

ContentPacker::ContentPacker() : context_(ZSTD_createCCtx()) {}

void ContentPacker::Deleter::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

std::string ContentPacker::Pack(absl::string_view bytes) {
  const size_t bound = ZSTD_compressBound(bytes.size());
  if (room_.size() < bound) room_.resize(bound);
  const size_t size =
      ZSTD_compressCCtx(context_.get(), room_.data(), room_.size(),
                        bytes.data(), bytes.size(), kLevel);
  return room_.substr(0, size);
}

absl::StatusOr<std::string> UnpackContent(absl::string_view packed,
                                          uint64_t size) {
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != size) {
    return absl::DataLossError("stored content does not have its size");
  }
  std::string bytes(size, '\0');
  const size_t got =
      ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) || got != size) {
    return absl::DataLossError("stored content cannot be unpacked");
  }
  return bytes;
}

}  // namespace orrery::registry
