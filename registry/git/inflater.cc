#include "registry/git/inflater.h"

#include <libdeflate.h>
#include <zlib.h>

namespace orrery::registry {

void Inflater::Deleter::operator()(
    libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

Inflater::Inflater() : decompressor_(libdeflate_alloc_decompressor()) {}

uint64_t Inflater::MostBytes(uint64_t size) { return compressBound(size); }

std::optional<std::string> Inflater::Inflate(absl::string_view input,
                                             uint64_t size) {
  if (decompressor_ == nullptr) return std::nullopt;
  std::string bytes(size, '\0');
  size_t read = 0;
  // Without a place for what was written, other sizes are failures.
  if (libdeflate_zlib_decompress_ex(decompressor_.get(), input.data(),
                                    input.size(), bytes.data(), bytes.size(),
                                    &read, nullptr) != LIBDEFLATE_SUCCESS) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace orrery::registry
