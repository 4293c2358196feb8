#include "server/grpc_server.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/support/server_interceptor.h"

#include "server/http/problem.h"

namespace orrery::server {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

// Counts each call with the code that it ends with.
class HandledCounter : public Interceptor {
 public:
  HandledCounter(const ServerRpcInfo* info, Metrics* metrics)
      : method_(info->method()), metrics_(metrics) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      const absl::string_view path = absl::StripPrefix(method_, "/");
      const size_t slash = path.find('/');
      const auto code =
          static_cast<absl::StatusCode>(methods->GetSendStatus().error_code());
      metrics_->CountGrpc(path.substr(0, slash),
                          path.substr(std::min(slash + 1, path.size())),
                          CodeName(code));
    }
    methods->Proceed();
  }

 private:
  std::string method_;
  Metrics* metrics_;
};

class HandledCounterFactory
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit HandledCounterFactory(Metrics* metrics) : metrics_(metrics) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new HandledCounter(info, metrics_);
  }

 private:
  Metrics* metrics_;
};

void DeclareMethods(const std::string& service, Metrics* metrics) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          service);
  for (int i = 0; descriptor != nullptr && i < descriptor->method_count();
       ++i) {
    metrics->DeclareGrpcMethod(service, descriptor->method(i)->name());
  }
}

void SetLimits(const GrpcServerOptions& options, grpc::ServerBuilder* builder) {
  grpc::ResourceQuota quota("orreryd");
  quota.SetMaxThreads(options.max_threads);
  builder->SetResourceQuota(quota);
  builder->SetMaxReceiveMessageSize(options.max_message_bytes);
  builder->SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS,
                               1);
  // Two servers on one port would each get a part of the calls.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options, Metrics* metrics) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(options, &builder);
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(std::make_unique<HandledCounterFactory>(metrics));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  std::vector<std::string> names = {""};
  for (const NamedService& named : options.services) {
    builder.RegisterService(named.service);
    names.push_back(named.name);
    DeclareMethods(named.name, metrics);
  }
  int port = 0;
  builder.AddListeningPort(FormatListenAddress(options.address),
                           grpc::InsecureServerCredentials(), &port);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot listen on ", FormatListenAddress(options.address),
        " for gRPC: the address is not of this machine or another process "
        "listens there already"));
  }
  const ListenAddress address{options.address.host,
                              static_cast<uint16_t>(port)};
  auto result = std::unique_ptr<GrpcServer>(
      new GrpcServer(address, std::move(names), std::move(server)));
  result->SetServing(false);
  return result;
}

GrpcServer::GrpcServer(ListenAddress address, std::vector<std::string> names,
                       std::unique_ptr<grpc::Server> server)
    : address_(std::move(address)),
      names_(std::move(names)),
      server_(std::move(server)) {}

GrpcServer::~GrpcServer() { Drain(absl::ZeroDuration()); }

void GrpcServer::SetServing(bool serving) {
  for (const std::string& name : names_) {
    server_->GetHealthCheckService()->SetServingStatus(name, serving);
  }
}

void GrpcServer::Drain(absl::Duration limit) {
  SetServing(false);
  server_->Shutdown(absl::ToChronoTime(absl::Now() + limit));
}

}  // namespace orrery::server
