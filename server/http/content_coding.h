// Compression of responses (RFC 9110 §12.5.3): zstd and gzip.

#ifndef SERVER_HTTP_CONTENT_CODING_H_
#define SERVER_HTTP_CONTENT_CODING_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace orrery::server {

enum class ContentCoding : uint8_t { kIdentity, kGzip, kZstd };

// "gzip", "zstd"; empty for identity.
absl::string_view CodingName(ContentCoding coding);

// The coding that an Accept-Encoding field asks for: the one of greatest
// weight, among equals zstd before gzip before identity. What cannot be served
// (all codings refused) and what is malformed counts as identity.
ContentCoding ChooseCoding(absl::string_view accept_encoding);

// Whether compressing the bytes of this media type is worth the time.
bool IsCompressible(absl::string_view content_type, size_t size);

// Requires: `coding` is not identity.
std::string Compress(ContentCoding coding, absl::string_view bytes);

}  // namespace orrery::server

#endif  // SERVER_HTTP_CONTENT_CODING_H_
