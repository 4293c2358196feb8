#include "signing/field.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlnum(char c) {
  return IsLower(c) || IsDigit(c) || (c >= 'A' && c <= 'Z');
}

bool IsOneOf(char c, absl::string_view set) {
  return set.find(c) != absl::string_view::npos;
}

bool IsAlnumOr(absl::string_view text, absl::string_view others) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return IsAlnum(c) || IsOneOf(c, others); });
}

absl::Status Unless(bool is_right, absl::string_view text,
                    absl::string_view what, absl::string_view wanted) {
  if (is_right) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " is no ", what, ": ", wanted, " is wanted"));
}

// `[a-z][a-z0-9-]*[a-z0-9]`.
bool IsNamePart(absl::string_view text, size_t max_bytes) {
  return text.size() >= 2 && text.size() <= max_bytes && IsLower(text[0]) &&
         text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsLower(c) || IsDigit(c) || c == '-';
         });
}

bool IsUrlText(absl::string_view text) {
  return IsAlnumOr(text, "-._~:/?#[]@!$&'()*+,;=%");
}

// `host`, `host:port`, `[v6]`, `[v6]:port`.
bool IsHostAndPort(absl::string_view text) {
  const size_t end = absl::StartsWith(text, "[") ? text.find(']') : 0;
  if (end == absl::string_view::npos) return false;
  const size_t colon = text.find(':', end);
  absl::string_view host = text.substr(0, colon);
  if (colon != absl::string_view::npos) {
    const absl::string_view port = text.substr(colon + 1);
    if (port.size() > 5 || !ParseDecimal(port, 65535).ok()) return false;
  }
  if (absl::ConsumePrefix(&host, "[")) {
    return absl::ConsumeSuffix(&host, "]") && !host.empty() &&
           std::all_of(host.begin(), host.end(), [](char c) {
             return absl::ascii_isxdigit(static_cast<unsigned char>(c)) ||
                    c == ':' || c == '.';
           });
  }
  return !host.empty() && host[0] != '-' && IsAlnumOr(host, ".-_");
}

absl::string_view Authority(absl::string_view after_scheme) {
  return after_scheme.substr(0, after_scheme.find_first_of("/?#"));
}

bool IsLoopback(absl::string_view host_and_port) {
  if (!IsHostAndPort(host_and_port)) return false;
  if (absl::StartsWith(host_and_port, "[")) {
    return absl::StartsWith(host_and_port, "[::1]");
  }
  const absl::string_view host =
      host_and_port.substr(0, host_and_port.find(':'));
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  const std::vector<absl::string_view> bytes = absl::StrSplit(host, '.');
  return bytes.size() == 4 && bytes[0] == "127" &&
         std::all_of(bytes.begin(), bytes.end(), [](absl::string_view byte) {
           return ParseDecimal(byte, 255).ok();
         });
}

bool IsSshAuthority(absl::string_view authority) {
  const size_t at = authority.find('@');
  if (at == absl::string_view::npos) return IsHostAndPort(authority);
  const absl::string_view user = authority.substr(0, at);
  return !user.empty() && user[0] != '-' && IsAlnumOr(user, "._~+-") &&
         IsHostAndPort(authority.substr(at + 1));
}

bool IsGitUrl(absl::string_view text) {
  if (text.size() > 512 || !IsUrlText(text)) return false;
  if (absl::ConsumePrefix(&text, "https://")) {
    return IsHostAndPort(Authority(text));
  }
  if (absl::ConsumePrefix(&text, "ssh://")) {
    return IsSshAuthority(Authority(text));
  }
  if (absl::ConsumePrefix(&text, "http://")) return IsLoopback(Authority(text));
  return absl::StartsWith(text, "file:///");
}

bool IsOrigin(absl::string_view text) {
  if (text.size() > 128) return false;
  std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  const std::vector<absl::string_view> host = absl::StrSplit(parts[0], ':');
  if (host.size() > 2 || host[0].empty()) return false;
  if (host.size() == 2 &&
      (host[1].empty() || host[1].size() > 5 ||
       !std::all_of(host[1].begin(), host[1].end(), IsDigit))) {
    return false;
  }
  const auto is_host_character = [](char c) {
    return IsLower(c) || IsDigit(c) || c == '.' || c == '-';
  };
  if (IsOneOf(host[0][0], ".-") ||
      !std::all_of(host[0].begin(), host[0].end(), is_host_character)) {
    return false;
  }
  return std::all_of(parts.begin() + 1, parts.end(),
                     [](absl::string_view part) {
                       return !part.empty() && IsAlnumOr(part, "._~-");
                     });
}

bool IsRef(absl::string_view text) {
  if (text.size() > 200 || absl::StrContains(text, "//") ||
      !absl::ConsumePrefix(&text, "refs/heads/")) {
    return false;
  }
  return !text.empty() && IsAlnumOr(text, "._/-") &&
         !absl::StrContains(text, "..") && !absl::EndsWith(text, "/") &&
         !absl::EndsWith(text, ".") && !absl::EndsWith(text, ".lock");
}

bool IsPathComponent(absl::string_view text) {
  return !text.empty() && IsAlnumOr(text, "._+@=,~-") && text.back() != '.' &&
         !absl::EqualsIgnoreCase(text, ".git");
}

bool IsPath(absl::string_view text) {
  if (text.size() > 200) return false;
  int components = 0;
  for (const absl::string_view component : absl::StrSplit(text, '/')) {
    if (++components > 16 || !IsPathComponent(component)) return false;
  }
  return true;
}

}  // namespace

absl::Status CheckPackageName(absl::string_view text) {
  const size_t slash = text.find('/');
  const bool is_scoped = slash != absl::string_view::npos;
  const absl::string_view base = is_scoped ? text.substr(slash + 1) : text;
  return Unless(
      IsNamePart(base, 64) &&
          (!is_scoped || IsNamePart(text.substr(0, slash), 32)),
      text, "package name",
      "[a-z][a-z0-9-]*[a-z0-9] of at most 64 bytes, behind a scope of at most "
      "32 and a slash if there is one,");
}

absl::Status CheckVersionLabel(absl::string_view text) {
  return Unless(!text.empty() && text.size() <= 64 && IsAlnumOr(text, "-.+_~:"),
                text, "version label", "[-A-Za-z0-9.+_~:]{1,64}");
}

absl::Status CheckOrigin(absl::string_view text) {
  return Unless(IsOrigin(text), text, "log origin",
                "a lower-case host name, then a path if there is one, at most "
                "128 bytes,");
}

absl::Status CheckGitUrl(absl::string_view text) {
  return Unless(IsGitUrl(text), text, "URL of a git repository",
                "https://HOST/… or ssh://[USER@]HOST/… of at most 512 bytes, "
                "without a password,");
}

absl::Status CheckRegistryUrl(absl::string_view text) {
  return Unless(IsGitUrl(text) && (absl::StartsWith(text, "https:") ||
                                   absl::StartsWith(text, "http:")),
                text, "URL of a registry",
                "https://HOST/…, or http:// to a loopback address,");
}

absl::Status CheckAssetUrl(absl::string_view text) {
  absl::string_view rest = text;
  const bool has_scheme = absl::ConsumePrefix(&rest, "https://") ||
                          absl::ConsumePrefix(&rest, "http://");
  return Unless(has_scheme && !rest.empty() && text.size() <= 768 &&
                    IsPrintableAscii(text) && !IsOneOf(' ', text),
                text, "URL", "https://… or http://… of at most 768 bytes");
}

absl::Status CheckRef(absl::string_view text) {
  return Unless(IsRef(text), text, "branch",
                "refs/heads/ and a name of [A-Za-z0-9._/-]");
}

absl::Status CheckCommit(absl::string_view text) {
  const bool is_hex = std::all_of(text.begin(), text.end(), [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'f');
  });
  return Unless(is_hex && (text.size() == 40 || text.size() == 64), text,
                "commit id", "40 or 64 lower-case hex digits");
}

absl::Status CheckPath(absl::string_view text) {
  return Unless(IsPath(text), text, "path in a release",
                "at most 16 components of [A-Za-z0-9._+@=,~-], none of them "
                ".git or ending in a dot,");
}

absl::Status CheckId(absl::string_view text) {
  return Unless(!text.empty() && text.size() <= 32 && IsLower(text[0]) &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) {
                                  return IsLower(c) || IsDigit(c) || c == '-';
                                }),
                text, "id of a source or registry", "[a-z][a-z0-9-]{0,31}");
}

absl::Status CheckPrincipal(absl::string_view text) {
  return Unless(!text.empty() && text.size() <= 64 && IsAlnum(text[0]) &&
                    IsAlnumOr(text, "._@+-"),
                text, "principal", "[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}");
}

absl::Status CheckFreeText(absl::string_view text) {
  return Unless(!text.empty() && text.size() <= 200 && IsPrintableAscii(text) &&
                    text.front() != ' ' && text.back() != ' ',
                text, "free text",
                "1 to 200 printable characters without a space around them");
}

absl::Status CheckPinId(absl::string_view text) {
  return Unless(!text.empty() && text.size() <= 64 && IsAlnum(text[0]) &&
                    IsAlnumOr(text, "._-"),
                text, "id of an asset or image",
                "[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
}

absl::Status CheckImageReference(absl::string_view text) {
  return Unless(!text.empty() && text.size() <= 255 && IsAlnum(text[0]) &&
                    IsAlnumOr(text, "._:/-"),
                text, "image", "[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}");
}

absl::Status CheckRequirement(absl::string_view text) {
  return Unless(!text.empty() && text.size() <= 512 && IsPrintableAscii(text) &&
                    text.front() != ' ' && text.back() != ' ',
                text, "requirement",
                "1 to 512 printable characters without a space around them");
}

absl::Status CheckFingerprint(absl::string_view text) {
  absl::string_view base64 = text;
  const bool is_right = absl::ConsumePrefix(&base64, "SHA256:") &&
                        base64.size() == 43 &&
                        DecodeBase64(absl::StrCat(base64, "=")).ok();
  return Unless(
      is_right, text, "fingerprint of a key",
      "SHA256: and 43 characters of base64, as ssh-keygen -l prints,");
}

absl::StatusOr<Digest> ParseDigestField(absl::string_view text) {
  absl::string_view hex = text;
  if (!absl::ConsumePrefix(&hex, "sha256:")) {
    return Unless(false, text, "digest",
                  "sha256: and 64 lower-case hex digits");
  }
  return Digest::ParseHex(hex);
}

}  // namespace orrery::signing
