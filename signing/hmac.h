#ifndef SIGNING_HMAC_H_
#define SIGNING_HMAC_H_

#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// HMAC-SHA256 (RFC 2104) of a message that comes piece by piece; its bytes, not
// their digest.
class HmacBuilder {
 public:
  explicit HmacBuilder(absl::string_view key);

  void Add(absl::string_view piece) { inner_.Add(piece); }
  // Ends the builder: nothing may be added afterwards.
  Digest Finish();

 private:
  DigestBuilder inner_;
  DigestBuilder outer_;
};

// Whether the bytes are the same, in a time that does not tell where they
// differ, nor how long `secret` is.
bool EqualsSecret(absl::string_view given, absl::string_view secret);

}  // namespace orrery::signing

#endif  // SIGNING_HMAC_H_
