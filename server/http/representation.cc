#include "server/http/representation.h"

#include <utility>

#include "server/http/entity_tag.h"

namespace orrery::server {
namespace {

// Of an answer, about.
constexpr size_t kFields = 12;
constexpr size_t kFieldBytes = 512;

}  // namespace

Representation Represent(absl::string_view content_type,
                         absl::string_view caching,
                         std::shared_ptr<const std::string> body,
                         ContentCoding wanted) {
  Representation result;
  if (IsCompressible(content_type, body->size())) result.coding = wanted;
  result.tag = EntityTag(*body, result.coding);
  result.body_fields.Add("Content-Type", content_type);
  if (result.coding != ContentCoding::kIdentity) {
    result.body_fields.Add("Content-Encoding", CodingName(result.coding));
    body = std::make_shared<const std::string>(Compress(result.coding, *body));
  }
  result.body = std::move(body);
  result.fields.Add("ETag", result.tag);
  result.fields.Add("Cache-Control", caching.empty() ? "no-cache" : caching);
  result.fields.Add("Vary", "Accept-Encoding");
  return result;
}

HttpResponse RepresentationResponse(const HttpRequest& request,
                                    const Representation& representation) {
  HttpResponse response;
  response.fields.Reserve(kFields, kFieldBytes);
  // A 304 says what the 200 would, without the body (RFC 9110 §15.4.5).
  if (MatchesAnyWeakly(request.fields.Get("If-None-Match"),
                       representation.tag)) {
    response.status = 304;
  } else {
    response.fields.AddAll(representation.body_fields);
    response.body = representation.body;
    response.file = representation.file;
  }
  response.fields.AddAll(representation.fields);
  return response;
}

}  // namespace orrery::server
