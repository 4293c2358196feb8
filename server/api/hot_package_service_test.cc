#include "server/api/hot_package_service.h"

#include <atomic>
#include <memory>

#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace orrery::server {
namespace {

using registry::v1::GetPackageRequest;
using registry::v1::GetPackageResponse;
using registry::v1::GetReleaseRequest;
using registry::v1::GetReleaseResponse;
using registry::v1::PackageService;
using registry::v1::SearchPackagesRequest;
using registry::v1::SearchPackagesResponse;

// Counts its calls; the version of a package is the number of the call.
class CountingPackages : public PackageService::Service {
 public:
  grpc::Status GetPackage(grpc::ServerContext*,
                          const GetPackageRequest* request,
                          GetPackageResponse* response) override {
    ++calls;
    if (request->package() == "nothing") {
      return {grpc::StatusCode::NOT_FOUND, "no package", "details"};
    }
    response->mutable_release()->set_name(request->package());
    response->mutable_release()->set_version(std::to_string(calls));
    return grpc::Status::OK;
  }
  grpc::Status GetRelease(grpc::ServerContext*,
                          const GetReleaseRequest* request,
                          GetReleaseResponse* response) override {
    response->mutable_release()->set_release(request->release());
    return grpc::Status::OK;
  }
  grpc::Status SearchPackages(grpc::ServerContext*,
                              const SearchPackagesRequest* request,
                              SearchPackagesResponse* response) override {
    response->add_packages()->set_name(request->query());
    return grpc::Status::OK;
  }

  std::atomic<int> calls = 0;
};

class HotPackageServiceTest : public ::testing::Test {
 protected:
  HotPackageServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = PackageService::NewStub(server_->InProcessChannel({}));
  }
  ~HotPackageServiceTest() override { server_->Shutdown(); }

  grpc::Status Get(const std::string& name) {
    grpc::ClientContext context;
    GetPackageRequest request;
    request.set_package(name);
    return stub_->GetPackage(&context, request, &response_);
  }

  std::atomic<uint64_t> of_kafka_ = 1;
  CountingPackages inner_;
  HotPackageService service_{&inner_,
                             {.epoch_of = [this](absl::string_view package) {
                               return package == "kafka" ? of_kafka_.load() : 0;
                             }}};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<PackageService::Stub> stub_;
  GetPackageResponse response_;
};

TEST_F(HotPackageServiceTest, AnAnswerIsMadeOnceAChangeOfItsPackage) {
  for (const char* wanted : {"1", "1"}) {
    ASSERT_TRUE(Get("kafka").ok());
    EXPECT_EQ(response_.release().name(), "kafka");
    EXPECT_EQ(response_.release().version(), wanted);
  }
  ASSERT_TRUE(Get("spark").ok());
  EXPECT_EQ(response_.release().name(), "spark");
  of_kafka_ = 2;
  ASSERT_TRUE(Get("kafka").ok());
  EXPECT_EQ(response_.release().version(), "3");
}

TEST_F(HotPackageServiceTest, FailuresArriveWithTheirDetailsAndAreNotKept) {
  for (int i = 1; i <= 2; ++i) {
    const grpc::Status status = Get("nothing");
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(status.error_message(), "no package");
    EXPECT_EQ(status.error_details(), "details");
    EXPECT_EQ(inner_.calls, i);
  }
}

TEST_F(HotPackageServiceTest, MethodsDoNotShareAnswers) {
  grpc::ClientContext context;
  GetReleaseRequest request;
  request.set_package("kafka");
  request.set_release(7);
  GetReleaseResponse response;
  ASSERT_TRUE(Get("kafka").ok());
  ASSERT_TRUE(stub_->GetRelease(&context, request, &response).ok());
  EXPECT_EQ(response.release().release(), 7);
}

TEST_F(HotPackageServiceTest, OtherMethodsAreServedAsTheyAre) {
  grpc::ClientContext context;
  SearchPackagesRequest request;
  request.set_query("kafka");
  SearchPackagesResponse response;
  ASSERT_TRUE(stub_->SearchPackages(&context, request, &response).ok());
  EXPECT_EQ(response.packages(0).name(), "kafka");
}

}  // namespace
}  // namespace orrery::server
