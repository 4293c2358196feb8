#include "catalog/api/operation_service.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/v1/operation.grpc.pb.h"
#include "registry/status/error_details.h"
#include "registry/status/grpc_status.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/fake_orchestrator.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

// The service behind a channel inside this process.
class OperationServiceTest : public ::testing::Test {
 protected:
  OperationServiceTest() {
    auto cluster = std::make_unique<tests::FakeOrchestrator>();
    cluster_ = cluster.get();
    clusters_.Add("local", std::move(cluster));
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::OperationService::NewStub(server_->InProcessChannel({}));
  }
  ~OperationServiceTest() override { server_->Shutdown(); }

  // An installation of `greeter` that is under way.
  void Begin(const std::string& name) {
    Operation operation;
    operation.name = name;
    operation.cluster = "local";
    operation.service = "greeter";
    ServiceRecord record;
    record.cluster = "local";
    record.name = "greeter";
    record.operation = name;
    ASSERT_THAT(store_.Put(operation, record, 0), IsOk());
    runner_.Accept(operation);
    runner_.Tick();
  }

  std::unique_ptr<grpc::ClientReader<v1::WatchOperationResponse>> Watch(
      grpc::ClientContext* context, const std::string& name) {
    v1::WatchOperationRequest request;
    request.set_operation(name);
    return stub_->WatchOperation(context, request);
  }

  std::unique_ptr<registry::SqliteStateStore> state_ =
      *registry::SqliteStateStore::Open(":memory:");
  CatalogStore store_{state_.get()};
  Clusters clusters_;
  tests::FakeOrchestrator* cluster_;
  OperationRunner runner_{&store_, &clusters_, [] { return absl::UnixEpoch(); },
                          nullptr};
  OperationService service_{&store_, &runner_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::OperationService::Stub> stub_;
};

TEST_F(OperationServiceTest, WatchSendsEachChangeAndEndsWithTheOperation) {
  Begin("op-1");
  grpc::ClientContext context;
  const auto reader = Watch(&context, "op-1");
  v1::WatchOperationResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.operation().state(), v1::OPERATION_STATE_RUNNING);

  cluster_->apps["greeter"].state = AppState::kRunning;
  runner_.Tick();
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.operation().state(), v1::OPERATION_STATE_SUCCEEDED);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(OperationServiceTest, WatchOfAnUnknownOperationSaysWhy) {
  grpc::ClientContext context;
  const auto reader = Watch(&context, "nope");
  v1::WatchOperationResponse response;
  EXPECT_FALSE(reader->Read(&response));
  const absl::Status status = registry::FromGrpcStatus(reader->Finish());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(registry::ReasonOf(status).reason, "OPERATION_NOT_FOUND");
}

TEST_F(OperationServiceTest, WatchEndsWhenTheOperationIsAborted) {
  Begin("op-1");
  grpc::ClientContext watch_context;
  const auto reader = Watch(&watch_context, "op-1");
  v1::WatchOperationResponse event;
  ASSERT_TRUE(reader->Read(&event));

  grpc::ClientContext context;
  v1::AbortOperationRequest request;
  v1::AbortOperationResponse response;
  request.set_operation("op-1");
  ASSERT_TRUE(stub_->AbortOperation(&context, request, &response).ok());
  EXPECT_EQ(response.operation().error().reason(), "OPERATION_ABORTED");
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.operation().state(), v1::OPERATION_STATE_FAILED);
  EXPECT_FALSE(reader->Read(&event));
}

TEST_F(OperationServiceTest, WatcherThatLeavesDoesNotHoldTheServer) {
  Begin("op-1");
  grpc::ClientContext context;
  const auto reader = Watch(&context, "op-1");
  v1::WatchOperationResponse response;
  ASSERT_TRUE(reader->Read(&response));
  context.TryCancel();
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // Returns only when every call is over.
  server_->Shutdown();
  server_->Wait();
  EXPECT_TRUE(runner_.Get("op-1")->running());
}

TEST_F(OperationServiceTest, PagesGoOnBehindTheLastWhateverBeginsMeanwhile) {
  const auto put = [this](const std::string& name, int minute) {
    Operation operation;
    operation.name = name;
    operation.cluster = "local";
    operation.service = name;
    operation.create_time = absl::UnixEpoch() + absl::Minutes(minute);
    ASSERT_THAT(store_.PutOperation(operation), IsOk());
  };
  for (const int minute : {1, 2, 3}) put(absl::StrCat("op-", minute), minute);
  v1::ListOperationsRequest request;
  request.set_page_size(2);
  v1::ListOperationsResponse response;
  ASSERT_TRUE(service_.ListOperations(nullptr, &request, &response).ok());
  ASSERT_EQ(response.operations_size(), 2);
  EXPECT_EQ(response.operations(0).name(), "op-3");
  EXPECT_EQ(response.operations(1).name(), "op-2");
  put("op-4", 4);
  request.set_page_token(response.next_page_token());
  response.Clear();
  ASSERT_TRUE(service_.ListOperations(nullptr, &request, &response).ok());
  ASSERT_EQ(response.operations_size(), 1);
  EXPECT_EQ(response.operations(0).name(), "op-1");
  EXPECT_FALSE(response.has_next_page_token());

  request.set_page_token("of another list");
  EXPECT_EQ(service_.ListOperations(nullptr, &request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(OperationServiceTest, ListShowsWhatARunningOperationWaitsFor) {
  Begin("op-1");
  cluster_->apps["greeter"].waiting_for = {"instance 0: first health check"};
  runner_.Tick();
  v1::ListOperationsRequest request;
  v1::ListOperationsResponse response;
  ASSERT_TRUE(service_.ListOperations(nullptr, &request, &response).ok());
  ASSERT_EQ(response.operations_size(), 1);
  EXPECT_EQ(response.operations(0).waiting_for(0),
            "instance 0: first health check");
  EXPECT_FALSE(response.has_next_page_token());
}

}  // namespace
}  // namespace orrery::catalog
