// Entries and contents for tests of the index.

#ifndef REGISTRY_INDEX_INDEX_TESTING_H_
#define REGISTRY_INDEX_INDEX_TESTING_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "registry/format/file_mode.h"
#include "registry/judge/content_packer.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/release_judge.h"

namespace orrery::registry {

inline PackedContent PackForTest(const std::string& bytes) {
  ContentPacker packer;
  return {signing::Digest::Of(bytes), bytes.size(), packer.Pack(bytes)};
}

// A served entry at `repo/packages/<L>/<name>/<number>`, whose package.json
// holds its label.
inline IndexEntry ServedForTest(const std::string& name, int64_t number,
                                const std::string& version) {
  auto release = std::make_shared<Release>();
  release->name = name;
  release->release = number;
  release->version = version;
  release->source = "u";
  release->directory = absl::StrCat(
      "repo/packages/", std::string(1, absl::ascii_toupper(name[0])), "/", name,
      "/", number);
  release->files = {
      {kPackageFile, kFileMode, version.size(), signing::Digest::Of(version)}};
  IndexEntry entry;
  entry.mode = kTreeMode;
  entry.verdict = Verdict::kServed;
  entry.facts.directory = release->directory;
  entry.facts.name = name;
  entry.facts.release = number;
  entry.facts.version = version;
  entry.release = std::move(release);
  return entry;
}

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEX_TESTING_H_
