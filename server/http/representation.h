// What a GET answers with 200: the bytes as they go out, and their tag.

#ifndef SERVER_HTTP_REPRESENTATION_H_
#define SERVER_HTTP_REPRESENTATION_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "server/http/content_coding.h"
#include "server/http/http_fields.h"
#include "server/http/http_message.h"

namespace orrery::server {

struct Representation {
  ContentCoding coding = ContentCoding::kIdentity;
  // Strong, with its quotes.
  std::string tag;
  // What an answer says of the body, and what it says also without one.
  HttpFields body_fields;
  HttpFields fields;
  // Compressed by `coding`. One of the two is set.
  std::shared_ptr<const std::string> body;
  std::optional<FileSlice> file;

  size_t size() const { return file.has_value() ? file->length : body->size(); }
};

// Compresses by `wanted` where that is worth the time. `caching` is what caches
// may do (Cache-Control); empty: ask again each time.
Representation Represent(absl::string_view content_type,
                         absl::string_view caching,
                         std::shared_ptr<const std::string> body,
                         ContentCoding wanted);

// 200, or 304 when the request has this representation already.
HttpResponse RepresentationResponse(const HttpRequest& request,
                                    const Representation& representation);

}  // namespace orrery::server

#endif  // SERVER_HTTP_REPRESENTATION_H_
