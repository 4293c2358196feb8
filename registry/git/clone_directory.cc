#include "registry/git/clone_directory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

#include "registry/git/git_repository.h"

namespace orrery::registry {
namespace {

namespace fs = std::filesystem;

std::string NoteOf(const std::string& clone) { return clone + "/packed-bytes"; }

std::string FirstLine(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::vector<fs::directory_entry> EntriesOf(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    entries.push_back(entry);
  }
  return entries;
}

bool IsLeftover(const fs::path& file) {
  const std::string name = file.filename().string();
  if (absl::EndsWith(name, ".lock") || absl::EndsWith(name, ".keep") ||
      absl::StartsWith(name, "tmp_") || absl::StartsWith(name, ".tmp-")) {
    return true;
  }
  // A pack and its index come and go together.
  std::error_code error;
  fs::path other = file;
  if (file.extension() == ".pack") {
    return !fs::exists(other.replace_extension(".idx"), error);
  }
  if (absl::StartsWith(name, "pack-")) {
    return !fs::exists(other.replace_extension(".pack"), error);
  }
  return false;
}

}  // namespace

bool IsClone(const std::string& path) {
  std::error_code error;
  return absl::StartsWith(FirstLine(path + "/HEAD"), "ref: refs/") &&
         fs::is_regular_file(path + "/config", error) &&
         fs::is_directory(path + "/objects", error) &&
         fs::is_directory(path + "/refs", error);
}

void TidyClone(const std::string& path, const std::set<std::string>& followed) {
  std::error_code error;
  for (const fs::directory_entry& entry : EntriesOf(path)) {
    if (entry.is_regular_file(error) && IsLeftover(entry.path())) {
      fs::remove(entry.path(), error);
    }
  }
  std::vector<fs::directory_entry> refs = EntriesOf(path + "/refs");
  // Folders after what is in them: an empty one could be in the way of a ref.
  std::reverse(refs.begin(), refs.end());
  for (const fs::directory_entry& entry : refs) {
    const std::string name = entry.path().lexically_relative(path).string();
    if (!entry.is_regular_file(error)) {
      if (name != "refs/heads") fs::remove(entry.path(), error);
    } else if (!followed.contains(name) ||
               !ObjectId::ParseHex(FirstLine(entry.path())).ok()) {
      fs::remove(entry.path(), error);
    }
  }
}

PackUsage UsageOf(const std::string& clone) {
  PackUsage usage;
  std::error_code error;
  for (const auto& entry :
       fs::directory_iterator(clone + "/objects/pack", error)) {
    if (entry.path().extension() != ".pack") continue;
    ++usage.packs;
    const uint64_t bytes = entry.file_size(error);
    if (!error) usage.bytes += bytes;
  }
  return usage;
}

std::optional<uint64_t> NotedBytes(const std::string& clone) {
  uint64_t bytes = 0;
  if (!absl::SimpleAtoi(FirstLine(NoteOf(clone)), &bytes)) return std::nullopt;
  return bytes;
}

void NoteBytes(const std::string& clone, uint64_t bytes) {
  // Half of it would only cause an early repack.
  std::ofstream(NoteOf(clone)) << bytes << "\n";
}

}  // namespace orrery::registry
