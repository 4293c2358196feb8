// Bytes of a connection through what every request passes: the parser, the
// target, routing, the guard against browsers, query, body and bindings.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "boost/asio/buffer.hpp"
#include "boost/beast/http/error.hpp"

#include "registry/source/webhook.h"
#include "registry/v1/artifact.grpc.pb.h"
#include "registry/v1/package.grpc.pb.h"
#include "registry/v1/source.grpc.pb.h"
#include "server/api/http_api.h"
#include "server/api/registry_routes.h"
#include "server/api/routing_table.h"
#include "server/http/browser_guard.h"
#include "server/http/http_head.h"
#include "server/process/log.h"
#include "server/process/metrics.h"
#include "server/process/readiness.h"

namespace {

namespace http = boost::beast::http;
namespace registry = orrery::registry;
namespace server = orrery::server;
namespace v1 = orrery::registry::v1;

using server::internal::HttpParser;

constexpr size_t kMaxHeaderBytes = 16 << 10;

// Everything between the socket and the services, which know nothing.
class Api {
 public:
  Api() {
    server::AddRegistryRoutes(
        &packages_, &sources_, &artifacts_,
        {.begin =
             [](const std::string&, registry::WebhookFields fields) {
               return registry::WebhookDelivery::Begin(std::move(fields), "s");
             },
         .end =
             [](const std::string&, registry::WebhookDelivery delivery) {
               return delivery.Verify();
             }},
        &table_);
    server::AddProbeRoutes(&readiness_, &metrics_, &table_);
    api_ = std::make_unique<server::HttpApi>(&table_, &guard_, &log_, &metrics_,
                                             server::HttpApi::Options{});
  }

  void Serve(server::HttpRequest request) {
    const server::Admission admission = api_->Admit(request);
    if (request.request_id.empty()) std::abort();
    if (request.body.size() > admission.max_body_bytes) return;
    if (admission.take_body) {
      admission.take_body(request.body);
      request.body.clear();
    }
    const server::HttpResponse response = admission.handle(request);
    if (response.status < 200 || response.status > 599) std::abort();
    if (response.fields.Count("X-Request-Id") != 1) std::abort();
    api_->Finished(request, {.route = admission.route,
                             .status = response.status,
                             .bytes = 0,
                             .duration = absl::ZeroDuration()});
    CheckHead(response);
  }

 private:
  // No value of a request can end a line of the response's head.
  static void CheckHead(const server::HttpResponse& response) {
    const std::string head = server::internal::FormatHead(response, {}, "now");
    size_t lines = 0;
    for (size_t at = 0; (at = head.find('\n', at)) != std::string::npos; ++at) {
      ++lines;
    }
    size_t fields = 0;
    fields += response.fields.List().size();
    // Status line, Date, the fields, the empty line.
    if (lines != fields + 3) std::abort();
  }

  v1::PackageService::Service packages_;
  v1::SourceService::Service sources_;
  v1::ArtifactService::Service artifacts_;
  server::RoutingTable table_{1 << 20};
  server::BrowserGuard guard_{{}};
  server::Log log_{{.descriptor = -1}};
  server::Metrics metrics_{"1", "fuzz"};
  server::Readiness readiness_;
  std::unique_ptr<server::HttpApi> api_;
};

// The body as HttpConnection reads it; false when it is malformed or cut off.
bool ReadBody(HttpParser* parser, absl::string_view* input, std::string* body) {
  std::string piece(4096, '\0');
  while (!parser->is_done()) {
    parser->get().body().data = piece.data();
    parser->get().body().size = piece.size();
    boost::system::error_code error;
    const size_t used = parser->put(
        boost::asio::const_buffer(input->data(), input->size()), error);
    input->remove_prefix(used);
    if (error && error != http::error::need_buffer) return false;
    const size_t got = piece.size() - parser->get().body().size;
    body->append(piece, 0, got);
    if (used == 0 && got == 0 && !parser->is_done()) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Api* const api = new Api;
  absl::string_view input(reinterpret_cast<const char*>(data), size);
  while (!input.empty()) {
    HttpParser parser;
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(boost::none);
    boost::system::error_code error;
    input.remove_prefix(parser.put(
        boost::asio::const_buffer(input.data(), input.size()), error));
    if (error || !parser.is_header_done()) return 0;
    server::HttpRequest request;
    if (server::internal::TakeHead(parser, &request).has_value()) return 0;
    if (request.path.empty() || request.path[0] != '/') std::abort();
    if (!ReadBody(&parser, &input, &request.body)) return 0;
    api->Serve(std::move(request));
  }
  return 0;
}
