// The one table of what HTTP serves: {verb, path, method of a service,
// bindings}. Requests become messages, messages become JSON; the same service
// objects answer gRPC.

#ifndef SERVER_API_ROUTING_TABLE_H_
#define SERVER_API_ROUTING_TABLE_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"

#include "catalog/api/message_stream.h"
#include "server/api/event_stream.h"
#include "server/api/path_template.h"
#include "server/http/http_handler.h"
#include "server/http/http_message.h"

namespace orrery::server {

// What alone decides the answers of a route: they are kept until it changes.
enum class DecidedBy : uint8_t {
  kMore,
  // What is served of one package, the variable `package` of the path.
  kPackage,
  // What is served of all.
  kSnapshot,
};

struct Route {
  std::string verb;
  PathTemplate path;
  // What it does, for the OpenAPI document.
  std::string summary;
  // Full name of the method; empty when the route is none.
  std::string rpc = {};
  // Null when the route is no method.
  const google::protobuf::Descriptor* request = nullptr;
  const google::protobuf::Descriptor* response = nullptr;
  // The field of the response that is the answer; null when all of it is.
  const google::protobuf::FieldDescriptor* answer_field = nullptr;
  bool is_stream = false;
  int success_status = 200;
  DecidedBy decided_by = DecidedBy::kMore;
  // Media type that a body must have; "*/*" is any, of which nothing is read.
  std::string body_type = "application/json";
  std::function<Admission(const HttpRequest&, PathTemplate::Variables)> admit =
      {};
};

// A method of a service at a path. Path variables, query parameters and the
// members of a JSON body fill the request's fields of those names.
struct RpcRoute {
  absl::string_view verb;
  absl::string_view path;
  // For example "orrery.registry.v1.PackageService.GetPackage".
  absl::string_view rpc;
  // Name of the field of the response that is answered alone, a message or a
  // document; or empty.
  absl::string_view answer_field = {};
  // Whether it waits for others, perhaps for minutes.
  bool waits = false;
  DecidedBy decided_by = DecidedBy::kMore;
};

class RoutingTable {
 public:
  // A method takes a null context when it is called from here.
  template <typename Service, typename Request, typename Response>
  using Method = grpc::Status (Service::*)(grpc::ServerContext*, const Request*,
                                           Response*);
  template <typename Request, typename Response>
  using OpenStream = std::function<absl::StatusOr<
      std::unique_ptr<catalog::MessageStream<Response>>>(const Request&)>;

  explicit RoutingTable(uint64_t max_body_bytes)
      : max_body_bytes_(max_body_bytes) {}
  RoutingTable(const RoutingTable&) = delete;
  RoutingTable& operator=(const RoutingTable&) = delete;

  // `service` must outlive the table. Requires: `rpc` is a method with these
  // messages, and the variables of the path are fields of its request.
  template <typename Service, typename Request, typename Response>
  void AddUnary(const RpcRoute& rpc, Service* service,
                Method<Service, Request, Response> method) {
    AddUnaryCall(rpc, Request::default_instance(), Response::default_instance(),
                 [service, method](const google::protobuf::Message& request,
                                   google::protobuf::Message* response) {
                   return (service->*method)(
                       nullptr, static_cast<const Request*>(&request),
                       static_cast<Response*>(response));
                 });
  }

  // A method that answers a stream, served as server-sent events.
  template <typename Request, typename Response>
  void AddStream(const RpcRoute& rpc, OpenStream<Request, Response> open) {
    AddStreamCall(
        rpc, Request::default_instance(), Response::default_instance(),
        [open = std::move(open)](const google::protobuf::Message& request)
            -> absl::StatusOr<std::unique_ptr<DocumentStream>> {
          auto messages = open(static_cast<const Request&>(request));
          if (!messages.ok()) return messages.status();
          return std::make_unique<MessageDocuments<Response>>(
              *std::move(messages));
        });
  }

  void Add(Route route) { routes_.push_back(std::move(route)); }

  // A route that is no method.
  void AddPlain(absl::string_view verb, absl::string_view path,
                absl::string_view summary,
                std::function<HttpResponse(const HttpRequest&)> handle,
                Lane lane = Lane::kInline);

  struct Lookup {
    // Null when nothing is there for that verb.
    const Route* route = nullptr;
    PathTemplate::Variables variables;
    // Verbs that the path knows, as an Allow field; empty when no route has the
    // path.
    std::string allow;
  };
  // HEAD is answered as GET.
  Lookup Find(absl::string_view verb, absl::string_view path) const;

  // The path template nearest to a path that is unknown, or empty.
  std::string NearestPath(absl::string_view path) const;

  const std::list<Route>& routes() const { return routes_; }

 private:
  using UnaryCall = std::function<grpc::Status(const google::protobuf::Message&,
                                               google::protobuf::Message*)>;
  using StreamCall =
      std::function<absl::StatusOr<std::unique_ptr<DocumentStream>>(
          const google::protobuf::Message&)>;
  // Makes the answer of a request whose message is filled.
  using Answer = std::function<HttpResponse(const HttpRequest&,
                                            const google::protobuf::Message&)>;

  Route RpcRouteOf(const RpcRoute& rpc,
                   const google::protobuf::Message& request,
                   const google::protobuf::Message& response) const;
  void AddAnswer(Route route, Lane lane,
                 const google::protobuf::Message& request, Answer answer);
  void AddUnaryCall(const RpcRoute& rpc,
                    const google::protobuf::Message& request,
                    const google::protobuf::Message& response, UnaryCall call);
  void AddStreamCall(const RpcRoute& rpc,
                     const google::protobuf::Message& request,
                     const google::protobuf::Message& response,
                     StreamCall call);

  uint64_t max_body_bytes_;
  // Routes stay where they are: others point to them.
  std::list<Route> routes_;
};

}  // namespace orrery::server

#endif  // SERVER_API_ROUTING_TABLE_H_
