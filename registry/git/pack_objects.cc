#include "registry/git/pack_objects.h"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "registry/git/pack_file.h"

namespace orrery::registry {
namespace {

class PackObjects : public ObjectReader {
 public:
  PackObjects(const std::string& directory, uint64_t max_bytes)
      : directory_(absl::StrCat(directory, "/pack")), max_bytes_(max_bytes) {
    Refresh();
  }

  absl::StatusOr<ObjectHeader> ReadHeader(const ObjectId& id) override {
    return FirstOf<ObjectHeader>(
        [&id](PackFile& pack) { return pack.ReadHeader(id); });
  }

  absl::StatusOr<StoredObject> Read(const ObjectId& id) override {
    return FirstOf<StoredObject>(
        [&id](PackFile& pack) { return pack.Read(id); });
  }

  // Those that were deleted stay readable.
  void Refresh() override {
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(directory_, error)) {
      const std::string path = entry.path().string();
      if (entry.path().extension() != ".idx" || packs_.contains(path)) continue;
      absl::StatusOr<std::unique_ptr<PackFile>> pack =
          PackFile::Open(path, max_bytes_);
      // What it holds may be elsewhere, too; else it is missing.
      if (pack.ok()) packs_[path] = *std::move(pack);
    }
  }

 private:
  // What the first pack says that has the object; a fault, when none has it.
  template <typename T, typename Ask>
  absl::StatusOr<T> FirstOf(Ask ask) {
    absl::Status fault = absl::NotFoundError("it is in no pack");
    for (const auto& [path, pack] : packs_) {
      absl::StatusOr<T> answer = ask(*pack);
      if (answer.ok()) return answer;
      if (!absl::IsNotFound(answer.status())) fault = answer.status();
    }
    return fault;
  }

  const std::string directory_;
  const uint64_t max_bytes_;
  std::map<std::string, std::unique_ptr<PackFile>> packs_;
};

}  // namespace

std::unique_ptr<ObjectReader> NewPackObjects(const std::string& directory,
                                             uint64_t max_bytes) {
  return std::make_unique<PackObjects>(directory, max_bytes);
}

}  // namespace orrery::registry
