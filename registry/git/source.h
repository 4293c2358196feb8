// A configured git repository in Universe layout.

#ifndef REGISTRY_GIT_SOURCE_H_
#define REGISTRY_GIT_SOURCE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/record/record.h"

namespace orrery::registry {

enum class UrlScheme : uint8_t { kLocal, kHttp, kHttps, kSsh };

// Where a repository is, in one of the spellings `/path`, `file://`,
// `http(s)://`, `ssh://`, `user@host:path`.
struct SourceUrl {
  UrlScheme scheme = UrlScheme::kLocal;
  // As it is stored, shown and given to git; holds no password.
  std::string text;
  // Of the repository on this machine; empty unless kLocal.
  std::string path;
  // Empty when kLocal.
  std::string host;
  // Of a URL that names one.
  std::optional<uint32_t> port;

  // Whether only a server that allows local sources may follow it: paths,
  // `file://`, plain `http://` and loopback hosts.
  bool local_only() const;
};

// kInvalidArgument for another scheme, a password, a host that git would take
// for an option, a relative path, control characters, more than 512 bytes. The
// message never shows a password.
absl::StatusOr<SourceUrl> ParseSourceUrl(absl::string_view text);

// Files on the server that hold what a remote asks for; empty ones are unused.
struct SourceFiles {
  std::string token;
  std::string ssh_key;
  std::string known_hosts;
  std::string certificate_authorities;
  std::string webhook_secret;

  bool operator==(const SourceFiles&) const = default;
};

struct Source {
  // `[a-z]([a-z0-9-]*[a-z0-9])?`, at most 32 characters.
  std::string name;
  std::string url;
  // Full name, for example `refs/heads/main`; `HEAD` only while it could not
  // be resolved yet.
  std::string ref;
  // Folder that holds `repo/packages`, without slashes at its ends; empty means
  // the root.
  std::string subdir;
  // Lower wins.
  int32_t priority = 100;
  // The source whose releases it adds files to (resolver.md §7); empty for a
  // source with releases of its own.
  std::string overlay_of;
  // Whether a logged release may get further revisions, and what it needs to be
  // logged (trust.md §6.3).
  signing::RevisionMode mode = signing::RevisionMode::kImmutable;
  signing::Admission admission = signing::Admission::kObserved;
  // The commit, hex, from which history is logged; empty: the tip when it is
  // first read.
  std::string first_commit;
  // The commit, hex, from which on the operator has accepted a rewritten
  // history; empty: none.
  std::string accepted_tip;
  // The commit up to which the source was logged then, empty for none: once it
  // is another, the acceptance has served.
  std::string accepted_over;
  // First keysets that the operator has let in: their statement, hex, by
  // package (trust.md §12.4).
  std::map<std::string, std::string> admitted_keysets;
  SourceFiles files;

  bool operator==(const Source&) const = default;
};

// Equal for sources of which git certainly asks the same: http(s) URLs whatever
// the case of the host, with the port of the scheme written down or not, and
// with a slash at the end of the path or not, since git puts one there. What
// only a server, or the configuration of ssh, treats alike is not the same:
// `.git` at the end, the case of a path, ssh:// and `user@host:path`. Of a
// repository on this machine the path.
std::string CanonicalRemote(const Source& source);

absl::Status ValidateSourceName(absl::string_view name);
// `subdir` without `.`, empty and outer slashes; kInvalidArgument for `..`.
absl::StatusOr<std::string> NormaliseSubdir(absl::string_view subdir);

// The value under `sources/<name>` of the StateStore.
std::string EncodeSource(const Source& source);
// kDataLoss when `value` is no source.
absl::StatusOr<Source> DecodeSource(absl::string_view value);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_SOURCE_H_
