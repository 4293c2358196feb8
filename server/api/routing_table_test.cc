#include "server/api/routing_table.h"

#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/v1/operation.pb.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "registry/status/grpc_status.h"
#include "server/api/registry_routes.h"

namespace orrery::server {
namespace {

using catalog::v1::WatchOperationRequest;
using catalog::v1::WatchOperationResponse;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakePackages : public registry::v1::PackageService::Service {
 public:
  grpc::Status GetRelease(grpc::ServerContext*,
                          const registry::v1::GetReleaseRequest* request,
                          registry::v1::GetReleaseResponse* response) override {
    if (request->package() == "kafak") {
      return registry::ToGrpcStatus(registry::WithReason(
          absl::NotFoundError("no package 'kafak'"), "PACKAGE_NOT_FOUND",
          {{registry::kDidYouMean, "kafka"}}));
    }
    response->mutable_release()->set_name(request->package());
    response->mutable_release()->set_release(request->release());
    response->mutable_release()->set_source(request->source());
    return grpc::Status::OK;
  }
};

class FakeSources : public registry::v1::SourceService::Service {
 public:
  grpc::Status SyncSource(grpc::ServerContext*,
                          const registry::v1::SyncSourceRequest* request,
                          registry::v1::SyncSourceResponse* response) override {
    response->mutable_source()->set_name(request->source());
    response->mutable_source()->set_hidden(request->accept_removals() ? 1 : 0);
    return grpc::Status::OK;
  }
};

class RoutingTableTest : public ::testing::Test {
 protected:
  RoutingTableTest() {
    AddRegistryRoutes(&packages_, &sources_, &artifacts_, {}, &table_);
  }

  HttpResponse Call(const std::string& method, const std::string& path,
                    const std::string& query = "",
                    const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.request_id = "r-1";
    auto found = table_.Find(method, path);
    EXPECT_NE(found.route, nullptr) << method << " " << path;
    return found.route->admit(request, found.variables).handle(request);
  }

  FakePackages packages_;
  FakeSources sources_;
  registry::v1::ArtifactService::Service artifacts_;
  RoutingTable table_{1000};
};

registry::JsonValue Json(const HttpResponse& response) {
  const auto document = registry::ParseJson(*response.body);
  EXPECT_TRUE(document.ok()) << *response.body;
  return document.ok() ? document->root : registry::JsonValue();
}

TEST_F(RoutingTableTest, EachPathLeadsToItsMethod) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"GET", "/v1/packages", "PackageService.ListPackages"},
      {"HEAD", "/v1/packages", "PackageService.ListPackages"},
      {"GET", "/v1/packages:search", "PackageService.SearchPackages"},
      {"GET", "/v1/packages/kafka", "PackageService.GetPackage"},
      {"GET", "/v1/packages/kafka/releases", "PackageService.ListReleases"},
      {"GET", "/v1/packages/kafka/releases/3", "PackageService.GetRelease"},
      {"GET", "/v1/sources", "SourceService.ListSources"},
      {"POST", "/v1/sources", "SourceService.CreateSource"},
      {"GET", "/v1/sources/u", "SourceService.GetSource"},
      {"DELETE", "/v1/sources/u", "SourceService.DeleteSource"},
      {"POST", "/v1/sources/u:sync", "SourceService.SyncSource"},
      {"POST", "/v1/sources/u:notify", "SourceService.NotifySource"},
      {"GET", "/v1/artifacts", "ArtifactService.ListArtifacts"},
      {"DELETE", "/v1/artifacts/sha256/ab", "ArtifactService.DeleteArtifact"}};
  for (const auto& [verb, path, rpc] : cases) {
    const auto found = table_.Find(verb, path);
    ASSERT_NE(found.route, nullptr) << verb << " " << path;
    EXPECT_EQ(found.route->rpc, std::string("orrery.registry.v1.") + rpc);
  }
}

TEST_F(RoutingTableTest, RegisteredMethodsExistWithTheirMessages) {
  for (const Route& route : table_.routes()) {
    const auto* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            route.rpc);
    ASSERT_NE(method, nullptr) << route.rpc;
    EXPECT_EQ(method->input_type(), route.request) << route.rpc;
    EXPECT_EQ(method->output_type(), route.response) << route.rpc;
    for (const std::string& variable : route.path.variables()) {
      EXPECT_NE(route.request->FindFieldByName(variable), nullptr)
          << route.path.text();
    }
  }
}

TEST_F(RoutingTableTest, OtherVerbsAreListed) {
  EXPECT_EQ(table_.Find("PUT", "/v1/sources/u").allow, "DELETE, GET, HEAD");
  EXPECT_EQ(table_.Find("GET", "/v1/nothing").allow, "");
}

TEST_F(RoutingTableTest, NearestPathForgivesTypos) {
  EXPECT_EQ(table_.NearestPath("/v1/pacakges"), "/v1/packages");
  EXPECT_EQ(table_.NearestPath("/v1/packages/kafka/release/3"),
            "/v1/packages/{package}/releases/{release}");
  EXPECT_EQ(table_.NearestPath("/v1/package:search"), "/v1/packages:search");
  EXPECT_EQ(table_.NearestPath("/favicon.ico"), "");
}

TEST_F(RoutingTableTest, PathAndQueryFillTheRequestAndTheFieldIsTheAnswer) {
  const HttpResponse response =
      Call("GET", "/v1/packages/a%20b/releases/7", "source=x+y%2B");
  EXPECT_EQ(response.status, 200);
  const registry::JsonValue json = Json(response);
  EXPECT_EQ(json.FindString("name"), "a b");
  EXPECT_EQ(json.Find("release")->text(), "7");
  EXPECT_EQ(json.FindString("source"), "x y+");
}

TEST_F(RoutingTableTest, BadParametersAreFaultsOfTheRequest) {
  const HttpResponse response =
      Call("GET", "/v1/packages/kafka/releases/x", "sorce=u");
  EXPECT_EQ(response.status, 400);
  const registry::JsonValue json = Json(response);
  EXPECT_EQ(json.FindString("reason"), "INVALID_REQUEST");
  EXPECT_EQ(json.FindString("detail"),
            "sorce: unknown parameter 'sorce', did you mean 'source'?; "
            "release: must be an integer, found 'x'");
  EXPECT_EQ(json.Find("errors")->items().size(), 2U);
  EXPECT_EQ(Call("GET", "/v1/packages/kafka/releases/1", "source=%zz").status,
            400);
}

TEST_F(RoutingTableTest, AFailureOfTheMethodIsAProblem) {
  const HttpResponse response = Call("GET", "/v1/packages/kafak/releases/1");
  EXPECT_EQ(response.status, 404);
  const registry::JsonValue json = Json(response);
  EXPECT_EQ(json.FindString("reason"), "PACKAGE_NOT_FOUND");
  EXPECT_EQ(json.Find("metadata")->FindString("did_you_mean"), "kafka");
  EXPECT_EQ(json.FindString("instance"), "/v1/packages/kafak/releases/1");
  EXPECT_EQ(json.FindString("request_id"), "r-1");
}

TEST_F(RoutingTableTest, BodyFillsTheRequestBesideThePath) {
  const registry::JsonValue json = Json(
      Call("POST", "/v1/sources/u:sync", "", R"({"accept_removals":true})"));
  EXPECT_EQ(json.FindString("name"), "u");
  EXPECT_EQ(json.Find("hidden")->text(), "1");
  EXPECT_EQ(Call("POST", "/v1/sources/u:sync").status, 200);
  EXPECT_EQ(
      Call("POST", "/v1/sources/u:sync", "", R"({"source":"other"})").status,
      400);
}

TEST_F(RoutingTableTest, ReadsTakeNoBodyAndWaitForNoWrite) {
  const auto admit = [this](const char* verb, const char* path) {
    auto found = table_.Find(verb, path);
    return found.route->admit(HttpRequest(), found.variables);
  };
  EXPECT_EQ(admit("GET", "/v1/sources").lane, Lane::kRead);
  EXPECT_EQ(admit("GET", "/v1/sources").max_body_bytes, 0U);
  EXPECT_EQ(admit("POST", "/v1/sources").lane, Lane::kWrite);
  EXPECT_EQ(admit("POST", "/v1/sources/u:sync").lane, Lane::kWait);
  EXPECT_EQ(admit("POST", "/v1/sources/u:sync").max_body_bytes, 1000U);
}

// Gives its batches one a poll, then `end`.
class FakeOperations : public catalog::MessageStream<WatchOperationResponse> {
 public:
  FakeOperations(int messages, absl::Status end)
      : left_(messages), end_(std::move(end)) {}
  absl::StatusOr<std::vector<WatchOperationResponse>> Poll() override {
    if (left_ == 0) return end_;
    --left_;
    WatchOperationResponse response;
    response.mutable_operation()->set_name("op");
    return std::vector<WatchOperationResponse>{response};
  }
  bool done() const override { return left_ == 0 && end_.ok(); }

 private:
  int left_;
  absl::Status end_;
};

HttpResponse Watch(absl::Status open, absl::Status end) {
  RoutingTable table(0);
  table.AddStream<WatchOperationRequest, WatchOperationResponse>(
      {.verb = "GET",
       .path = "/v1/operations/{operation}:watch",
       .rpc = "orrery.catalog.v1.OperationService.WatchOperation"},
      [&](const WatchOperationRequest&)
          -> absl::StatusOr<
              std::unique_ptr<catalog::MessageStream<WatchOperationResponse>>> {
        if (!open.ok()) return open;
        return std::make_unique<FakeOperations>(2, end);
      });
  HttpRequest request;
  auto found = table.Find("GET", "/v1/operations/op:watch");
  return found.route->admit(request, found.variables).handle(request);
}

TEST(RoutingTableStreamTest, MessagesAreNumberedEventsUpToTheEnd) {
  HttpResponse response = Watch(absl::OkStatus(), absl::OkStatus());
  ASSERT_NE(response.events, nullptr);
  EXPECT_EQ(response.fields.Get("Content-Type"), "text/event-stream");
  EXPECT_THAT(
      response.events->Poll(),
      ::testing::StartsWith("id: 1\ndata: {\"operation\":{\"name\":\"op\","));
  EXPECT_FALSE(response.events->done());
  const std::string last = response.events->Poll();
  EXPECT_THAT(last, ::testing::StartsWith("id: 2\n"));
  EXPECT_THAT(last, ::testing::EndsWith("event: end\ndata: {}\n\n"));
  EXPECT_TRUE(response.events->done());
  EXPECT_EQ(response.events->Poll(), "");
}

TEST(RoutingTableStreamTest, AFailureOnTheWayIsAnErrorEvent) {
  HttpResponse response =
      Watch(absl::OkStatus(), absl::DataLossError("journal is damaged"));
  response.events->Poll();
  response.events->Poll();
  const std::string last = response.events->Poll();
  EXPECT_THAT(last, ::testing::StartsWith("event: error\ndata: {\"type\""));
  EXPECT_THAT(last, HasSubstr("\"code\":\"DATA_LOSS\""));
  EXPECT_TRUE(response.events->done());
}

TEST(RoutingTableStreamTest, AFailureAtTheStartIsAnOrdinaryProblem) {
  const HttpResponse response =
      Watch(absl::NotFoundError("no operation"), absl::OkStatus());
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.events, nullptr);
}

TEST(FormatEventTest, LineBreaksOfDataBecomeLines) {
  EXPECT_EQ(FormatEvent("", "3", "{\r\n\"a\":\r1\n}"),
            "id: 3\ndata: {\ndata: \"a\":\ndata: 1\ndata: }\n\n");
}

}  // namespace
}  // namespace orrery::server
