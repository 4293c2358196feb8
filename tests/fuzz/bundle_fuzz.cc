// Any bytes as a bundle: what is taken is what its list says, and its members
// are where they are said to be.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/bundle/bundle_archive.h"
#include "catalog/verify/bundle/bundle_manifest.h"
#include "catalog/verify/mirror_path.h"
#include "signing/digest.h"

namespace {

namespace catalog = orrery::catalog;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto part = [&](int64_t offset, int64_t count) {
    Require(offset >= 0 && count >= 0 &&
            offset + count <= static_cast<int64_t>(bytes.size()));
    return bytes.substr(static_cast<size_t>(offset),
                        static_cast<size_t>(count));
  };
  const auto files = catalog::ReadBundleArchive(
      static_cast<int64_t>(size),
      [&](int64_t offset, int64_t count) -> absl::StatusOr<std::string> {
        return std::string(part(offset, count));
      },
      {});
  if (files.ok()) {
    for (const catalog::ArchivedFile& file : *files) {
      Require(catalog::ParseMirrorPath(file.member.path).ok());
      Require(orrery::signing::Digest::Of(part(file.offset, file.bytes)) ==
              file.member.digest);
    }
  }
  const auto members = catalog::ParseBundleManifest(bytes);
  if (members.ok()) {
    Require(catalog::FormatBundleManifest(*members) == bytes);
  }
  return 0;
}
