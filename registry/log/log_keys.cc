#include "registry/log/log_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "registry/store/durable_file.h"
#include "signing/digest.h"
#include "signing/field.h"
#include "signing/log/consistency_guard.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Vkey;

constexpr size_t kMaxHostBytes = 64;
// Of the digest of the log's key, in a default origin.
constexpr size_t kOriginDigits = 8;

absl::Status CheckPrivate(const std::string& path) {
  struct stat facts {};
  if (lstat(path.c_str(), &facts) != 0) {
    return FileError("cannot look at", path, errno);
  }
  if (!S_ISREG(facts.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the key ", path, " is no regular file; put the key itself there"));
  }
  if (facts.st_uid != geteuid()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key ", path, " belongs to user ", facts.st_uid,
                     ", not to this one (", geteuid(), "); chown it"));
  }
  if ((facts.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "the key %s can be read or written by others (mode %04o); who may have "
        "read it can sign for this log: chmod 600 it if nobody has, else begin "
        "a new log in another data directory",
        path, facts.st_mode & 07777));
  }
  return absl::OkStatus();
}

absl::StatusOr<SignerKey> ReadKey(const std::string& path, Vkey::Type type) {
  ORRERY_RETURN_IF_ERROR(CheckPrivate(path));
  ORRERY_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  absl::StatusOr<SignerKey> key =
      SignerKey::Parse(absl::StripTrailingAsciiWhitespace(text), type);
  if (key.ok()) return key;
  return absl::FailedPreconditionError(
      absl::StrCat("the key ", path, " ", key.status().message(),
                   "; restore it from a backup"));
}

std::string KeyFile(const std::string& data_dir, absl::string_view name) {
  return absl::StrCat(data_dir, "/keys/", name);
}

// Reads the key at `path`, or makes it, for the log that `origin` says.
absl::StatusOr<SignerKey> OpenKey(
    const std::string& path, const std::string& state_path, Vkey::Type type,
    bool may_create, const SignerKey::Namer& name,
    const std::function<std::string(const SignerKey&)>& origin) {
  struct stat facts {};
  if (lstat(path.c_str(), &facts) == 0 || errno != ENOENT) {
    return ReadKey(path, type);
  }
  if (!may_create) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key ", path,
                     " is missing, and the log cannot go on with another; "
                     "restore it from a backup"));
  }
  ORRERY_ASSIGN_OR_RETURN(const SignerKey key, SignerKey::Make(type, name));
  // First: a key without its state signs nothing.
  ORRERY_RETURN_IF_ERROR(
      WriteDurably(state_path, signing::InitialSignerState(origin(key))));
  ORRERY_RETURN_IF_ERROR(WriteDurably(path, absl::StrCat(key.Text(), "\n")));
  return key;
}

}  // namespace

std::string LogStatePath(const std::string& data_dir) {
  return KeyFile(data_dir, "log.state");
}

std::string TimestamperStatePath(const std::string& data_dir) {
  return KeyFile(data_dir, "timestamper.state");
}

std::string OriginHost(absl::string_view host) {
  std::string name = absl::AsciiStrToLower(host.substr(0, kMaxHostBytes));
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-') c = '-';
  }
  const bool begins = !name.empty() && absl::ascii_isalnum(name[0]);
  return begins ? name : absl::StrCat("h", name);
}

absl::StatusOr<LogKeys> OpenLogKeys(const std::string& data_dir,
                                    const LogKeyOptions& options) {
  if (!options.origin.empty()) {
    const absl::Status valid = signing::CheckOrigin(options.origin);
    if (!valid.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", options.origin, "\" is no log origin: ", valid.message()));
    }
  }
  ORRERY_RETURN_IF_ERROR(MakeDirectory(absl::StrCat(data_dir, "/keys"), 0700));
  ORRERY_ASSIGN_OR_RETURN(
      SignerKey log, OpenKey(
                         KeyFile(data_dir, "log.key"), LogStatePath(data_dir),
                         Vkey::kEd25519, options.may_create,
                         [&options](const signing::Ed25519PublicKey& key) {
                           if (!options.origin.empty()) return options.origin;
                           return absl::StrCat(OriginHost(options.host), "/",
                                               signing::Digest::Of(key.bytes())
                                                   .Hex()
                                                   .substr(0, kOriginDigits));
                         },
                         [](const SignerKey& key) { return key.name(); }));
  if (!options.origin.empty() && options.origin != log.name()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the log of this data directory is \"", log.name(), "\", not \"",
        options.origin,
        "\", and a log keeps its origin; leave --log-origin away, or begin a "
        "new log in another data directory"));
  }
  ORRERY_ASSIGN_OR_RETURN(
      SignerKey timestamper,
      OpenKey(
          KeyFile(data_dir, "timestamper.key"), TimestamperStatePath(data_dir),
          Vkey::kCosignature, options.may_create,
          [&log](const signing::Ed25519PublicKey&) {
            return absl::StrCat(log.name(), "/timestamper");
          },
          [&log](const SignerKey&) { return log.name(); }));
  return LogKeys{std::move(log), std::move(timestamper)};
}

}  // namespace orrery::registry
