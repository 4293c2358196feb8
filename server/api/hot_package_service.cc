#include "server/api/hot_package_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orrery::server {
namespace {

using registry::v1::PackageService;

absl::string_view View(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

bool Parse(absl::string_view bytes, google::protobuf::Message* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

grpc::ByteBuffer BufferOf(const grpc::Slice& slice) { return {&slice, 1}; }

}  // namespace

HotPackageService::HotPackageService(PackageService::Service* inner,
                                     Options options)
    : inner_(inner),
      hot_(std::move(options.epoch_of), options.max_bytes),
      workers_(options.threads, options.max_queued) {}

grpc::ServerUnaryReactor* HotPackageService::ListPackages(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return Answer(context, "ListPackages", *request,
                CallOf(&PackageService::Service::ListPackages), response);
}

grpc::ServerUnaryReactor* HotPackageService::GetPackage(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return Answer(context, "GetPackage", *request,
                CallOf(&PackageService::Service::GetPackage), response);
}

grpc::ServerUnaryReactor* HotPackageService::ListReleases(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return Answer(context, "ListReleases", *request,
                CallOf(&PackageService::Service::ListReleases), response);
}

grpc::ServerUnaryReactor* HotPackageService::GetRelease(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return Answer(context, "GetRelease", *request,
                CallOf(&PackageService::Service::GetRelease), response);
}

grpc::Status HotPackageService::ListDependents(
    grpc::ServerContext* context,
    const registry::v1::ListDependentsRequest* request,
    registry::v1::ListDependentsResponse* response) {
  return inner_->ListDependents(context, request, response);
}

grpc::Status HotPackageService::SearchPackages(
    grpc::ServerContext* context,
    const registry::v1::SearchPackagesRequest* request,
    registry::v1::SearchPackagesResponse* response) {
  return inner_->SearchPackages(context, request, response);
}

template <typename Request, typename Response>
HotPackageService::Call HotPackageService::CallOf(grpc::Status (
    PackageService::Service::*method)(grpc::ServerContext*, const Request*,
                                      Response*)) const {
  Call call;
  call.package_of = [](absl::string_view bytes) -> std::string {
    Request request;
    if constexpr (requires { request.package(); }) {
      if (Parse(bytes, &request)) return request.package();
    }
    return "";
  };
  call.answer = [inner = inner_, method](absl::string_view bytes,
                                         grpc::Slice* answer) {
    Request request;
    if (!Parse(bytes, &request)) {
      return grpc::Status(
          grpc::StatusCode::INVALID_ARGUMENT,
          absl::StrCat("the request is no ", request.GetTypeName()));
    }
    Response response;
    const grpc::Status status = (inner->*method)(nullptr, &request, &response);
    if (status.ok()) *answer = grpc::Slice(response.SerializeAsString());
    return status;
  };
  return call;
}

grpc::ServerUnaryReactor* HotPackageService::Answer(
    grpc::CallbackServerContext* context, absl::string_view method,
    const grpc::ByteBuffer& request, Call call, grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  grpc::Slice bytes;
  if (const grpc::Status status = request.DumpToSingleSlice(&bytes);
      !status.ok()) {
    reactor->Finish(status);
    return reactor;
  }
  std::string key = absl::StrCat(method, " ", View(bytes));
  if (const auto kept = hot_.Find(key)) {
    *response = BufferOf(*kept);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  // A reactor never waits.
  const bool accepted =
      workers_.Submit([this, reactor, response, key = std::move(key),
                       bytes = std::move(bytes), call = std::move(call)] {
        reactor->Finish(Make(key, View(bytes), call, response));
      });
  if (!accepted) {
    reactor->Finish({grpc::StatusCode::RESOURCE_EXHAUSTED,
                     "more calls wait than can be served, try again"});
  }
  return reactor;
}

grpc::Status HotPackageService::Make(const std::string& key,
                                     absl::string_view request,
                                     const Call& call,
                                     grpc::ByteBuffer* response) {
  grpc::Status status;
  const auto kept = hot_.FindOrMake(key, call.package_of(request), [&] {
    auto answer = std::make_shared<grpc::Slice>();
    status = call.answer(request, answer.get());
    return status.ok() ? std::shared_ptr<const grpc::Slice>(std::move(answer))
                       : nullptr;
  });
  if (kept != nullptr) *response = BufferOf(*kept);
  return status;
}

}  // namespace orrery::server
