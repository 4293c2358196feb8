#include "registry/git/source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/status/refusal_details.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxUrlBytes = 512;
// Of an id in the log.
constexpr size_t kMaxNameBytes = 32;
constexpr uint32_t kHttpPort = 80;
constexpr uint32_t kHttpsPort = 443;

bool IsLoopbackOrLinkLocal(absl::string_view host) {
  const std::string lower = absl::AsciiStrToLower(host);
  return lower == "localhost" || absl::EndsWith(lower, ".localhost") ||
         absl::StartsWith(lower, "127.") || lower == "0.0.0.0" ||
         lower == "::1" || lower == "::" ||
         absl::StartsWith(lower, "::ffff:127.") ||
         absl::StartsWith(lower, "169.254.") ||
         absl::StartsWith(lower, "fe80:");
}

// One that could make git run or reach something else.
absl::Status UrlRefused(absl::string_view why) {
  return WithRefusal(absl::InvalidArgumentError(why), "URL_REFUSED",
                     signing::RefusalCode::kGitUrl);
}

// The URL up to its authority, which may hold a password.
std::string SafeStart(absl::string_view text) {
  const size_t scheme = text.find("://");
  if (scheme == absl::string_view::npos) return "the URL";
  return absl::StrCat("\"", text.substr(0, scheme + 3), "…\"");
}

absl::StatusOr<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) ||
        !absl::ascii_isxdigit(text[i + 2])) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" has a % that is no %XX"));
    }
    decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

absl::StatusOr<SourceUrl> LocalUrl(absl::string_view text, std::string path) {
  if (path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("the path holds a NUL");
  }
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  SourceUrl url;
  url.scheme = UrlScheme::kLocal;
  url.text = std::string(text);
  url.path = std::move(path);
  return url;
}

// `authority` is `[user@]host[:port]`.
absl::Status ReadAuthority(absl::string_view authority, SourceUrl* url) {
  const size_t at = authority.rfind('@');
  if (at != absl::string_view::npos) {
    const absl::string_view user = authority.substr(0, at);
    if (url->scheme != UrlScheme::kSsh) {
      return absl::InvalidArgumentError(
          "a user or password in an http URL is not taken; put the token in a "
          "file and name it with --token-file");
    }
    if (absl::StrContains(user, ':')) {
      return absl::InvalidArgumentError(
          "a password in an ssh URL is not taken; name a key with "
          "--ssh-key-file");
    }
    if (user.empty() || user[0] == '-') {
      return UrlRefused("the user of the URL is no user name");
    }
    authority.remove_prefix(at + 1);
  }
  absl::string_view host = authority;
  absl::string_view port;
  if (absl::StartsWith(authority, "[")) {
    const size_t close = authority.find(']');
    if (close == absl::string_view::npos) {
      return absl::InvalidArgumentError("the host of the URL has no \"]\"");
    }
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
  } else if (const size_t colon = authority.find(':');
             colon != absl::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  uint32_t number = 0;
  if (!port.empty() && (!absl::ConsumePrefix(&port, ":") ||
                        !absl::SimpleAtoi(port, &number) || number > 65535)) {
    return absl::InvalidArgumentError("the port of the URL is no port");
  }
  if (host.empty() || host[0] == '-') {
    return UrlRefused("the host of the URL is no host name");
  }
  url->host = std::string(host);
  if (!port.empty()) url->port = number;
  return absl::OkStatus();
}

absl::StatusOr<SourceUrl> RemoteUrl(absl::string_view text, UrlScheme scheme,
                                    absl::string_view rest) {
  SourceUrl url;
  url.scheme = scheme;
  url.text = std::string(text);
  const size_t slash = rest.find('/');
  ORRERY_RETURN_IF_ERROR(ReadAuthority(rest.substr(0, slash), &url));
  if (slash == absl::string_view::npos || slash + 1 == rest.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" names a host but no repository on it"));
  }
  if (rest.find_first_of("?#") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(SafeStart(text),
                     " has a query or fragment, which names "
                     "no git repository"));
  }
  return url;
}

// `[user@]host:path`, as ssh(1) users write it.
absl::StatusOr<SourceUrl> ScpUrl(absl::string_view text, size_t colon) {
  SourceUrl url;
  url.scheme = UrlScheme::kSsh;
  url.text = std::string(text);
  ORRERY_RETURN_IF_ERROR(ReadAuthority(text.substr(0, colon), &url));
  const absl::string_view path = text.substr(colon + 1);
  if (absl::StrContains(path.substr(0, path.find('/')), '@')) {
    return absl::InvalidArgumentError(
        "a password in an ssh URL is not taken; name a key with "
        "--ssh-key-file");
  }
  if (path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" names a host but no repository on it"));
  }
  return url;
}

void SetUnlessEmpty(JsonValue& object, absl::string_view name,
                    const std::string& value) {
  if (!value.empty()) object.Set(name, JsonValue::String(value));
}

}  // namespace

bool SourceUrl::local_only() const {
  return scheme == UrlScheme::kLocal || scheme == UrlScheme::kHttp ||
         IsLoopbackOrLinkLocal(host);
}

absl::StatusOr<SourceUrl> ParseSourceUrl(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("the URL is empty");
  if (text.size() > kMaxUrlBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the URL has ", text.size(), " bytes, more than ", kMaxUrlBytes));
  }
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return absl::ascii_iscntrl(c); })) {
    return absl::InvalidArgumentError("the URL holds a control character");
  }
  if (text[0] == '/') return LocalUrl(text, std::string(text));
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "file://")) {
    absl::ConsumePrefix(&rest, "localhost");
    if (!absl::StartsWith(rest, "/")) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", text, "\" names another host; write file:///path"));
    }
    ORRERY_ASSIGN_OR_RETURN(std::string path, PercentDecode(rest));
    return LocalUrl(text, std::move(path));
  }
  if (absl::StrContains(text, ' ')) {
    return absl::InvalidArgumentError("the URL holds a space");
  }
  if (absl::ConsumePrefix(&rest, "https://")) {
    return RemoteUrl(text, UrlScheme::kHttps, rest);
  }
  if (absl::ConsumePrefix(&rest, "http://")) {
    return RemoteUrl(text, UrlScheme::kHttp, rest);
  }
  if (absl::ConsumePrefix(&rest, "ssh://")) {
    return RemoteUrl(text, UrlScheme::kSsh, rest);
  }
  const size_t colon = text.find(':');
  if (colon != absl::string_view::npos && colon > 0 && text[0] != '-' &&
      text.find('/') > colon && !absl::StartsWith(text.substr(colon), "::") &&
      !absl::StartsWith(text.substr(colon), "://")) {
    return ScpUrl(text, colon);
  }
  if (absl::StrContains(text, "://") || absl::StrContains(text, "::")) {
    return UrlRefused(
        absl::StrCat(SafeStart(text),
                     " is no scheme that sources use; write a path, file://, "
                     "http://, https://, ssh:// or user@host:path"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is relative; write the whole path from /, or a URL"));
}

std::string CanonicalRemote(const Source& source) {
  const absl::StatusOr<SourceUrl> url = ParseSourceUrl(source.url);
  if (!url.ok() || url->scheme == UrlScheme::kSsh) return source.url;
  if (url->scheme == UrlScheme::kLocal) return url->path;
  const bool tls = url->scheme == UrlScheme::kHttps;
  const absl::string_view scheme = tls ? "https://" : "http://";
  absl::string_view path = url->text;
  path.remove_prefix(scheme.size());
  path.remove_prefix(path.find('/'));
  absl::ConsumeSuffix(&path, "/");
  std::string host = absl::AsciiStrToLower(url->host);
  if (absl::StrContains(host, ':')) host = absl::StrCat("[", host, "]");
  const uint32_t default_port = tls ? kHttpsPort : kHttpPort;
  if (url->port.value_or(default_port) != default_port) {
    absl::StrAppend(&host, ":", *url->port);
  }
  return absl::StrCat(scheme, host, path);
}

absl::Status ValidateSourceName(absl::string_view name) {
  const bool valid =
      !name.empty() && name.size() <= kMaxNameBytes &&
      absl::ascii_islower(name.front()) && name.back() != '-' &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
      });
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" is no name of a source: 1 to ", kMaxNameBytes,
      " of a-z, 0-9 and -, beginning with a letter and not ending with -"));
}

absl::StatusOr<std::string> NormaliseSubdir(absl::string_view subdir) {
  std::vector<absl::string_view> parts;
  for (absl::string_view part : absl::StrSplit(subdir, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." || absl::StrContains(part, '\0')) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", subdir, "\" leaves the repository; name a folder inside it"));
    }
    parts.push_back(part);
  }
  return absl::StrJoin(parts, "/");
}

std::string EncodeSource(const Source& source) {
  JsonValue object = JsonValue::Object();
  object.Set("name", JsonValue::String(source.name));
  object.Set("url", JsonValue::String(source.url));
  object.Set("ref", JsonValue::String(source.ref));
  object.Set("subdir", JsonValue::String(source.subdir));
  object.Set("priority", JsonValue::Integer(source.priority));
  SetUnlessEmpty(object, "overlay_of", source.overlay_of);
  if (source.mode == signing::RevisionMode::kMutable) {
    object.Set("mode", JsonValue::String("mutable"));
  }
  if (source.admission != signing::Admission::kObserved) {
    object.Set("admit", JsonValue::String(std::string(
                            signing::AdmissionName(source.admission))));
  }
  SetUnlessEmpty(object, "first_commit", source.first_commit);
  SetUnlessEmpty(object, "accepted_tip", source.accepted_tip);
  SetUnlessEmpty(object, "accepted_over", source.accepted_over);
  if (!source.admitted_keysets.empty()) {
    JsonValue admitted = JsonValue::Object();
    for (const auto& [package, statement] : source.admitted_keysets) {
      admitted.Set(package, JsonValue::String(statement));
    }
    object.Set("admitted_keysets", std::move(admitted));
  }
  SetUnlessEmpty(object, "token_file", source.files.token);
  SetUnlessEmpty(object, "ssh_key_file", source.files.ssh_key);
  SetUnlessEmpty(object, "known_hosts_file", source.files.known_hosts);
  SetUnlessEmpty(object, "ca_file", source.files.certificate_authorities);
  SetUnlessEmpty(object, "webhook_secret_file", source.files.webhook_secret);
  return WriteJson(object);
}

absl::StatusOr<Source> DecodeSource(absl::string_view value) {
  const absl::StatusOr<JsonDocument> document = ParseJson(value);
  if (!document.ok()) {
    return absl::DataLossError(absl::StrCat("a stored source is damaged: ",
                                            document.status().message()));
  }
  const JsonValue& object = document->root;
  Source source;
  source.name = std::string(object.FindString("name"));
  source.url = std::string(object.FindString("url"));
  source.ref = std::string(object.FindString("ref"));
  source.subdir = std::string(object.FindString("subdir"));
  const JsonValue* priority = object.Find("priority");
  const auto number =
      priority == nullptr ? std::nullopt : priority->AsInteger();
  if (source.name.empty() || source.url.empty() || !number.has_value()) {
    return absl::DataLossError("a stored source lacks name, url or priority");
  }
  source.priority = static_cast<int32_t>(*number);
  source.overlay_of = std::string(object.FindString("overlay_of"));
  if (object.FindString("mode") == "mutable") {
    source.mode = signing::RevisionMode::kMutable;
  }
  const absl::string_view admission = object.FindString("admit");
  if (admission == "sshsig") source.admission = signing::Admission::kSshsig;
  if (admission == "none") source.admission = signing::Admission::kNone;
  source.first_commit = std::string(object.FindString("first_commit"));
  source.accepted_tip = std::string(object.FindString("accepted_tip"));
  source.accepted_over = std::string(object.FindString("accepted_over"));
  if (const JsonValue* admitted = object.Find("admitted_keysets")) {
    for (const JsonValue::Member& member : admitted->members()) {
      source.admitted_keysets[std::string(member.name)] =
          std::string(member.value.text());
    }
  }
  source.files.token = std::string(object.FindString("token_file"));
  source.files.ssh_key = std::string(object.FindString("ssh_key_file"));
  source.files.known_hosts = std::string(object.FindString("known_hosts_file"));
  source.files.certificate_authorities =
      std::string(object.FindString("ca_file"));
  source.files.webhook_secret =
      std::string(object.FindString("webhook_secret_file"));
  return source;
}

}  // namespace orrery::registry
