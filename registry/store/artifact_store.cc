#include "registry/store/artifact_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr size_t kCopyBytes = size_t{256} << 10;

absl::Time ChangeTime(const struct stat& status) {
  return absl::TimeFromTimespec(status.st_mtim);
}

}  // namespace

ArtifactFile::ArtifactFile(int descriptor, StoredArtifact artifact)
    : descriptor_(descriptor), artifact_(artifact) {}

ArtifactFile::~ArtifactFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

ArtifactFile::ArtifactFile(ArtifactFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      artifact_(other.artifact_) {}

ArtifactFile& ArtifactFile::operator=(ArtifactFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(artifact_, other.artifact_);
  return *this;
}

absl::StatusOr<std::string> ArtifactFile::ReadAt(int64_t offset,
                                                 int64_t size) const {
  std::string bytes(static_cast<size_t>(
                        std::clamp<int64_t>(artifact_.size - offset, 0, size)),
                    '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got =
        pread(descriptor_, bytes.data() + filled, bytes.size() - filled,
              offset + static_cast<int64_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return FileError("cannot read artifact", artifact_.digest.Hex(), errno);
    }
    if (got == 0) {
      return absl::DataLossError(
          absl::StrCat("artifact ", artifact_.digest.Hex(), " ends after ",
                       offset + static_cast<int64_t>(filled), " of ",
                       artifact_.size, " bytes"));
    }
    filled += static_cast<size_t>(got);
  }
  return bytes;
}

ArtifactStore::Writer::Writer(const ArtifactStore* store, std::string path,
                              int descriptor,
                              std::optional<signing::Digest> expected)
    : store_(store),
      path_(std::move(path)),
      descriptor_(descriptor),
      expected_(expected) {}

ArtifactStore::Writer::~Writer() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(path_.c_str());
}

absl::Status ArtifactStore::Writer::Append(absl::string_view bytes) {
  digest_.Add(bytes);
  size_ += static_cast<int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("cannot write", path_, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<StoredArtifact> ArtifactStore::Writer::Commit() {
  const signing::Digest digest = digest_.Finish();
  if (expected_.has_value() && digest != *expected_) {
    return absl::DataLossError(
        absl::StrCat("the ", size_, " bytes have sha256 ", digest.Hex(),
                     ", wanted is ", expected_->Hex(), "; nothing was stored"));
  }
  if (fchmod(descriptor_, 0444) != 0 || fsync(descriptor_) != 0) {
    return FileError("cannot sync", path_, errno);
  }
  // Equal bytes that are there already are replaced: were they damaged since,
  // this mends them.
  const std::string target = store_->PathOf(digest);
  if (rename(path_.c_str(), target.c_str()) != 0) {
    return FileError("cannot rename to", target, errno);
  }
  struct stat status = {};
  fstat(descriptor_, &status);
  close(std::exchange(descriptor_, -1));
  ORRERY_RETURN_IF_ERROR(SyncDirectory(store_->FinalDirectory()));
  return StoredArtifact{digest, size_, ChangeTime(status)};
}

ArtifactStore::ArtifactStore(std::string directory)
    : directory_(std::move(directory)) {}

absl::StatusOr<std::unique_ptr<ArtifactStore>> ArtifactStore::Open(
    std::string directory) {
  auto store =
      std::unique_ptr<ArtifactStore>(new ArtifactStore(std::move(directory)));
  std::error_code error;
  std::filesystem::remove_all(store->IncomingDirectory(), error);
  for (const std::string& path :
       {store->FinalDirectory(), store->IncomingDirectory()}) {
    std::filesystem::create_directories(path, error);
    if (error) return FileError("cannot create", path, error.value());
  }
  return store;
}

std::string ArtifactStore::FinalDirectory() const {
  return absl::StrCat(directory_, "/sha256");
}

std::string ArtifactStore::IncomingDirectory() const {
  return absl::StrCat(directory_, "/incoming");
}

std::string ArtifactStore::PathOf(const signing::Digest& digest) const {
  return absl::StrCat(FinalDirectory(), "/", digest.Hex());
}

absl::StatusOr<std::unique_ptr<ArtifactStore::Writer>> ArtifactStore::Put(
    std::optional<signing::Digest> expected) {
  std::string path = absl::StrCat(IncomingDirectory(), "/", next_incoming_++);
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return FileError("cannot create", path, errno);
  return std::unique_ptr<Writer>(
      new Writer(this, std::move(path), descriptor, expected));
}

absl::StatusOr<StoredArtifact> ArtifactStore::PutFile(
    absl::string_view path, std::optional<signing::Digest> expected) {
  const std::string source(path);
  // O_NONBLOCK: a FIFO must not hold the caller before it is refused.
  const int descriptor =
      open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return FileError("cannot open", source, errno);
  const ArtifactFile file(descriptor, {});
  struct stat status = {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", source, "' is no regular file"));
  }
  ORRERY_ASSIGN_OR_RETURN(const std::unique_ptr<Writer> writer, Put(expected));
  std::string buffer(kCopyBytes, '\0');
  while (true) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("cannot read", source, errno);
    if (got == 0) return writer->Commit();
    ORRERY_RETURN_IF_ERROR(
        writer->Append({buffer.data(), static_cast<size_t>(got)}));
  }
}

absl::StatusOr<ArtifactFile> ArtifactStore::Get(
    const signing::Digest& digest) const {
  const std::string path = PathOf(digest);
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0 && errno == ENOENT) {
    return absl::NotFoundError(
        absl::StrCat("no artifact has sha256 ", digest.Hex()));
  }
  if (descriptor < 0) return FileError("cannot open", path, errno);
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) {
    const int error = errno;
    close(descriptor);
    return FileError("cannot read", path, error);
  }
  return ArtifactFile(descriptor, {digest, status.st_size, ChangeTime(status)});
}

bool ArtifactStore::Contains(const signing::Digest& digest) const {
  return access(PathOf(digest).c_str(), F_OK) == 0;
}

absl::StatusOr<std::vector<StoredArtifact>> ArtifactStore::List() const {
  const std::string path = FinalDirectory();
  DIR* const listing = opendir(path.c_str());
  if (listing == nullptr) return FileError("cannot list", path, errno);
  std::vector<StoredArtifact> artifacts;
  while (const dirent* const entry = readdir(listing)) {
    const absl::StatusOr<signing::Digest> digest =
        signing::Digest::ParseHex(entry->d_name);
    struct stat status = {};
    if (!digest.ok() || fstatat(dirfd(listing), entry->d_name, &status,
                                AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    artifacts.push_back({*digest, status.st_size, ChangeTime(status)});
  }
  closedir(listing);
  std::sort(artifacts.begin(), artifacts.end(),
            [](const StoredArtifact& a, const StoredArtifact& b) {
              return a.digest < b.digest;
            });
  return artifacts;
}

absl::Status ArtifactStore::Remove(const signing::Digest& digest) {
  const std::string path = PathOf(digest);
  if (unlink(path.c_str()) == 0) return SyncDirectory(FinalDirectory());
  if (errno == ENOENT) {
    return absl::NotFoundError(
        absl::StrCat("no artifact has sha256 ", digest.Hex()));
  }
  return FileError("cannot remove", path, errno);
}

}  // namespace orrery::registry
