#ifndef SIGNING_HMAC_H_
#define SIGNING_HMAC_H_

#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// HMAC-SHA256 (RFC 2104); its bytes, not their digest.
Digest HmacSha256(absl::string_view key, absl::string_view message);

// Whether the bytes are the same, in a time that does not tell where they
// differ, nor how long `secret` is.
bool EqualsSecret(absl::string_view given, absl::string_view secret);

}  // namespace orrery::signing

#endif  // SIGNING_HMAC_H_
