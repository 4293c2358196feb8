#include "catalog/verify/bundle/mirror_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "catalog/verify/bundle/bundle_archive.h"
#include "catalog/verify/bundle/ustar.h"
#include "catalog/verify/stored_file.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;

class BundleTree final : public MirrorTree {
 public:
  BundleTree(std::string path, Descriptor file,
             const std::vector<ArchivedFile>& archived)
      : name_(std::move(path)), file_(std::move(file)) {
    for (const ArchivedFile& one : archived) {
      files_.push_back({one.member.path, one.member.name, one.bytes});
      offsets_.push_back(one.offset);
    }
  }

  const std::string& name() const override { return name_; }
  const std::vector<MirrorFile>& files() const override { return files_; }
  bool is_bundle() const override { return true; }

  absl::StatusOr<std::string> Read(absl::string_view path,
                                   int64_t max_bytes) override {
    std::string bytes;
    ORRERY_RETURN_IF_ERROR(
        ReadPieces(path, max_bytes, [&](absl::string_view piece) {
          absl::StrAppend(&bytes, piece);
          return absl::OkStatus();
        }));
    return bytes;
  }

  absl::Status ReadPieces(absl::string_view path, int64_t max_bytes,
                          TakePiece take) override {
    const auto found =
        std::lower_bound(files_.begin(), files_.end(), path,
                         [](const MirrorFile& file, absl::string_view wanted) {
                           return absl::string_view(file.path) < wanted;
                         });
    if (found == files_.end() || found->path != path) {
      return absl::NotFoundError(absl::StrCat(path, " is not in it"));
    }
    if (found->bytes > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " has more than ", max_bytes, " bytes"));
    }
    int64_t offset = offsets_[static_cast<size_t>(found - files_.begin())];
    for (int64_t left = found->bytes; left > 0;) {
      const int64_t piece = std::min(left, kPiece);
      ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                              ReadPart(file_.number(), name_, offset, piece));
      ORRERY_RETURN_IF_ERROR(take(bytes));
      offset += piece;
      left -= piece;
    }
    return absl::OkStatus();
  }

 private:
  const std::string name_;
  const Descriptor file_;
  std::vector<MirrorFile> files_;
  // In the place of its file.
  std::vector<int64_t> offsets_;
};

class DirectoryMirror final : public MirrorTree {
 public:
  DirectoryMirror(const std::string& path, std::vector<MirrorFile> files)
      : tree_(OpenDirectoryTree(path)), files_(std::move(files)) {}

  const std::string& name() const override { return tree_->name(); }
  const std::vector<MirrorFile>& files() const override { return files_; }
  bool is_bundle() const override { return false; }
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   int64_t max_bytes) override {
    return tree_->Read(path, max_bytes);
  }
  absl::Status ReadPieces(absl::string_view path, int64_t max_bytes,
                          TakePiece take) override {
    return tree_->ReadPieces(path, max_bytes, take);
  }

 private:
  const std::unique_ptr<FileTree> tree_;
  const std::vector<MirrorFile> files_;
};

absl::StatusOr<std::unique_ptr<MirrorTree>> OpenBundle(
    const std::string& path, Descriptor file, int64_t size,
    std::span<const signing::SshKey> exporters) {
  auto archived = ReadBundleArchive(
      size,
      [&](int64_t offset, int64_t bytes) {
        return ReadPart(file.number(), path, offset, bytes);
      },
      exporters);
  if (!archived.ok()) return signing::At({.file = path}, archived.status());
  return std::make_unique<BundleTree>(path, std::move(file), *archived);
}

// A file that says what is in it, and says the truth.
absl::Status CheckDigest(const std::string& path, const MirrorFile& file) {
  if (file.name.kind != MirrorPath::Kind::kBlob &&
      file.name.kind != MirrorPath::Kind::kCatalog) {
    return absl::OkStatus();
  }
  signing::DigestBuilder digest;
  ORRERY_RETURN_IF_ERROR(
      ReadStoredPieces(path, kMaxUstarBytes, [&](absl::string_view piece) {
        digest.Add(piece);
        return absl::OkStatus();
      }));
  if (digest.Finish() == file.name.digest) return absl::OkStatus();
  return signing::At(
      {.file = path},
      signing::Refuse(signing::RefusalCode::kContentDigest,
                      absl::StrCat(file.path, " is not what its name says")));
}

absl::StatusOr<std::unique_ptr<MirrorTree>> OpenDirectory(
    const std::string& root) {
  std::vector<MirrorFile> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(root, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    const std::string path = entry->path().string();
    std::string relative = path.substr(root.size());
    relative.erase(0, relative.find_first_not_of('/'));
    const auto name = ParseMirrorPath(relative);
    // A web server's own files may lie beside.
    if (!name.ok() || !entry->is_regular_file(error)) continue;
    MirrorFile file{std::move(relative), *name,
                    static_cast<int64_t>(entry->file_size(error))};
    ORRERY_RETURN_IF_ERROR(CheckDigest(path, file));
    files.push_back(std::move(file));
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat(root, ": ", error.message()));
  }
  std::sort(
      files.begin(), files.end(),
      [](const MirrorFile& a, const MirrorFile& b) { return a.path < b.path; });
  return std::make_unique<DirectoryMirror>(root, std::move(files));
}

}  // namespace

absl::StatusOr<std::unique_ptr<MirrorTree>> OpenMirror(
    const std::string& path, std::span<const signing::SshKey> exporters) {
  Descriptor file(
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status = {};
  if (!file.is_open() || fstat(file.number(), &status) != 0) {
    return FileFailure(path, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    if (exporters.empty()) return OpenDirectory(path);
    return absl::InvalidArgumentError(absl::StrCat(
        path, " is a directory, and what an exporter signs is a bundle"));
  }
  if (S_ISREG(status.st_mode)) {
    return OpenBundle(path, std::move(file), status.st_size, exporters);
  }
  return absl::UnavailableError(
      absl::StrCat(path, " is neither a bundle nor a directory"));
}

}  // namespace orrery::catalog
