#include "server/representation.h"

#include <utility>

#include "server/entity_tag.h"

namespace orrery::server {

Representation Represent(std::string content_type,
                         std::shared_ptr<const std::string> body,
                         ContentCoding wanted) {
  Representation result;
  if (IsCompressible(content_type, body->size())) result.coding = wanted;
  result.content_type = std::move(content_type);
  result.tag = EntityTag(*body, result.coding);
  result.body =
      result.coding == ContentCoding::kIdentity
          ? std::move(body)
          : std::make_shared<const std::string>(Compress(result.coding, *body));
  return result;
}

HttpResponse RepresentationResponse(const HttpRequest& request,
                                    const Representation& representation) {
  HttpResponse response;
  // A 304 says what the 200 would, without the body (RFC 9110 §15.4.5).
  if (MatchesAnyWeakly(request.fields.Get("If-None-Match"),
                       representation.tag)) {
    response.status = 304;
  } else {
    response.fields.Add("Content-Type", representation.content_type);
    if (representation.coding != ContentCoding::kIdentity) {
      response.fields.Add("Content-Encoding",
                          CodingName(representation.coding));
    }
    response.body = representation.body;
    response.file = representation.file;
  }
  response.fields.Add("ETag", representation.tag);
  response.fields.Add("Cache-Control", "no-cache");
  response.fields.Add("Vary", "Accept-Encoding");
  return response;
}

}  // namespace orrery::server
