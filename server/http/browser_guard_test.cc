#include "server/http/browser_guard.h"

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

BrowserGuard Guard() {
  return BrowserGuard({.allowed_hosts = {"orrery.example"},
                       .allowed_origins = {"https://ci.example"}});
}

HttpRequest Request(const std::string& method, const std::string& host) {
  HttpRequest request;
  request.method = method;
  request.fields.Add("Host", host);
  return request;
}

int SenderStatus(const HttpRequest& request) {
  const auto problem = Guard().CheckSender(request);
  return problem.has_value() ? problem->status : 200;
}

TEST(BrowserGuardTest, HostMustBeLoopbackOrAllowed) {
  const std::pair<const char*, int> cases[] = {{"127.0.0.1:7070", 200},
                                               {"127.9.9.9", 200},
                                               {"localhost", 200},
                                               {"LOCALHOST:1", 200},
                                               {"x.localhost:1", 200},
                                               {"[::1]:7070", 200},
                                               {"[::1]", 200},
                                               {"orrery.example:80", 200},
                                               {"Orrery.Example", 200},
                                               {"evil.example", 421},
                                               {"evil.example:7070", 421},
                                               {"10.0.0.1:7070", 421},
                                               {"0.0.0.0:7070", 421},
                                               {"[::]:7070", 421},
                                               {"localhost.evil", 421},
                                               {"127.0.0.1.evil", 421},
                                               {"", 400},
                                               {"[::1", 400},
                                               {"[::1]x", 400},
                                               {"[::1]80", 400},
                                               {"localhost:x", 400},
                                               {"a b", 400},
                                               {"user@localhost", 400}};
  for (const auto& [host, status] : cases) {
    EXPECT_EQ(SenderStatus(Request("GET", host)), status) << host;
  }
}

TEST(BrowserGuardTest, OneHostFieldIsNeeded) {
  EXPECT_EQ(SenderStatus(HttpRequest{}), 400);
  HttpRequest twice = Request("GET", "localhost");
  twice.fields.Add("Host", "localhost");
  EXPECT_EQ(SenderStatus(twice), 400);
}

TEST(BrowserGuardTest, ForeignOriginsAreRefused) {
  const std::pair<const char*, int> cases[] = {{"http://localhost:7070", 200},
                                               {"https://ci.example", 200},
                                               {"http://localhost:8080", 403},
                                               {"http://localhost", 403},
                                               {"https://evil.example", 403},
                                               {"null", 403},
                                               {"", 403},
                                               {"http://127.0.0.1:7070", 403}};
  for (const auto& [origin, status] : cases) {
    for (const char* method : {"GET", "POST"}) {
      HttpRequest request = Request(method, "localhost:7070");
      request.fields.Add("Origin", origin);
      EXPECT_EQ(SenderStatus(request), status) << method << " " << origin;
    }
  }
}

TEST(BrowserGuardTest, WritesOfOtherSitesAreRefusedAlsoWithoutOrigin) {
  HttpRequest request = Request("POST", "localhost");
  request.fields.Add("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(SenderStatus(request), 403);
  request.method = "GET";
  EXPECT_EQ(SenderStatus(request), 200);
}

TEST(BrowserGuardTest, WritesNeedTheMediaTypeOfTheirRoute) {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"POST", "application/json", true},
      {"POST", "Application/JSON; charset=utf-8", true},
      {"POST", "text/plain", false},
      {"POST", "application/x-www-form-urlencoded", false},
      {"POST", "", false},
      {"PUT", "multipart/form-data", false},
      {"GET", "text/plain", true},
      {"DELETE", "", true}};
  for (const auto& [method, type, accepted] : cases) {
    HttpRequest request = Request(method, "localhost");
    if (*type != '\0') request.fields.Add("Content-Type", type);
    EXPECT_EQ(!Guard().CheckBodyType(request, "application/json").has_value(),
              accepted)
        << method << " " << type;
  }
}

TEST(BrowserGuardTest, ADeleteWithABodyNeedsItsMediaType) {
  HttpRequest request = Request("DELETE", "localhost");
  request.fields.Add("Content-Length", "2");
  EXPECT_TRUE(Guard().CheckBodyType(request, "application/json").has_value());
}

}  // namespace
}  // namespace orrery::server
