// Entity tags (RFC 9110 §8.8.3) and the condition made of them.

#ifndef SERVER_HTTP_ENTITY_TAG_H_
#define SERVER_HTTP_ENTITY_TAG_H_

#include <string>

#include "absl/strings/string_view.h"

#include "server/http/content_coding.h"

namespace orrery::server {

// The strong tag of a representation, with its quotes: the SHA-256 of the
// bytes before compression, and the coding, since two encodings of the same
// bytes are two representations.
std::string EntityTag(absl::string_view bytes, ContentCoding coding);

// Whether an If-None-Match field names `tag` (weak comparison, §13.1.2).
bool MatchesAnyWeakly(absl::string_view field, absl::string_view tag);

}  // namespace orrery::server

#endif  // SERVER_HTTP_ENTITY_TAG_H_
