// Any bytes as the path of a tile, and as a bundle of entries whose number is
// the first byte: what is taken is what would be written.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

#include "signing/log/entry_bundle.h"
#include "signing/log/tile.h"

namespace {

namespace signing = orrery::signing;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto id = signing::ParseTilePath(bytes);
  if (id.ok()) Require(signing::FormatTilePath(*id) == bytes);
  const absl::string_view bundle = bytes.substr(1);
  const auto entries = signing::SplitEntries(bundle, data[0] + 1);
  if (!entries.ok()) return 0;
  Require(entries->size() == data[0] + size_t{1});
  std::string written;
  for (const absl::string_view entry : *entries) {
    signing::AppendEntry(entry, written);
  }
  Require(written == bundle);
  return 0;
}
