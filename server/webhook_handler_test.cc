#include "server/webhook_handler.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/http_message.h"

namespace orrery::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeSources : public registry::v1::SourceService::Service {
 public:
  grpc::Status NotifySource(grpc::ServerContext*,
                            const registry::v1::NotifySourceRequest* request,
                            registry::v1::NotifySourceResponse*) override {
    last = *request;
    return answer;
  }

  registry::v1::NotifySourceRequest last;
  grpc::Status answer;
};

class WebhookHandlerTest : public ::testing::Test {
 protected:
  WebhookHandlerTest() { AddWebhookRoute(&sources_, &table_); }

  HttpResponse Post(const HttpRequest& request) {
    auto found = table_.Find("POST", "/v1/sources/u:notify");
    return found.route->admit(request, found.variables).handle(request);
  }

  FakeSources sources_;
  RoutingTable table_{1000};
};

TEST_F(WebhookHandlerTest, BodyAndSignaturesArePassedOnAsTheyCame) {
  HttpRequest request;
  request.body = "no JSON \xff";
  request.query = "source=other&%zz";
  request.fields.Add("x-hub-signature-256", "sha256=aa");
  request.fields.Add("X-Hub-Signature-256", "sha256=bb");
  request.fields.Add("X-Gitlab-Token", "t");
  EXPECT_EQ(Post(request).status, 202);
  EXPECT_EQ(sources_.last.source(), "u");
  EXPECT_EQ(sources_.last.body(), "no JSON \xff");
  EXPECT_THAT(sources_.last.hub_signatures(),
              ElementsAre("sha256=aa", "sha256=bb"));
  EXPECT_THAT(sources_.last.gitea_signatures(), IsEmpty());
  EXPECT_THAT(sources_.last.gitlab_tokens(), ElementsAre("t"));
}

TEST_F(WebhookHandlerTest, RefusalsKeepTheirStatus) {
  sources_.answer = {grpc::StatusCode::PERMISSION_DENIED, "no secret"};
  EXPECT_EQ(Post(HttpRequest()).status, 403);
  sources_.answer = {grpc::StatusCode::UNAUTHENTICATED, "wrong"};
  EXPECT_EQ(Post(HttpRequest()).status, 401);
}

TEST_F(WebhookHandlerTest, BodyIsBoundedAndSyncsDoNotKeepItWaiting) {
  auto found = table_.Find("POST", "/v1/sources/u:notify");
  const Admission admission =
      found.route->admit(HttpRequest(), found.variables);
  EXPECT_EQ(admission.max_body_bytes, uint64_t{8} << 20);
  EXPECT_EQ(admission.lane, Lane::kRead);
}

}  // namespace
}  // namespace orrery::server
