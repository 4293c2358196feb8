#include "registry/api/source_service.h"

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "registry/status/grpc_status.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;

class SourceServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = absl::StrCat(
        ::testing::TempDir(), "source_service",
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    git_ = std::make_unique<tests::GitFixture>(folder + "/git");
    store_ = *SqliteStateStore::Open(":memory:");
    Registry::Options options;
    options.data_dir = folder + "/data";
    options.durable = false;
    options.now = [] { return absl::FromUnixSeconds(1'600'000'000); };
    registry_ = *Registry::Open(options, store_.get());
    service_ = std::make_unique<SourceService>(registry_.get());
    server_ =
        grpc::ServerBuilder().RegisterService(service_.get()).BuildAndStart();
    stub_ = v1::SourceService::NewStub(
        server_->InProcessChannel(grpc::ChannelArguments()));
  }

  v1::CreateSourceRequest CreateRequest() {
    v1::CreateSourceRequest request;
    request.set_name("u");
    request.set_url(git_->path());
    return request;
  }
  v1::CreateSourceResponse Create() {
    grpc::ClientContext context;
    v1::CreateSourceResponse response;
    const grpc::Status status =
        stub_->CreateSource(&context, CreateRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status Sync(v1::SyncSourceResponse* response) {
    grpc::ClientContext context;
    v1::SyncSourceRequest request;
    request.set_source("u");
    return stub_->SyncSource(&context, request, response);
  }

  std::unique_ptr<tests::GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<SourceService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::SourceService::Stub> stub_;
};

TEST_F(SourceServiceTest, CreatedSourceSaysWhatItFollows) {
  git_->Commit("main", {{"README", {"x"}}});
  const v1::CreateSourceResponse created = Create();
  EXPECT_EQ(created.source().ref(), "refs/heads/main");
  EXPECT_EQ(created.source().subdir(), ".");
  EXPECT_EQ(created.source().priority(), 100);
  EXPECT_EQ(created.source().state(), v1::SOURCE_STATE_SYNCING);
  EXPECT_FALSE(created.source().has_commit());
  EXPECT_THAT(created.warnings(), ElementsAre("no repo/packages under ."));
}

TEST_F(SourceServiceTest, SyncedSourceIsReportedWhole) {
  const std::string commit =
      git_->Commit("main", {{"repo/packages/K/kafka/0/package.json", {"{"}}});
  Create();
  v1::SyncSourceResponse response;
  ASSERT_TRUE(Sync(&response).ok());
  const v1::Source& source = response.source();
  EXPECT_EQ(source.state(), v1::SOURCE_STATE_OK);
  EXPECT_EQ(source.commit(), commit);
  EXPECT_EQ(source.remote_commit(), commit);
  EXPECT_EQ(source.sync_time().seconds(), 1'600'000'000);
  EXPECT_EQ(source.last_success_time().seconds(), 1'600'000'000);
  EXPECT_EQ(source.last_change_time().seconds(), 1'600'000'000);
  EXPECT_GT(source.next_attempt_time().seconds(), 1'600'000'000);
  EXPECT_EQ(source.releases(), 0);
  ASSERT_EQ(source.refused_size(), 1);
  EXPECT_EQ(source.refused(0).rule(), "json-parse");
  EXPECT_EQ(source.refused(0).path(), "repo/packages/K/kafka/0/package.json");
  EXPECT_EQ(source.refused(0).line(), 1);
  EXPECT_EQ(source.error(), "every release is refused");
}

TEST_F(SourceServiceTest, FailedSyncCarriesItsReason) {
  git_->Commit("main", {{"README", {"x"}}});
  Create();
  git_->DeleteRef("refs/heads/main");
  v1::SyncSourceResponse response;
  const grpc::Status status = Sync(&response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(FromGrpcStatus(status)).reason, "REF_GONE");
}

TEST_F(SourceServiceTest, RemovedSourceIsListedNoMore) {
  git_->Commit("main", {{"README", {"x"}}});
  Create();
  v1::ListSourcesRequest list;
  v1::ListSourcesResponse listed;
  ASSERT_TRUE(service_->ListSources(nullptr, &list, &listed).ok());
  ASSERT_EQ(listed.sources_size(), 1);
  v1::DeleteSourceRequest request;
  request.set_source("u");
  v1::DeleteSourceResponse response;
  ASSERT_TRUE(service_->DeleteSource(nullptr, &request, &response).ok());
  listed.Clear();
  ASSERT_TRUE(service_->ListSources(nullptr, &list, &listed).ok());
  EXPECT_EQ(listed.sources_size(), 0);
}

TEST_F(SourceServiceTest, NotificationsAreRefused) {
  git_->Commit("main", {{"README", {"x"}}});
  Create();
  v1::NotifySourceRequest request;
  request.set_source("u");
  v1::NotifySourceResponse response;
  EXPECT_EQ(service_->NotifySource(nullptr, &request, &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace orrery::registry
