#include "catalog/verify/logged_release.h"

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/package_document.h"
#include "registry/format/release_files.h"

namespace orrery::catalog {
namespace {

bool IsHidden(const std::vector<VerifiedFile>& files) {
  const std::string* bytes = FindFile(files, registry::kPackageFile);
  if (bytes == nullptr) return false;
  const absl::StatusOr<registry::JsonDocument> json =
      registry::ParseJson(*bytes);
  return json.ok() &&
         registry::ParsePackageDocument(json->root).document.hidden();
}

}  // namespace

std::shared_ptr<registry::Release> ReleaseOf(
    absl::string_view package, absl::string_view source,
    const signing::RevisionContent& content,
    const std::vector<VerifiedFile>& files) {
  auto release = std::make_shared<registry::Release>();
  release->name = std::string(package);
  release->release = content.release;
  release->version = content.version;
  release->source = std::string(source);
  release->directory = absl::StrCat(package, "/", content.release);
  release->hidden = IsHidden(files);
  for (const signing::ContentFile& file : content.files) {
    release->files.push_back({.name = file.path,
                              .size = static_cast<uint64_t>(file.bytes),
                              .digest = file.digest});
  }
  return release;
}

}  // namespace orrery::catalog
