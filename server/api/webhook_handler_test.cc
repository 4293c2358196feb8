#include "server/api/webhook_handler.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/http/http_message.h"
#include "signing/hmac.h"

namespace orrery::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSecret[] = "secret";

std::string MacOf(absl::string_view body) {
  signing::HmacBuilder mac(kSecret);
  mac.Add(body);
  return mac.Finish().Hex();
}

class WebhookHandlerTest : public ::testing::Test {
 protected:
  WebhookHandlerTest() {
    AddWebhookRoute({.begin = [this](const std::string& source,
                                     registry::WebhookFields fields)
                         -> absl::StatusOr<registry::WebhookDelivery> {
                       begun_.push_back(source);
                       fields_ = fields;
                       if (!refusal_.ok()) return refusal_;
                       return registry::WebhookDelivery::Begin(
                           std::move(fields), kSecret);
                     },
                     .end = [this](const std::string& source,
                                   registry::WebhookDelivery delivery)
                         -> absl::StatusOr<registry::v1::SourceOperation> {
                       ended_.push_back(source);
                       const absl::Status verified = delivery.Verify();
                       if (!verified.ok()) return verified;
                       registry::v1::SourceOperation operation;
                       operation.set_name("sources/u/operations/7");
                       return operation;
                     }},
                    &table_);
  }

  Admission Admit(const HttpRequest& request) {
    auto found = table_.Find("POST", "/v1/sources/u:notify");
    return found.route->admit(request, found.variables);
  }

  // The body comes in these pieces, as long as they are wanted.
  int Post(const HttpRequest& request, const std::vector<std::string>& pieces) {
    const Admission admission = Admit(request);
    taken_ = 0;
    for (const std::string& piece : pieces) {
      if (!admission.take_body(piece)) break;
      ++taken_;
    }
    return admission.handle(request).status;
  }

  RoutingTable table_{1000};
  absl::Status refusal_;
  std::vector<std::string> begun_;
  std::vector<std::string> ended_;
  registry::WebhookFields fields_;
  int taken_ = 0;
};

TEST_F(WebhookHandlerTest, SignatureIsOfTheBytesAsTheyCame) {
  HttpRequest request;
  request.query = "source=other&%zz";
  request.fields.Add("x-hub-signature-256",
                     absl::StrCat("sha256=", MacOf("no JSON \xff")));
  EXPECT_EQ(Post(request, {"no JS", "ON \xff"}), 202);
  EXPECT_EQ(Post(request, {"no JSON", "\xff"}), 401);
  EXPECT_THAT(ended_, ElementsAre("u", "u"));
}

TEST_F(WebhookHandlerTest, DeliveryWithoutABodyHasASignatureToo) {
  HttpRequest request;
  request.fields.Add("X-Gitea-Signature", MacOf(""));
  EXPECT_EQ(Post(request, {}), 202);
}

TEST_F(WebhookHandlerTest, FieldsArePassedOnAsOftenAsTheyCame) {
  HttpRequest request;
  request.fields.Add("x-hub-signature-256", "sha256=aa");
  request.fields.Add("X-Hub-Signature-256", "sha256=bb");
  request.fields.Add("X-Gitlab-Token", "t");
  EXPECT_EQ(Post(request, {"x"}), 401);
  EXPECT_THAT(fields_.hub_signatures, ElementsAre("sha256=aa", "sha256=bb"));
  EXPECT_THAT(fields_.gitea_signatures, IsEmpty());
  EXPECT_THAT(fields_.gitlab_tokens, ElementsAre("t"));
}

TEST_F(WebhookHandlerTest, WhatIsRefusedByItsHeadIsNotReadToTheEnd) {
  refusal_ = absl::PermissionDeniedError("no secret");
  EXPECT_EQ(Post(HttpRequest(), {"a", "b"}), 403);
  EXPECT_EQ(taken_, 0);
  EXPECT_THAT(begun_, ElementsAre("u"));
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(WebhookHandlerTest, BodyIsBoundedAndSyncsDoNotKeepItWaiting) {
  const Admission admission = Admit(HttpRequest());
  EXPECT_EQ(admission.max_body_bytes, uint64_t{25} << 20);
  EXPECT_EQ(admission.lane, Lane::kRead);
}

}  // namespace
}  // namespace orrery::server
