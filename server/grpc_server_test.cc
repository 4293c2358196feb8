#include "server/grpc_server.h"

#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "gtest/gtest.h"

#include "registry/v1/artifact.grpc.pb.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::server {
namespace {

using registry::v1::ArtifactService;
using registry::v1::ListArtifactsRequest;
using registry::v1::ListArtifactsResponse;
using ::testing::HasSubstr;

constexpr char kArtifactService[] = "orrery.registry.v1.ArtifactService";

class FakeArtifacts : public ArtifactService::Service {
 public:
  grpc::Status ListArtifacts(grpc::ServerContext*, const ListArtifactsRequest*,
                             ListArtifactsResponse* response) override {
    response->add_artifacts()->set_sha256("ab");
    return grpc::Status::OK;
  }
};

class GrpcServerTest : public ::testing::Test {
 protected:
  GrpcServerTest() {
    auto server =
        GrpcServer::Start({.address = {"127.0.0.1", 0},
                           .services = {{kArtifactService, &artifacts_}}},
                          &metrics_);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(FormatListenAddress(server_->address()),
                                   grpc::InsecureChannelCredentials());
  }

  // grpc.health.v1.Health/Check, whose protos Debian does not ship: the bytes
  // of HealthCheckRequest{service} and of HealthCheckResponse{status}.
  std::string Health(const std::string& service) {
    const std::string request =
        service.empty()
            ? ""
            : std::string("\x0a") + static_cast<char>(service.size()) + service;
    grpc::Slice slice(request);
    grpc::ByteBuffer in(&slice, 1);
    grpc::ByteBuffer out;
    grpc::ClientContext context;
    grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                     grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::Status status =
        grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
            channel_.get(), method, &context, in, &out);
    if (!status.ok()) return status.error_message();
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(out.Dump(&slices).ok());
    const bool serving =
        !slices.empty() && slices[0].size() == 2 && slices[0].begin()[1] == 1;
    return serving ? "SERVING" : "NOT_SERVING";
  }

  FakeArtifacts artifacts_;
  Metrics metrics_{"1", "c"};
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(GrpcServerTest, CallsAreAnsweredAndCounted) {
  auto stub = ArtifactService::NewStub(channel_);
  grpc::ClientContext context;
  ListArtifactsResponse response;
  EXPECT_TRUE(stub->ListArtifacts(&context, {}, &response).ok());
  EXPECT_EQ(response.artifacts(0).sha256(), "ab");
  grpc::ClientContext second;
  registry::v1::DeleteArtifactResponse deleted;
  EXPECT_EQ(stub->DeleteArtifact(&second, {}, &deleted).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  server_->Drain(absl::Seconds(10));
  const std::string text = metrics_.Text();
  EXPECT_THAT(text, HasSubstr("grpc_code=\"OK\",grpc_method=\"ListArtifacts\","
                              "grpc_service=\"orrery.registry.v1."
                              "ArtifactService\"} 1"));
  EXPECT_THAT(text, HasSubstr("grpc_code=\"UNIMPLEMENTED\",grpc_method="
                              "\"DeleteArtifact\""));
}

TEST_F(GrpcServerTest, HealthIsServingOnlyWhenSaidSo) {
  EXPECT_EQ(Health(""), "NOT_SERVING");
  EXPECT_EQ(Health(kArtifactService), "NOT_SERVING");
  server_->SetServing(true);
  EXPECT_EQ(Health(""), "SERVING");
  EXPECT_EQ(Health(kArtifactService), "SERVING");
  server_->SetServing(false);
  EXPECT_EQ(Health(kArtifactService), "NOT_SERVING");
}

TEST_F(GrpcServerTest, ATakenPortIsNamed) {
  const auto second = GrpcServer::Start(
      {.address = server_->address(), .services = {}}, &metrics_);
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("127.0.0.1:")));
}

}  // namespace
}  // namespace orrery::server
