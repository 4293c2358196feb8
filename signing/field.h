// The fields of statements and trust files (spec: trust.md §5), each rule in
// one place. What breaks one is kInvalidArgument with the rule in words.

#ifndef SIGNING_FIELD_H_
#define SIGNING_FIELD_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// `[scope/]base`.
absl::Status CheckPackageName(absl::string_view text);

absl::Status CheckVersionLabel(absl::string_view text);

absl::Status CheckOrigin(absl::string_view text);

// Also what only a registry that allows local sources follows: `file:///` and
// `http://` to a loopback address. Whether they are allowed is no syntax.
absl::Status CheckGitUrl(absl::string_view text);

// `https://`, or `http://` to a loopback address.
absl::Status CheckRegistryUrl(absl::string_view text);

// `https://` and `http://`.
absl::Status CheckAssetUrl(absl::string_view text);

// A branch: `refs/heads/…`.
absl::Status CheckRef(absl::string_view text);

absl::Status CheckCommit(absl::string_view text);

// The path of a file in a release.
absl::Status CheckPath(absl::string_view text);

// Of a source or a registry.
absl::Status CheckId(absl::string_view text);

absl::Status CheckPrincipal(absl::string_view text);

absl::Status CheckFreeText(absl::string_view text);

// Of an asset or image.
absl::Status CheckPinId(absl::string_view text);

// An image's reference, with or without tag, without digest.
absl::Status CheckImageReference(absl::string_view text);

// A requirement in the resolver's text form, which is opaque here.
absl::Status CheckRequirement(absl::string_view text);

// `SHA256:` and 43 characters of base64.
absl::Status CheckFingerprint(absl::string_view text);

// `sha256:` and 64 lower-case hex digits.
absl::StatusOr<Digest> ParseDigestField(absl::string_view text);

}  // namespace orrery::signing

#endif  // SIGNING_FIELD_H_
