#include "server/api/http_api.h"

#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::server {
namespace {

using ::testing::HasSubstr;

class HttpApiTest : public ::testing::Test {
 protected:
  HttpApiTest() {
    table_.AddPlain("GET", "/text", "", [this](const HttpRequest&) {
      return HttpResponse::Text(200, "application/json", text_);
    });
    table_.AddPlain("POST", "/text", "", [](const HttpRequest&) {
      return HttpResponse::Text(200, "application/json", "{}");
    });
    AddProbeRoutes(&readiness_, &metrics_, &table_);
  }

  HttpResponse Call(HttpRequest request) {
    HttpApi api(&table_, &guard_, &log_, &metrics_, {});
    if (request.fields.Count("Host") == 0) request.fields.Add("Host", "[::1]");
    const Admission admission = api.Admit(request);
    last_read_body_ = admission.read_body;
    return admission.handle(request);
  }

  static HttpRequest Get(const std::string& path) {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    return request;
  }
  HttpResponse GetWith(const std::string& name, const std::string& value) {
    HttpRequest request = Get("/text");
    request.fields.Add(name, value);
    return Call(request);
  }

  std::string text_ = "[" + std::string(2000, ' ') + "]";
  RoutingTable table_{1000};
  BrowserGuard guard_{{}};
  Log log_{{.descriptor = -1}};
  Metrics metrics_{"1", "c"};
  Readiness readiness_;
  bool last_read_body_ = false;
};

TEST_F(HttpApiTest, EachEncodingHasItsTag) {
  const HttpResponse plain = Call(Get("/text"));
  const HttpResponse zstd = GetWith("Accept-Encoding", "zstd");
  const HttpResponse gzip = GetWith("Accept-Encoding", "gzip");
  EXPECT_EQ(*plain.body, text_);
  EXPECT_EQ(plain.fields.Find("Content-Encoding"), std::nullopt);
  EXPECT_EQ(zstd.fields.Get("Content-Encoding"), "zstd");
  EXPECT_EQ(gzip.fields.Get("Content-Encoding"), "gzip");
  const std::string tag(plain.fields.Get("ETag"));
  const std::string stem = tag.substr(0, tag.size() - 1);
  EXPECT_EQ(zstd.fields.Get("ETag"), stem + "-zstd\"");
  EXPECT_EQ(gzip.fields.Get("ETag"), stem + "-gzip\"");
  for (const HttpResponse* response : {&plain, &zstd, &gzip}) {
    EXPECT_EQ(response->fields.Get("Vary"), "Accept-Encoding");
    EXPECT_EQ(response->fields.Get("Cache-Control"), "no-cache");
    EXPECT_EQ(response->fields.Get("X-Content-Type-Options"), "nosniff");
  }
}

TEST_F(HttpApiTest, AKnownTagIsNotModifiedUntilTheBytesChange) {
  const std::string tag(Call(Get("/text")).fields.Get("ETag"));
  const HttpResponse same = GetWith("If-None-Match", tag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, nullptr);
  EXPECT_EQ(same.fields.Get("ETag"), tag);
  EXPECT_EQ(same.fields.Get("Vary"), "Accept-Encoding");
  EXPECT_EQ(same.fields.Find("Content-Type"), std::nullopt);
  text_ += " ";
  EXPECT_EQ(GetWith("If-None-Match", tag).status, 200);
}

// A route of the snapshot, as clients see it through one HttpApi.
class HotHttpApiTest : public HttpApiTest {
 protected:
  HotHttpApiTest() {
    AddRoute("/hot", DecidedBy::kSnapshot);
    AddRoute("/hot/{package}", DecidedBy::kPackage);
    api_ = std::make_unique<HttpApi>(
        &table_, &guard_, &log_, &metrics_,
        HttpApi::Options{.epoch_of = [this](absl::string_view package) {
          return epochs_[std::string(package)];
        }});
  }

  void AddRoute(absl::string_view path, DecidedBy decided_by) {
    Route route{.verb = "GET", .path = PathTemplate(path), .summary = ""};
    route.decided_by = decided_by;
    route.admit = [this](const HttpRequest&, const PathTemplate::Variables&) {
      Admission admission;
      admission.lane = Lane::kRead;
      admission.handle = [this](const HttpRequest& request) {
        ++made_;
        return request.query == "bad"
                   ? HttpResponse::Text(404, "text/plain", "no")
                   : HttpResponse::Text(200, "application/json",
                                        request.query + text_);
      };
      return admission;
    };
    table_.Add(std::move(route));
  }

  HttpResponse Ask(const std::string& query, const std::string& name = "X-None",
                   const std::string& value = "", const char* method = "GET") {
    HttpRequest request = Get(path_);
    request.method = method;
    request.query = query;
    request.fields.Add("Host", "[::1]");
    request.fields.Add(name, value);
    const Admission admission = api_->Admit(request);
    lane_ = admission.lane;
    route_ = std::string(admission.route);
    return admission.handle(request);
  }

  std::string path_ = "/hot";
  std::map<std::string, uint64_t> epochs_;
  int made_ = 0;
  Lane lane_ = Lane::kWrite;
  std::string route_;
  std::unique_ptr<HttpApi> api_;
};

std::string BodyOf(const HttpResponse& response) {
  if (!response.file.has_value()) return *response.body;
  std::string bytes(response.file->length, '\0');
  EXPECT_EQ(pread(response.file->descriptor, bytes.data(), bytes.size(),
                  static_cast<off_t>(response.file->offset)),
            static_cast<ssize_t>(bytes.size()));
  return bytes;
}

TEST_F(HotHttpApiTest,
       KeptAnswersAreGivenWithoutAWorkerUntilTheSnapshotChanges) {
  const HttpResponse first = Ask("a");
  EXPECT_EQ(lane_, Lane::kRead);
  const HttpResponse second = Ask("a", "X-Request-Id", "mine", "HEAD");
  EXPECT_EQ(lane_, Lane::kInline);
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(BodyOf(second), BodyOf(first));
  EXPECT_EQ(second.fields.Get("ETag"), first.fields.Get("ETag"));
  EXPECT_EQ(second.fields.Get("X-Request-Id"), "mine");

  text_ += " ";
  ++epochs_[""];
  const HttpResponse changed =
      Ask("a", "If-None-Match", std::string(first.fields.Get("ETag")));
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(BodyOf(changed), "a" + text_);
  EXPECT_EQ(made_, 2);
}

TEST_F(HotHttpApiTest, AnAnswerOfAPackageIsKeptUntilThatPackageChanges) {
  path_ = "/hot/kafka";
  Ask("a");
  ++epochs_[""];
  ++epochs_["spark"];
  Ask("a");
  EXPECT_EQ(made_, 1);
  ++epochs_["kafka"];
  Ask("a");
  EXPECT_EQ(made_, 2);
}

TEST_F(HotHttpApiTest, QueriesAndEncodingsHaveAnswersOfTheirOwn) {
  EXPECT_EQ(BodyOf(Ask("a")), "a" + text_);
  EXPECT_EQ(BodyOf(Ask("b")), "b" + text_);
  for (int i = 0; i < 2; ++i) {
    const HttpResponse gzip = Ask("a", "Accept-Encoding", "gzip");
    EXPECT_EQ(gzip.fields.Get("Content-Encoding"), "gzip");
    EXPECT_NE(BodyOf(gzip), "a" + text_);
    EXPECT_EQ(Ask("a").fields.Find("Content-Encoding"), std::nullopt);
  }
  EXPECT_EQ(made_, 3);
}

TEST_F(HotHttpApiTest, KeptAnswersAreOfTheirRouteAndOfReadsOnly) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Ask("a").status, 200);
    EXPECT_EQ(route_, "/hot");
    EXPECT_EQ(Ask("a", "X-None", "", "PUT").status, 405);
    EXPECT_EQ(Ask("a", "Host", "[::1]").status, 400);
  }
}

TEST_F(HotHttpApiTest, KeptAnswersAre304ForTheirTag) {
  const std::string tag(Ask("a").fields.Get("ETag"));
  const HttpResponse same = Ask("a", "If-None-Match", tag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, nullptr);
  EXPECT_FALSE(same.file.has_value());
  EXPECT_EQ(same.fields.Get("ETag"), tag);
}

TEST_F(HotHttpApiTest, LargeAnswersComeFromAFile) {
  text_ = std::string(100000, 'x');
  EXPECT_EQ(BodyOf(Ask("a")), "a" + text_);
  const HttpResponse kept = Ask("a");
  ASSERT_TRUE(kept.file.has_value());
  EXPECT_EQ(BodyOf(kept), "a" + text_);
}

TEST_F(HotHttpApiTest, FailuresAreNotKept) {
  for (int i = 1; i <= 2; ++i) {
    EXPECT_EQ(Ask("bad").status, 404);
    EXPECT_EQ(made_, i);
  }
}

TEST_F(HttpApiTest, UnknownPathsNameTheNearest) {
  const HttpResponse response = Call(Get("/txet"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.fields.Get("Content-Type"), "application/problem+json");
  EXPECT_THAT(*response.body, HasSubstr("did you mean '/text'?"));
  EXPECT_FALSE(last_read_body_);
}

TEST_F(HttpApiTest, OtherVerbsAreRefusedWithAllow) {
  HttpRequest request = Get("/text");
  request.method = "PATCH";
  const HttpResponse response = Call(request);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.fields.Get("Allow"), "GET, HEAD, POST");
}

TEST_F(HttpApiTest, RefusalsComeBeforeTheBody) {
  HttpRequest request = Get("/text");
  request.method = "POST";
  EXPECT_EQ(Call(request).status, 415);
  EXPECT_FALSE(last_read_body_);
  request.fields.Add("Content-Type", "application/json");
  EXPECT_EQ(Call(request).status, 200);
  EXPECT_TRUE(last_read_body_);
  request.fields.Add("Host", "evil.example");
  EXPECT_EQ(Call(request).status, 421);
}

TEST_F(HttpApiTest, RequestIdsAreEchoedWhenHarmless) {
  EXPECT_EQ(GetWith("X-Request-Id", "abc-1.2_3").fields.Get("X-Request-Id"),
            "abc-1.2_3");
  for (const std::string& id :
       {std::string("a b"), std::string(65, 'a'), std::string("a\"")}) {
    const HttpResponse response = GetWith("X-Request-Id", id);
    EXPECT_NE(response.fields.Get("X-Request-Id"), id);
    EXPECT_NE(response.fields.Get("X-Request-Id"), "");
  }
}

TEST_F(HttpApiTest, ReadinessFollowsTheState) {
  EXPECT_EQ(Call(Get("/healthz")).status, 200);
  EXPECT_EQ(Call(Get("/readyz")).status, 503);
  readiness_.Set(Readiness::State::kReady);
  EXPECT_EQ(Call(Get("/readyz")).status, 200);
  readiness_.Set(Readiness::State::kDraining);
  EXPECT_EQ(Call(Get("/readyz")).status, 503);
}

TEST_F(HttpApiTest, RequestsAreMeasuredByTemplate) {
  HttpApi api(&table_, &guard_, &log_, &metrics_, {});
  HttpRequest request = Get("/nowhere");
  request.method = "BREW";
  api.Finished(
      request,
      {.route = "unmatched", .status = 404, .bytes = 0, .duration = {}});
  EXPECT_THAT(metrics_.Text(),
              HasSubstr("orrery_http_request_duration_seconds_count{code="
                        "\"404\",method=\"other\",route=\"unmatched\"} 1"));
}

}  // namespace
}  // namespace orrery::server
