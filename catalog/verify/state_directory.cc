#include "catalog/verify/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "signing/encoding.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refuse;
using signing::RefuseAs;

constexpr absl::Duration kLockPoll = absl::Milliseconds(20);
constexpr absl::string_view kEvidencePrefix = "fork-";
// A note, and the header before it.
constexpr int64_t kMaxStateBytes = (int64_t{128} << 10) + 1024;

absl::Status Corrupt(absl::string_view path, absl::string_view why) {
  return Refuse(RefusalCode::kStateCorrupt, absl::StrCat(path, " ", why));
}

// That nobody but its owner can have changed it. In a sticky directory others
// can only add.
absl::Status CheckOwn(const std::string& path, const struct stat& status) {
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return Corrupt(path, "belongs to another user");
  }
  const bool is_sticky =
      S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_sticky) {
    return Corrupt(path, "can be written by others; say chmod go-w");
  }
  return absl::OkStatus();
}

absl::StatusOr<Descriptor> OpenOwn(const std::string& path, int flags) {
  Descriptor file(open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!file.is_open()) {
    return Refuse(
        RefusalCode::kStateCorrupt,
        absl::StrCat("cannot read ", FileFailure(path, errno).message()));
  }
  struct stat status = {};
  fstat(file.number(), &status);
  ORRERY_RETURN_IF_ERROR(CheckOwn(path, status));
  return file;
}

absl::Status TakeLock(int file, const std::string& path,
                      absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Refuse(RefusalCode::kStateLock,
                    FileFailure(path, errno).message());
    }
    if (absl::Now() >= deadline) {
      return Refuse(
          RefusalCode::kStateLock,
          absl::StrCat(path, " is held by another orrery for ",
                       absl::FormatDuration(timeout), "; wait for it to end"));
    }
    absl::SleepFor(kLockPoll);
  }
  return absl::OkStatus();
}

bool Exists(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 ||
         (errno != ENOENT && errno != ENOTDIR);
}

// Evidence that is whole: it gets its name last.
bool IsEvidence(const std::string& path, absl::string_view name) {
  return absl::StartsWith(name, kEvidencePrefix) &&
         !absl::StrContains(name, '/') &&
         Exists(absl::StrCat(path, "/", name, "/report"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateDirectory>> StateDirectory::Lock(
    const std::string& path, absl::Duration timeout) {
  auto state = std::unique_ptr<StateDirectory>(new StateDirectory(path));
  if (!Exists(path)) {
    const std::string parent = ParentOf(path);
    ORRERY_RETURN_IF_ERROR(
        RefuseAs(RefusalCode::kStateWrite, MakeDirectories(parent)));
    ORRERY_ASSIGN_OR_RETURN(state->lock_,
                            OpenOwn(parent, O_RDONLY | O_DIRECTORY));
    ORRERY_RETURN_IF_ERROR(TakeLock(state->lock_.number(), parent, timeout));
    // Somebody may have been first meanwhile.
    if (!Exists(path)) return state;
  }
  ORRERY_RETURN_IF_ERROR(
      OpenOwn(ParentOf(path), O_RDONLY | O_DIRECTORY).status());
  ORRERY_RETURN_IF_ERROR(
      OpenOwn(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).status());
  const std::string lock = absl::StrCat(path, "/lock");
  ORRERY_ASSIGN_OR_RETURN(state->lock_,
                          OpenOwn(lock, O_RDONLY | O_CREAT | O_NOFOLLOW));
  ORRERY_RETURN_IF_ERROR(TakeLock(state->lock_.number(), lock, timeout));
  state->exists_ = true;
  return state;
}

absl::StatusOr<std::optional<std::string>> StateDirectory::Read() {
  if (!exists_) return std::optional<std::string>();
  ORRERY_ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                          ReadOwn("checkpoint"));
  if (!bytes.has_value()) {
    return Corrupt(path_, "has lost its checkpoint");
  }
  return bytes;
}

absl::StatusOr<std::optional<std::string>> StateDirectory::ReadOwn(
    const std::string& name) {
  const std::string path = absl::StrCat(path_, "/", name);
  if (!Exists(path)) return std::optional<std::string>();
  ORRERY_ASSIGN_OR_RETURN(const Descriptor file,
                          OpenOwn(path, O_RDONLY | O_NOFOLLOW));
  auto bytes = ReadDescriptor(file.number(), path, kMaxStateBytes);
  if (!bytes.ok()) return Corrupt(path, bytes.status().message());
  return std::optional<std::string>(*std::move(bytes));
}

absl::StatusOr<std::optional<std::string>> StateDirectory::ReadReplayed() {
  if (!exists_) return std::optional<std::string>();
  return ReadOwn("replayed");
}

absl::Status StateDirectory::WriteReplayed(absl::string_view bytes) {
  return RefuseAs(RefusalCode::kStateWrite,
                  ReplaceDurably(path_ + "/replayed", bytes));
}

std::optional<std::string> StateDirectory::ReadSound() {
  return ReadWeightless("sound");
}

absl::Status StateDirectory::WriteSound(absl::string_view bytes) {
  return RefuseAs(RefusalCode::kStateWrite,
                  ReplaceDurably(path_ + "/sound", bytes));
}

std::optional<std::string> StateDirectory::ReadWeightless(
    const std::string& name) {
  if (!exists_) return std::nullopt;
  auto bytes = ReadOwn(name);
  return bytes.ok() ? *std::move(bytes) : std::nullopt;
}

std::optional<int64_t> StateDirectory::ReadTold() {
  const std::optional<std::string> text = ReadWeightless("told");
  if (!text.has_value()) return std::nullopt;
  const auto leaves = signing::ParseDecimal(*text);
  if (!leaves.ok()) return std::nullopt;
  return static_cast<int64_t>(*leaves);
}

absl::Status StateDirectory::WriteTold(int64_t leaves) {
  if (ReadTold().value_or(-1) >= leaves) return absl::OkStatus();
  return RefuseAs(RefusalCode::kStateWrite,
                  ReplaceDurably(path_ + "/told", absl::StrCat(leaves)));
}

absl::Status StateDirectory::Write(absl::string_view bytes) {
  return RefuseAs(RefusalCode::kStateWrite,
                  exists_ ? ReplaceDurably(path_ + "/checkpoint", bytes)
                          : WriteFirst(bytes));
}

absl::Status StateDirectory::WriteFirst(absl::string_view bytes) {
  // Nobody else writes here now; what is there is left by who was killed.
  const std::string draft =
      absl::StrCat(ParentOf(path_), "/.",
                   std::filesystem::path(path_).filename().string(), ".new");
  std::error_code error;
  std::filesystem::remove_all(draft, error);
  ORRERY_RETURN_IF_ERROR(MakeDirectories(draft));
  Descriptor lock(open((draft + "/lock").c_str(),
                       O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.is_open() || flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    return FileFailure(draft, errno);
  }
  ORRERY_RETURN_IF_ERROR(WriteNewFile(draft + "/checkpoint", bytes));
  ORRERY_RETURN_IF_ERROR(SyncDirectory(draft));
  if (std::rename(draft.c_str(), path_.c_str()) != 0) {
    return FileFailure(path_, errno);
  }
  ORRERY_RETURN_IF_ERROR(SyncDirectory(ParentOf(path_)));
  lock_ = std::move(lock);
  exists_ = true;
  return absl::OkStatus();
}

absl::Status StateDirectory::Keep(const signing::ForkEvidence& evidence) {
  if (IsEvidence(path_, evidence.directory)) return absl::OkStatus();
  const std::string draft = path_ + "/.fork.new";
  std::error_code error;
  std::filesystem::remove_all(draft, error);
  ORRERY_RETURN_IF_ERROR(
      RefuseAs(RefusalCode::kStateWrite, MakeDirectories(draft)));
  for (const signing::ForkEvidence::File& file : evidence.files) {
    ORRERY_RETURN_IF_ERROR(RefuseAs(
        RefusalCode::kStateWrite,
        WriteNewFile(absl::StrCat(draft, "/", file.name), file.bytes)));
  }
  const std::string place = absl::StrCat(path_, "/", evidence.directory);
  ORRERY_RETURN_IF_ERROR(
      RefuseAs(RefusalCode::kStateWrite, SyncDirectory(draft)));
  if (std::rename(draft.c_str(), place.c_str()) != 0) {
    return RefuseAs(RefusalCode::kStateWrite, FileFailure(place, errno));
  }
  return RefuseAs(RefusalCode::kStateWrite, SyncDirectory(path_));
}

absl::StatusOr<std::vector<std::string>> UnacknowledgedEvidence(
    const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  for (; !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (IsEvidence(path, name) &&
        !Exists(absl::StrCat(path, "/", name, "/ack"))) {
      names.push_back(name);
    }
  }
  if (error)
    return Corrupt(path, absl::StrCat("cannot be read: ", error.message()));
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status AcknowledgeEvidence(const std::string& path,
                                 absl::string_view name) {
  if (!IsEvidence(path, name)) {
    return absl::NotFoundError(
        absl::StrCat("there is no evidence \"", name, "\" in ", path));
  }
  const std::string ack = absl::StrCat(path, "/", name, "/ack");
  if (Exists(ack)) return absl::OkStatus();
  return RefuseAs(RefusalCode::kStateWrite, ReplaceDurably(ack, ""));
}

}  // namespace orrery::catalog
